internal import EbbFiles

/// Where a dataset's numbers are.
enum HDF5Layout {
  /// In the header itself.
  case compact(HDF5Cursor)
  /// In one piece; nil if they were never written.
  case contiguous(Int?, size: Int)
  /// In pieces of these lengths, each a dimension; listed by an index.
  case chunked([Int], HDF5ChunkIndex)
  /// Somewhere that is not read.
  case unknown(String)

  init(_ cursor: inout HDF5Cursor, rank: Int) throws(FileError) {
    let version = try cursor.expectVersion(1...5, of: "the layout")
    if version < 3 {
      self = try Self.old(&cursor)
      return
    }
    switch try cursor.byte() {
    case 0: self = .compact(try cursor.part(try cursor.short()))
    case 1:
      let address = try cursor.address()
      self = .contiguous(address, size: try cursor.length())
    case 2 where version == 3:
      let count = try cursor.byte()
      let address = try cursor.address()
      var lengths: [Int] = []
      for _ in 0..<count { lengths.append(try cursor.word()) }
      // The last is the size of an element.
      self = .chunked(lengths.dropLast(), .tree(address))
    case 2: self = try Self.chunked(&cursor)
    case 3: self = .unknown("its numbers are parts of other datasets (a virtual dataset), which is not read here")
    case let kind: throw cursor.failure("there is no layout of the kind \(kind)")
    }
  }

  /// Versions 1 and 2: the number of dimensions first, their lengths last.
  private static func old(_ cursor: inout HDF5Cursor) throws(FileError) -> HDF5Layout {
    let count = try cursor.byte()
    let kind = try cursor.byte()
    try cursor.skip(5)
    guard kind <= 2 else { throw cursor.failure("there is no layout of the kind \(kind)") }
    let address = kind == 0 ? nil : try cursor.address()
    var lengths: [Int] = []
    for _ in 0..<count { lengths.append(try cursor.word()) }
    switch kind {
    case 0: return .compact(try cursor.part(try cursor.word()))
    case 1:
      // The lengths with that of an element.
      let (size, overflow) = HDF5Reader.product(lengths)
      guard !overflow else { throw cursor.failure("the size \(lengths) is too large") }
      return .contiguous(address, size: size)
    case _: return .chunked(lengths.dropLast(), .tree(address))
    }
  }

  /// Versions 4 and 5: the index is of one of five kinds.
  private static func chunked(_ cursor: inout HDF5Cursor) throws(FileError) -> HDF5Layout {
    let flags = try cursor.byte()
    let count = try cursor.byte()
    let bytes = try cursor.byte()
    guard (1...8).contains(bytes) else { throw cursor.failure("lengths of \(bytes) bytes; they have 1 to 8") }
    var lengths: [Int] = []
    for _ in 0..<count { lengths.append(try cursor.number(bytes)) }
    lengths = lengths.dropLast()
    // Pieces at the edges are not filtered.
    guard flags & 1 == 0 else { return .unknown("its pieces at the edges are not compressed, which is not read here") }
    switch try cursor.byte() {
    case 1:
      var stored: (size: Int, mask: Int)?
      if flags & 2 != 0 { stored = (try cursor.length(), try cursor.word()) }
      return .chunked(lengths, .single(try cursor.address(), stored: stored))
    case 2: return .chunked(lengths, .implicit(try cursor.address()))
    // Sizes within the index come first, and the index repeats them.
    case 3:
      try cursor.skip(1)
      return .chunked(lengths, .array(try cursor.address()))
    case 4:
      try cursor.skip(5)
      return .chunked(lengths, .growing(try cursor.address()))
    case 5:
      try cursor.skip(6)
      return .chunked(lengths, .search(try cursor.address()))
    case let kind: throw cursor.failure("there is no index of the kind \(kind)")
    }
  }
}

/// How the pieces of a chunked dataset are found; an address is nil if nothing was written.
enum HDF5ChunkIndex {
  /// A version 1 B-tree over the places of the pieces.
  case tree(Int?)
  /// The only piece; with filters its size, and the filters that were left out.
  case single(Int?, stored: (size: Int, mask: Int)?)
  /// All pieces one after the other.
  case implicit(Int?)
  /// An array of addresses.
  case array(Int?)
  /// An array of addresses that grows with one dimension: blocks of blocks.
  case growing(Int?)
  /// A version 2 B-tree over the places of the pieces, for several dimensions that grow.
  case search(Int?)
}
