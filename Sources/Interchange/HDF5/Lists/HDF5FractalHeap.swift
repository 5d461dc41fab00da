internal import EbbFiles

/// A heap of small objects, in blocks whose sizes double: the links or attributes of an object that has many.
///
/// Its addresses are those of one long space. The root is a direct block, or an indirect one: a table of blocks, `width`
/// in a row, where rows 0 and 1 have blocks of the starting size and each further row has blocks of twice the size of
/// the row before. Blocks beyond the largest direct size are tables themselves.
struct HDF5FractalHeap {
  var what: String
  var header: Int
  var idLength: Int
  var hasChecksums: Bool
  var largestObject: Int
  var width: Int
  var start: Int
  var largestDirect: Int
  /// Bits of an address in the heap's space.
  var bits: Int
  var root: Int?
  var rootRows: Int

  var offsetBytes: Int { (bits + 7) / 8 }
  var lengthBytes: Int {
    min((largestDirect.trailingZeroBitCount + 7) / 8, HDF5SearchTree.bytes(largestObject))
  }

  init(_ cursor: inout HDF5Cursor, _ address: Int, _ what: String) throws(FileError) {
    (self.what, header) = (what, address)
    try cursor.expect("FRHP")
    _ = try cursor.expectVersion(0...0, of: "the heap")
    idLength = try cursor.short()
    guard try cursor.short() == 0 else { throw cursor.failure("the heap is compressed, which is not read here") }
    hasChecksums = try cursor.byte() & 2 != 0
    largestObject = try cursor.word()
    // Huge objects, free space, and how much there is of everything.
    _ = try cursor.length()
    _ = try cursor.address()
    _ = try cursor.length()
    _ = try cursor.address()
    for _ in 0..<8 { _ = try cursor.length() }
    width = try cursor.short()
    start = try cursor.length()
    largestDirect = try cursor.length()
    bits = try cursor.short()
    // The rows with which the root began.
    try cursor.skip(2)
    root = try cursor.address()
    rootRows = try cursor.short()
    try cursor.expectChecksum(from: address)
    func isPower(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 && value <= 1 << 32 }
    guard isPower(width), isPower(start), isPower(largestDirect), start <= largestDirect, bits <= 62, bits > 0 else {
      throw cursor.failure(
        "a heap \(width) blocks wide, of \(start) to \(largestDirect) bytes and \(bits) bits; these are powers of two "
          + "and at most 62 bits")
    }
  }

  /// The row of a place in a table's space, where the row begins, and the size of its blocks.
  func row(of place: Int) -> (row: Int, start: Int, blockSize: Int) {
    let first = width * start
    guard place >= first else { return (0, 0, start) }
    let double = Int.bitWidth - 1 - (place / first).leadingZeroBitCount
    return (double + 1, first << double, start << double)
  }

  /// The number of rows of a table for this much space.
  func rows(of size: Int) -> Int {
    size.trailingZeroBitCount - (width * start).trailingZeroBitCount + 1
  }
}

extension HDF5Reader {
  func fractalHeap(_ address: Int, _ what: String) throws(FileError) -> HDF5FractalHeap {
    var cursor = try file.cursor(at: address, "the heap of \(what)")
    return try HDF5FractalHeap(&cursor, address, what)
  }

  /// The object that an identifier names: its place in the heap's space and its length. Nil if it is too large for a
  /// block and elsewhere.
  mutating func object(_ id: inout HDF5Cursor, in heap: HDF5FractalHeap) throws(FileError) -> HDF5Cursor? {
    let kind = try id.byte()
    guard kind >> 4 & 3 == 0 else { return nil }
    let place = try id.number(heap.offsetBytes)
    let length = try id.number(heap.lengthBytes)
    let block = try block(of: place, in: heap)
    guard place - block.start <= block.size, length <= block.size - (place - block.start) else {
      throw id.failure("an object of \(heap.what) goes beyond its block")
    }
    return try file.cursor(at: block.address + place - block.start, count: length, heap.what)
  }

  /// The direct block that has a place of the heap's space.
  private mutating func block(
    of place: Int, in heap: HDF5FractalHeap
  ) throws(FileError) -> (address: Int, size: Int, start: Int) {
    guard var address = heap.root else { throw FileError(file.source, "\(heap.what): the heap is empty") }
    var (rows, start) = (heap.rootRows, 0)
    var size = heap.start
    // Each table's blocks are smaller than its own space, so this ends.
    while rows > 0 {
      var cursor = try file.cursor(at: address, "the heap of \(heap.what)")
      try cursor.expect("FHIB")
      try cursor.skip(1 + file.addressSize + heap.offsetBytes)
      let row = heap.row(of: place - start)
      guard row.row < rows else { throw cursor.failure("the place \(place) is beyond the table's \(rows) rows") }
      let column = (place - start - row.start) / row.blockSize
      let entry = row.row * heap.width + column
      let (skipped, overflow) = entry.multipliedReportingOverflow(by: file.addressSize)
      guard !overflow else { throw cursor.failure("the place \(place) is too far") }
      try cursor.skip(skipped)
      guard let child = try cursor.address() else { throw cursor.failure("the block at \(place) is nowhere") }
      start += row.start + column * row.blockSize
      (address, size) = (child, row.blockSize)
      rows = row.blockSize > heap.largestDirect ? heap.rows(of: row.blockSize) : 0
    }
    try checkBlock(address, size, heap)
    return (address, size, start)
  }

  /// The checksum of a direct block is within it, and counted as zeros.
  private mutating func checkBlock(_ address: Int, _ size: Int, _ heap: HDF5FractalHeap) throws(FileError) {
    guard !soundBlocks.contains(address) else { return }
    let whole = try file.cursor(at: address, count: size, "the heap of \(heap.what)")
    try takeData(size, whole)
    var cursor = whole
    try cursor.expect("FHDB")
    try cursor.skip(1)
    guard try cursor.address() == heap.header else { throw cursor.failure("a block belongs to another heap") }
    try cursor.skip(heap.offsetBytes)
    if heap.hasChecksums {
      let place = cursor.position - address
      let sum = try cursor.bits(4)
      var copy = whole
      var bytes = Array(try copy.bytes(size))
      for offset in 0..<4 { bytes[place + offset] = 0 }
      guard sum == UInt64(HDF5Checksum.lookup3(bytes)) else {
        throw whole.failure("its checksum does not hold: damaged")
      }
    }
    soundBlocks.insert(address)
  }
}
