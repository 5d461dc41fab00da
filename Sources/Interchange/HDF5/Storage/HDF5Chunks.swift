internal import EbbFiles
internal import Foundation

/// A stored piece of a dataset.
struct HDF5Chunk {
  /// Its number, counted row by row.
  var number: Int
  var address: Int
  /// Bytes as stored.
  var size: Int
  /// A bit for each filter that was left out.
  var mask: Int
}

/// The pieces of a dataset: a grid of equal ones, the last of which may extend beyond the dataset.
struct HDF5Grid {
  let dimensions: [Int]
  let lengths: [Int]
  /// The number of pieces in each dimension, and in all.
  let counts: [Int]
  let count: Int
  /// Bytes of an element, and of a piece.
  let elementSize: Int
  let chunkSize: Int

  init?(_ dimensions: [Int], _ lengths: [Int], elementSize: Int) {
    guard dimensions.count == lengths.count, !lengths.contains(where: { $0 < 1 }) else { return nil }
    (self.dimensions, self.lengths, self.elementSize) = (dimensions, lengths, elementSize)
    counts = zip(dimensions, lengths).map { ($0 + $1 - 1) / $1 }
    let (count, overflow) = HDF5Reader.product(counts)
    let (size, tooLarge) = HDF5Reader.product(lengths + [elementSize])
    guard !overflow, !tooLarge, size > 0 else { return nil }
    (self.count, chunkSize) = (count, size)
  }

  /// The first element of a piece.
  func origin(of number: Int) -> [Int] {
    var rest = number
    return zip(counts, lengths).reversed().map { count, length in
      defer { rest /= count }
      return rest % count * length
    }.reversed()
  }

  /// The number of the piece that begins there; nil if none does.
  func number(at origin: [Int]) -> Int? {
    var number = 0
    for ((place, length), count) in zip(zip(origin, lengths), counts) {
      guard place % length == 0, place / length < count else { return nil }
      number = number * count + place / length
    }
    return number
  }

  /// Copies a piece's elements within the dataset to their places.
  func copy(_ piece: [UInt8], _ number: Int, to bytes: inout [UInt8]) {
    let origin = origin(of: number)
    let inside = zip(zip(dimensions, origin), lengths).map { min($0.0 - $0.1, $1) }
    let row = (inside.last ?? 1) * elementSize
    // All rows of the piece, as an odometer over the other dimensions.
    var place = [Int](repeating: 0, count: max(inside.count - 1, 0))
    while true {
      var (from, to) = (0, 0)
      for axis in dimensions.indices {
        let offset = axis < place.count ? place[axis] : 0
        from = from * lengths[axis] + offset
        to = to * dimensions[axis] + origin[axis] + offset
      }
      bytes.replaceSubrange(
        to * elementSize..<to * elementSize + row, with: piece[from * elementSize..<from * elementSize + row])
      var axis = place.count - 1
      while axis >= 0 {
        place[axis] += 1
        if place[axis] < inside[axis] { break }
        place[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

extension HDF5Reader {
  /// The stored pieces of a dataset, in any order.
  mutating func chunks(
    _ index: HDF5ChunkIndex, _ grid: HDF5Grid, isFiltered: Bool, _ what: String
  ) throws(FileError) -> [HDF5Chunk] {
    switch index {
    case .tree(nil), .single(nil, _), .implicit(nil), .array(nil): return []
    case .tree(let address?): return try treeChunks(address, grid, what)
    case .single(let address?, let stored):
      return [HDF5Chunk(number: 0, address: address, size: stored?.size ?? grid.chunkSize, mask: stored?.mask ?? 0)]
    case .implicit(let address?):
      let (size, overflow) = grid.count.multipliedReportingOverflow(by: grid.chunkSize)
      guard !overflow else { throw FileError(file.source, "\(what): the shape \(grid.dimensions) is too large") }
      _ = try file.cursor(at: address, count: size, what)
      return (0..<grid.count).map {
        HDF5Chunk(number: $0, address: address + $0 * grid.chunkSize, size: grid.chunkSize, mask: 0)
      }
    case .array(let address?): return try arrayChunks(address, grid, isFiltered, what)
    }
  }

  /// A version 1 B-tree. Its keys have a piece's size, mask and first element.
  private mutating func treeChunks(_ root: Int, _ grid: HDF5Grid, _ what: String) throws(FileError) -> [HDF5Chunk] {
    var chunks: [HDF5Chunk] = []
    var pending = [(address: root, level: Int?.none)]
    while let (address, expected) = pending.popLast() {
      var cursor = try file.cursor(at: address, "the pieces of \(what)")
      try visit(address, cursor)
      let node = try treeNode(&cursor, kind: 1, expected)
      for _ in 0..<node.count {
        let size = try cursor.word()
        let mask = try cursor.word()
        var origin: [Int] = []
        for _ in 0..<grid.lengths.count { origin.append(try cursor.number(8)) }
        // That of the element's bytes, always 0.
        try cursor.skip(8)
        guard let child = try cursor.address() else { throw cursor.failure("a piece is nowhere") }
        if node.level > 0 {
          pending.append((child, node.level - 1))
          continue
        }
        guard let number = grid.number(at: origin) else {
          throw cursor.failure("a piece begins at \(origin), where none of \(grid.lengths) in \(grid.dimensions) does")
        }
        chunks.append(HDF5Chunk(number: number, address: child, size: size, mask: mask))
      }
    }
    return chunks
  }

  /// A fixed array: a header, and a block of entries, which is in pages if it is long.
  private mutating func arrayChunks(
    _ address: Int, _ grid: HDF5Grid, _ isFiltered: Bool, _ what: String
  ) throws(FileError) -> [HDF5Chunk] {
    var cursor = try file.cursor(at: address, "the pieces of \(what)")
    try visit(address, cursor)
    try cursor.expect("FAHD")
    _ = try cursor.expectVersion(0...0, of: "the array")
    try cursor.skip(1)
    let entrySize = try cursor.byte()
    let pageBits = try cursor.byte()
    let count = try cursor.length()
    let block = try cursor.address()
    try cursor.expectChecksum(from: address)
    let sizeBytes = entrySize - file.addressSize - 4
    guard count == grid.count, isFiltered ? (1...8).contains(sizeBytes) : entrySize == file.addressSize, pageBits < 32
    else { throw cursor.failure("\(count) entries of \(entrySize) bytes do not fit \(grid.count) pieces") }
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
      pages = try cursor.bytes(((count + pageLength - 1) / pageLength + 7) / 8)
      try cursor.expectChecksum(from: block)
    }
    var chunks: [HDF5Chunk] = []
    for start in stride(from: 0, to: count, by: isPaged ? pageLength : max(count, 1)) {
      let length = isPaged ? min(pageLength, count - start) : count
      let page = start / pageLength
      if let pages, pages[pages.startIndex + page / 8] >> UInt8(7 - page % 8) & 1 == 0 {
        try cursor.skip(length * entrySize + 4)
        continue
      }
      let first = cursor.position
      for number in start..<start + length {
        let place = try cursor.address()
        let size = isFiltered ? try cursor.number(sizeBytes) : grid.chunkSize
        let mask = isFiltered ? try cursor.word() : 0
        if let place { chunks.append(HDF5Chunk(number: number, address: place, size: size, mask: mask)) }
      }
      try cursor.expectChecksum(from: isPaged ? first : block)
    }
    return chunks
  }
}
