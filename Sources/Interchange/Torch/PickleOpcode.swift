/// The instructions of Python's pickles, protocols 0 to 5, by their first bytes (`pickletools` in Python's library
/// documents each).
enum PickleOpcode: UInt8 {
  // The frame of a pickle.
  case proto = 0x80
  case frame = 0x95
  case stop = 0x2E  // .

  // The stack.
  case mark = 0x28  // (
  case pop = 0x30  // 0
  case popMark = 0x31  // 1
  case duplicate = 0x32  // 2

  // Constants and numbers.
  case none = 0x4E  // N
  case newTrue = 0x88
  case newFalse = 0x89
  case int = 0x49  // I, a line
  case long = 0x4C  // L, a line
  case float = 0x46  // F, a line
  case binInt = 0x4A  // J, 4 bytes, signed
  case binInt1 = 0x4B  // K, 1 byte
  case binInt2 = 0x4D  // M, 2 bytes
  case long1 = 0x8A  // a length of 1 byte
  case long4 = 0x8B  // a length of 4 bytes
  case binFloat = 0x47  // G, 8 bytes, big-endian

  // Texts and bytes: a line, or the bytes after a length of 1, 4 or 8 bytes.
  case string = 0x53  // S, a line
  case unicode = 0x56  // V, a line
  case binString = 0x54  // T
  case shortBinString = 0x55  // U
  case binUnicode = 0x58  // X
  case shortBinUnicode = 0x8C
  case binUnicode8 = 0x8D
  case binBytes = 0x42  // B
  case shortBinBytes = 0x43  // C
  case binBytes8 = 0x8E
  case byteArray8 = 0x96

  // Containers.
  case emptyList = 0x5D  // ]
  case emptyTuple = 0x29  // )
  case emptyDict = 0x7D  // }
  case emptySet = 0x8F
  case list = 0x6C  // l
  case tuple = 0x74  // t
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case dict = 0x64  // d
  case frozenSet = 0x91
  case append = 0x61  // a
  case appends = 0x65  // e
  case setItem = 0x73  // s
  case setItems = 0x75  // u
  case addItems = 0x90

  // The memo.
  case put = 0x70  // p, a line
  case binPut = 0x71  // q
  case longBinPut = 0x72  // r
  case memoize = 0x94
  case get = 0x67  // g, a line
  case binGet = 0x68  // h
  case longBinGet = 0x6A  // j

  // Names, and what they are called with.
  case global = 0x63  // c, two lines
  case stackGlobal = 0x93
  case reduce = 0x52  // R
  case build = 0x62  // b
  case inst = 0x69  // i, two lines
  case obj = 0x6F  // o
  case newObj = 0x81
  case newObjEx = 0x92
  case binPersID = 0x51  // Q

  // What torch.save never writes.
  case persID = 0x50  // P
  case ext1 = 0x82
  case ext2 = 0x83
  case ext4 = 0x84
  case nextBuffer = 0x97
  case readOnlyBuffer = 0x98
}
