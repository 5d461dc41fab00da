internal import EbbFiles
internal import EbbTensors

/// Writes a file: superblock 2, then for each object its data and its header, members before their groups.
///
/// Groups list their members in their headers, which every version of the library since 1.8 reads, in any number.
struct HDF5Writer {
  private var bytes: [UInt8] = []
  /// The texts of all attributes, and where the heap with each begins.
  private var texts: [String] = []
  private var heaps: [Int] = []
  private let source: String

  private static let none = UInt64.max
  /// The texts of one heap, which are numbered with 16 bits.
  private static let textsInHeap = 4096
  /// The smallest heap that the library reads.
  private static let smallestHeap = 4096

  /// The bytes of a file, a function of only the tree.
  static func bytes(of root: HDF5Node, source: String) throws(FileError) -> [UInt8] {
    var writer = HDF5Writer(source: source)
    return try writer.file(root)
  }

  private init(source: String) { self.source = source }

  private mutating func file(_ root: HDF5Node) throws(FileError) -> [UInt8] {
    var start = HDF5Superblock.signature
    // Version, bytes of addresses and lengths, flags.
    start += [2, 8, 8, 0]
    let size = start.count + 4 * 8 + 4
    bytes = [UInt8](repeating: 0, count: size)
    collectTexts(root)
    writeHeaps()
    texts = []
    var next = 0
    let address = try write(root, &next)
    // The first address, no extension, the end, the root.
    for value in [0, Self.none, UInt64(bytes.count), UInt64(address)] { start.append(littleEndian: value) }
    start.append(littleEndian: HDF5Checksum.lookup3(start))
    bytes.replaceSubrange(0..<size, with: start)
    return bytes
  }

  private mutating func align() { bytes += [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8) }

  // MARK: Texts

  /// The texts in the order in which the objects are written.
  private mutating func collectTexts(_ node: HDF5Node) {
    for (_, member) in Self.sorted(node.members) { collectTexts(member) }
    texts += Self.sorted(node.attributes).flatMap(\.value.texts)
  }

  private static func sorted<Value>(_ members: [String: Value]) -> [(key: String, value: Value)] {
    members.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
  }

  private mutating func writeHeaps() {
    for start in stride(from: 0, to: texts.count, by: Self.textsInHeap) {
      align()
      heaps.append(bytes.count)
      var heap: [UInt8] = []
      for (index, text) in texts[start..<min(start + Self.textsInHeap, texts.count)].enumerated() {
        heap.append(littleEndian: UInt16(index + 1))
        // One reference.
        heap += [1, 0, 0, 0, 0, 0]
        heap.append(littleEndian: UInt64(text.utf8.count))
        heap += text.utf8
        heap += [UInt8](repeating: 0, count: (8 - text.utf8.count % 8) % 8)
      }
      // With its own beginning, and that of the free space.
      let size = max(Self.smallestHeap, 16 + heap.count + 16)
      bytes += Array("GCOL".utf8) + [1, 0, 0, 0]
      bytes.append(littleEndian: UInt64(size))
      bytes += heap
      let free = size - 16 - heap.count
      bytes += [UInt8](repeating: 0, count: 8)
      bytes.append(littleEndian: UInt64(free))
      bytes += [UInt8](repeating: 0, count: free - 16)
    }
  }

  // MARK: Objects

  /// Writes an object after its members, and returns the address of its header.
  ///
  /// - Parameter text: The number of the next attribute's text.
  private mutating func write(_ node: HDF5Node, _ text: inout Int) throws(FileError) -> Int {
    var messages: [UInt8] = []
    if let tensor = node.tensor {
      align()
      let address = bytes.count
      tensor.append(to: &bytes)
      messages = Self.dataset(tensor, at: address, size: bytes.count - address)
    } else {
      // No heap and no tree: all links are messages. Then the sizes of new groups, by default.
      var links: [UInt8] = []
      for (name, member) in Self.sorted(node.members) {
        let address = try write(member, &text)
        try add(6, Self.link(try counted(name), name, address), to: &links)
      }
      try add(2, [0, 0] + [UInt8](repeating: 255, count: 16), to: &messages)
      try add(10, [0, 0], to: &messages)
      messages += links
    }
    // No heap and no tree of attributes: without this, the library counts none.
    if !node.attributes.isEmpty { try add(21, [0, 0] + [UInt8](repeating: 255, count: 16), to: &messages) }
    for (name, value) in Self.sorted(node.attributes) {
      try add(12, attribute(try counted(name), name, value, text), to: &messages)
      text += value.texts.count
    }
    guard messages.count < Int(UInt32.max) else { throw FileError(source, "a group is too large for an HDF5 file") }
    align()
    let address = bytes.count
    // The size of the messages has 4 bytes.
    var header = Array("OHDR".utf8) + [2, 2]
    header.append(littleEndian: UInt32(messages.count))
    header += messages
    header.append(littleEndian: HDF5Checksum.lookup3(header))
    bytes += header
    return address
  }

  private func counted(_ name: String) throws(FileError) -> UInt16 {
    guard name.utf8.count <= 60_000, !name.contains("\0") else {
      throw FileError(source, "a name has more than 60,000 bytes, or a zero in it")
    }
    return UInt16(name.utf8.count)
  }

  private func add(_ kind: UInt8, _ body: [UInt8], to messages: inout [UInt8]) throws(FileError) {
    guard let size = UInt16(exactly: body.count) else {
      throw FileError(source, "a message has more than 65,535 bytes")
    }
    messages.append(kind)
    messages.append(littleEndian: size)
    messages.append(0)
    messages += body
  }

  /// A hard link, whose name is UTF-8 and has a length of 2 bytes.
  private static func link(_ count: UInt16, _ name: String, _ address: Int) -> [UInt8] {
    var body: [UInt8] = [1, 0x11, 1]
    body.append(littleEndian: count)
    body += name.utf8
    body.append(littleEndian: UInt64(address))
    return body
  }

  private static func dataset(_ tensor: Tensor, at address: Int, size: Int) -> [UInt8] {
    var shape: [UInt8] = [2, UInt8(tensor.dimensions.count), 0, tensor.dimensions.isEmpty ? 0 : 1]
    for length in tensor.dimensions { shape.append(littleEndian: UInt64(length)) }
    // In one piece.
    var layout: [UInt8] = [3, 1]
    layout.append(littleEndian: size == 0 ? none : UInt64(address))
    layout.append(littleEndian: UInt64(size))
    var messages: [UInt8] = []
    // A fill value that is not defined, to be written where it is.
    for (kind, body) in [(1, shape), (3, type(tensor.element)), (5, [3, 0x0A]), (8, layout)] as [(UInt8, [UInt8])] {
      messages.append(kind)
      messages.append(littleEndian: UInt16(body.count))
      messages.append(0)
      messages += body
    }
    return messages
  }

  private static func type(_ element: ElementType) -> [UInt8] {
    switch element {
    case .float32: float(size: 4, fields: [23, 8, 0, 23], bias: 127)
    case .float64: float(size: 8, fields: [52, 11, 0, 52], bias: 1023)
    case .int32: integer(size: 4, isSigned: true)
    // h5py's truth values: an enumeration of bytes, its names in 8 bytes each.
    case .bool:
      [0x18, 2, 0, 0, 1, 0, 0, 0] + integer(size: 1, isSigned: true) + Array("FALSE\0\0\0TRUE\0\0\0\0".utf8) + [0, 1]
    }
  }

  /// The flags: the lowest byte first, a leading 1 that is not stored; and the sign's place.
  private static func float(size: UInt8, fields: [UInt8], bias: UInt32) -> [UInt8] {
    var type: [UInt8] = [0x11, 0x20, 8 * size - 1, 0, size, 0, 0, 0, 0, 0, 8 * size, 0] + fields
    type.append(littleEndian: bias)
    return type
  }

  private static func integer(size: UInt8, isSigned: Bool) -> [UInt8] {
    [0x10, isSigned ? 8 : 0, 0, 0, size, 0, 0, 0, 0, 0, 8 * size, 0]
  }

  /// Texts in the global heap, in UTF-8: each one's length, its heap and its number there.
  private func attribute(
    _ count: UInt16, _ name: String, _ value: HDF5Node.Attribute, _ first: Int
  ) throws(FileError) -> [UInt8] {
    // A text of any length is a list of unsigned bytes.
    let type: [UInt8] = [0x19, 1, 1, 0, 16, 0, 0, 0] + Self.integer(size: 1, isSigned: false)
    var shape: [UInt8] = [2, value.isList ? 1 : 0, 0, value.isList ? 1 : 0]
    if value.isList { shape.append(littleEndian: UInt64(value.texts.count)) }
    var body: [UInt8] = [3, 0]
    body.append(littleEndian: count + 1)
    for part in [type, shape] { body.append(littleEndian: UInt16(part.count)) }
    body += [1] + Array(name.utf8) + [0] + type + shape
    for (number, text) in zip(first..., value.texts) {
      guard let length = UInt32(exactly: text.utf8.count) else {
        throw FileError(source, "the text of \(name) has 4 GiB or more")
      }
      body.append(littleEndian: length)
      body.append(littleEndian: UInt64(heaps[number / Self.textsInHeap]))
      body.append(littleEndian: UInt32(number % Self.textsInHeap + 1))
    }
    return body
  }
}
