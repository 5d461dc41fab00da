internal import EbbFiles
internal import Foundation

/// How an index has the place of a piece: its address, and with filters its size in so many bytes and its mask.
struct HDF5ChunkEntry {
  /// Bytes of an entry.
  var size: Int
  var isFiltered: Bool

  /// Whether entries of this size can be.
  func fits(_ file: HDF5Bytes) -> Bool {
    isFiltered ? (file.addressSize + 5...file.addressSize + 12).contains(size) : size == file.addressSize
  }

  /// The next entry; nil if the piece was never written.
  func read(
    _ cursor: inout HDF5Cursor, _ grid: HDF5Grid
  ) throws(FileError) -> (address: Int, size: Int, mask: Int)? {
    let address = try cursor.address()
    let stored = isFiltered ? try cursor.number(size - cursor.file.addressSize - 4) : grid.chunkSize
    let mask = isFiltered ? try cursor.word() : 0
    return address.map { ($0, stored, mask) }
  }
}

extension HDF5Reader {
  /// Appends the pieces of a run of entries, the first of which has this index.
  private func append(
    _ count: Int, from index: Int, _ entry: HDF5ChunkEntry, _ grid: HDF5Grid, _ cursor: inout HDF5Cursor,
    to chunks: inout [HDF5Chunk]
  ) throws(FileError) {
    guard count <= cursor.remaining / entry.size else { throw cursor.failure("\(count) entries are cut off") }
    for place in 0..<count {
      guard let stored = try entry.read(&cursor, grid), let number = grid.number(listed: index + place) else {
        continue
      }
      chunks.append(HDF5Chunk(number: number, address: stored.address, size: stored.size, mask: stored.mask))
    }
  }

  /// The beginning of either array's header: its signature, its version, whose pieces they are, and the size of an entry.
  private mutating func arrayHeader(
    _ address: Int, _ signature: String, isFiltered: Bool, _ what: String
  ) throws(FileError) -> (HDF5Cursor, HDF5ChunkEntry) {
    var cursor = try file.cursor(at: address, "the pieces of \(what)")
    try visit(address, cursor)
    try cursor.expect(signature)
    _ = try cursor.expectVersion(0...0, of: "the array")
    try cursor.skip(1)
    let entry = HDF5ChunkEntry(size: try cursor.byte(), isFiltered: isFiltered)
    return (cursor, entry)
  }

  // MARK: Arrays of a fixed length

  /// A fixed array: a header, and a block of entries, which is in pages if it is long.
  mutating func arrayChunks(
    _ address: Int, _ grid: HDF5Grid, isFiltered: Bool, _ what: String
  ) throws(FileError) -> [HDF5Chunk] {
    var (cursor, entry) = try arrayHeader(address, "FAHD", isFiltered: isFiltered, what)
    let pageBits = try cursor.byte()
    let count = try cursor.length()
    let block = try cursor.address()
    try cursor.expectChecksum(from: address)
    guard count == grid.listed, entry.fits(file), pageBits < 32 else {
      throw cursor.failure("\(count) entries of \(entry.size) bytes do not fit pieces of \(grid.lengths)")
    }
    guard let block else { return [] }

    cursor = try file.cursor(at: block, "the pieces of \(what)")
    try visit(block, cursor)
    try cursor.expect("FADB")
    try cursor.skip(2)
    guard try cursor.address() == address else { throw cursor.failure("the array belongs to another one") }
    let pageLength = 1 << pageBits
    let isPaged = count > pageLength
    var pages: Data?
    if isPaged {
      // A bit for each page that was written, the highest first.
      pages = try cursor.bytes(((count - 1) / pageLength + 1 + 7) / 8)
      try cursor.expectChecksum(from: block)
    }
    var chunks: [HDF5Chunk] = []
    for start in stride(from: 0, to: count, by: isPaged ? pageLength : max(count, 1)) {
      let length = isPaged ? min(pageLength, count - start) : count
      if let pages, !pages.hasBit(start / pageLength) {
        try cursor.skip(length * entry.size + 4)
        continue
      }
      let first = cursor.position
      try append(length, from: start, entry, grid, &cursor, to: &chunks)
      try cursor.expectChecksum(from: isPaged ? first : block)
    }
    return chunks
  }

  // MARK: Arrays that grow

  /// An extensible array: a header, and an index block with the first entries and the addresses of blocks, which get
  /// longer.
  ///
  /// Super block k has 2^⌊k/2⌋ data blocks of m · 2^⌈k/2⌉ entries, with m those of the shortest one. The data blocks of the
  /// first ones are in the index block.
  mutating func growingChunks(
    _ address: Int, _ grid: HDF5Grid, isFiltered: Bool, _ what: String
  ) throws(FileError) -> [HDF5Chunk] {
    var (cursor, entry) = try arrayHeader(address, "EAHD", isFiltered: isFiltered, what)
    let (bits, ahead, shortest) = (try cursor.byte(), try cursor.byte(), try cursor.byte())
    let (fewest, pageBits) = (try cursor.byte(), try cursor.byte())
    // The numbers and sizes of blocks, and of the entries that were set or have room.
    for _ in 0..<6 { _ = try cursor.length() }
    let block = try cursor.address()
    try cursor.expectChecksum(from: address)
    guard entry.fits(file), (1...60).contains(bits), shortest.nonzeroBitCount == 1, fewest.nonzeroBitCount == 1,
      fewest > 1, pageBits < 32, shortest.trailingZeroBitCount < bits, grid.limits.count(where: { $0 == nil }) == 1
    else { throw cursor.failure("an array of these sizes fits no pieces of \(grid.lengths)") }
    guard let block else { return [] }

    cursor = try file.cursor(at: block, "the pieces of \(what)")
    try visit(block, cursor)
    try cursor.expect("EAIB")
    try cursor.skip(2)
    guard try cursor.address() == address else { throw cursor.failure("the array belongs to another one") }
    var array = GrowingArray(
      address: address, entry: entry, grid: grid, offsetBytes: (bits + 7) / 8, pageLength: 1 << pageBits,
      what: what)
    try append(ahead, from: 0, entry, grid, &cursor, to: &array.chunks)
    array.next = ahead
    let supers = bits - shortest.trailingZeroBitCount + 1
    for level in 0..<supers {
      let (blocks, length) = (1 << (level / 2), shortest << ((level + 1) / 2))
      if level < 2 * fewest.trailingZeroBitCount {
        for _ in 0..<blocks {
          let place = try cursor.address()
          try dataBlock(place, length, nil, &array)
        }
      } else {
        let place = try cursor.address()
        try superBlock(place, blocks, length, &array)
      }
    }
    try cursor.expectChecksum(from: block)
    return array.chunks
  }

  /// An array that is being read.
  private struct GrowingArray {
    let address: Int
    let entry: HDF5ChunkEntry
    let grid: HDF5Grid
    /// Bytes of an index within the array.
    let offsetBytes: Int
    /// Entries of a page; data blocks with more are in pages.
    let pageLength: Int
    let what: String
    /// The index of the next entry.
    var next = 0
    var chunks: [HDF5Chunk] = []
  }

  /// Begins a block of an array: signature, version, client, the array's address and the index of its first entry.
  private mutating func begin(
    _ address: Int, _ signature: String, _ array: GrowingArray
  ) throws(FileError) -> HDF5Cursor {
    var cursor = try file.cursor(at: address, "the pieces of \(array.what)")
    try visit(address, cursor)
    try cursor.expect(signature)
    try cursor.skip(2)
    guard try cursor.address() == array.address else { throw cursor.failure("the array belongs to another one") }
    try cursor.skip(array.offsetBytes)
    return cursor
  }

  /// - Parameter pages: Whether each page of the block was written; nil if it has none.
  private mutating func dataBlock(
    _ address: Int?, _ length: Int, _ pages: [Bool]?, _ array: inout GrowingArray
  ) throws(FileError) {
    defer { array.next += length }
    guard let address else { return }
    var cursor = try begin(address, "EADB", array)
    guard length > array.pageLength else {
      try append(length, from: array.next, array.entry, array.grid, &cursor, to: &array.chunks)
      try cursor.expectChecksum(from: address)
      return
    }
    try cursor.expectChecksum(from: address)
    guard let pages else { throw cursor.failure("a block of \(length) entries has no pages") }
    for (page, isWritten) in pages.enumerated() {
      guard isWritten else {
        try cursor.skip(array.pageLength * array.entry.size + 4)
        continue
      }
      let start = cursor.position
      try append(
        array.pageLength, from: array.next + page * array.pageLength, array.entry, array.grid, &cursor,
        to: &array.chunks)
      try cursor.expectChecksum(from: start)
    }
  }

  private mutating func superBlock(
    _ address: Int?, _ blocks: Int, _ length: Int, _ array: inout GrowingArray
  ) throws(FileError) {
    guard let address else {
      array.next += blocks * length
      return
    }
    var cursor = try begin(address, "EASB", array)
    let pages = length > array.pageLength ? length / array.pageLength : 0
    // Before anything is made of them: a file has no more addresses than bytes.
    guard blocks <= cursor.remaining / file.addressSize, blocks * ((pages + 7) / 8) <= cursor.remaining else {
      throw cursor.failure("\(blocks) blocks are cut off")
    }
    // Whole bytes for each block, and yet its bits follow those of the block before it.
    let written = try cursor.bytes(blocks * ((pages + 7) / 8))
    for block in 0..<blocks {
      let place = try cursor.address()
      let own = pages > 0 ? (0..<pages).map { written.hasBit(block * pages + $0) } : nil
      try dataBlock(place, length, own, &array)
    }
    try cursor.expectChecksum(from: address)
  }
}

extension Data {
  /// A bit, of which the first byte has the first eight, the highest first.
  fileprivate func hasBit(_ place: Int) -> Bool { self[startIndex + place / 8] >> UInt8(7 - place % 8) & 1 != 0 }
}
