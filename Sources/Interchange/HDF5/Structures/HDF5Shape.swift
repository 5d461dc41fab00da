internal import EbbFiles

/// The dimensions of a dataset or an attribute.
enum HDF5Shape {
  /// A scalar has none.
  case dimensions([Int])
  /// No elements and no dimensions (a null dataspace).
  case empty

  static let maximumRank = 32

  init(_ cursor: inout HDF5Cursor) throws(FileError) {
    let version = try cursor.expectVersion(1...2, of: "the dataspace")
    let rank = try cursor.byte()
    guard rank <= Self.maximumRank else { throw cursor.failure("\(rank) dimensions; HDF5 has at most 32") }
    _ = try cursor.byte()
    let kind = try cursor.byte()
    // Version 1 has no kind; four more bytes are reserved.
    if version == 1 { try cursor.skip(4) }
    if version == 2, kind == 2 {
      self = .empty
      return
    }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try cursor.length()) }
    self = .dimensions(lengths)
  }
}
