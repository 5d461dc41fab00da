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
  /// How many pieces there may be in each dimension; nil for any number.
  let limits: [Int?]
  /// Bytes of an element, and of a piece.
  let elementSize: Int
  let chunkSize: Int

  init?(_ dimensions: [Int], _ limits: [Int?], _ lengths: [Int], elementSize: Int) {
    guard dimensions.count == lengths.count, !lengths.contains(where: { $0 < 1 }) else { return nil }
    (self.dimensions, self.lengths, self.elementSize) = (dimensions, lengths, elementSize)
    counts = zip(dimensions, lengths).map { ($0 - 1) / $1 + 1 }
    self.limits = zip(limits, lengths).map { limit, length in limit.map { ($0 - 1) / length + 1 } }
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

  /// The number of the piece at a place of the grid; nil if none is there.
  func number(of place: [Int]) -> Int? {
    guard place.count == counts.count, zip(place, counts).allSatisfy({ (0..<$1).contains($0) }) else { return nil }
    return zip(place, counts).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The number of the piece that an index lists there; nil if it lies outside of the dataset.
  ///
  /// An index has a place for each piece that there may be, row by row; a dimension of any length comes first.
  func number(listed index: Int) -> Int? {
    var (rest, place) = (index, counts.map { _ in 0 })
    for (axis, limit) in limits.enumerated().reversed() {
      guard let limit else { continue }
      place[axis] = rest % limit
      rest /= limit
    }
    if let open = limits.firstIndex(of: nil) { place[open] = rest }
    return number(of: place)
  }

  /// How many pieces an index lists; nil if there may be any number, or too many.
  var listed: Int? {
    guard !limits.contains(nil) else { return nil }
    let (count, overflow) = HDF5Reader.product(limits.compactMap(\.self))
    return overflow ? nil : count
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
    case .tree(nil), .single(nil, _), .implicit(nil), .array(nil), .growing(nil), .search(nil): return []
    case .tree(let address?): return try treeChunks(address, grid, what)
    case .single(let address?, let stored):
      return [HDF5Chunk(number: 0, address: address, size: stored?.size ?? grid.chunkSize, mask: stored?.mask ?? 0)]
    case .implicit(let address?):
      let (size, overflow) = (grid.listed ?? Int.max).multipliedReportingOverflow(by: grid.chunkSize)
      guard !overflow else { throw FileError(file.source, "\(what): the shape \(grid.dimensions) is too large") }
      _ = try file.cursor(at: address, count: size, what)
      return (0..<(grid.listed ?? 0)).compactMap { index in
        grid.number(listed: index).map {
          HDF5Chunk(number: $0, address: address + index * grid.chunkSize, size: grid.chunkSize, mask: 0)
        }
      }
    case .array(let address?): return try arrayChunks(address, grid, isFiltered: isFiltered, what)
    case .growing(let address?): return try growingChunks(address, grid, isFiltered: isFiltered, what)
    case .search(let address?): return try searchChunks(address, grid, isFiltered: isFiltered, what)
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

  /// A version 2 B-tree. Its records have a piece's address, with filters its size and mask, and its place in the grid.
  private mutating func searchChunks(
    _ address: Int, _ grid: HDF5Grid, isFiltered: Bool, _ what: String
  ) throws(FileError) -> [HDF5Chunk] {
    var chunks: [HDF5Chunk] = []
    for var record in try records(address, of: "the pieces of \(what)") {
      let fixed = file.addressSize + 8 * grid.lengths.count
      let entry = HDF5ChunkEntry(size: record.remaining - 8 * grid.lengths.count, isFiltered: isFiltered)
      guard isFiltered ? (fixed + 5...fixed + 12).contains(record.remaining) : record.remaining == fixed else {
        throw record.failure("a record of \(record.remaining) bytes fits no piece of \(grid.lengths.count) dimensions")
      }
      guard let stored = try entry.read(&record, grid) else { continue }
      var place: [Int] = []
      for _ in grid.lengths { place.append(try record.number(8)) }
      guard let number = grid.number(of: place) else {
        throw record.failure("a piece is at \(place) of \(grid.counts)")
      }
      chunks.append(HDF5Chunk(number: number, address: stored.address, size: stored.size, mask: stored.mask))
    }
    return chunks
  }
}
