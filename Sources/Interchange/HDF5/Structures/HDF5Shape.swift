internal import EbbFiles

/// The dimensions of a dataset or an attribute.
enum HDF5Shape {
  /// A scalar has none. A limit is how long a dimension may become; nil for any length.
  case dimensions([Int], limits: [Int?])
  /// No elements and no dimensions (a null dataspace).
  case empty

  static let maximumRank = 32

  init(_ cursor: inout HDF5Cursor) throws(FileError) {
    let version = try cursor.expectVersion(1...2, of: "the dataspace")
    let rank = try cursor.byte()
    guard rank <= Self.maximumRank else { throw cursor.failure("\(rank) dimensions; HDF5 has at most 32") }
    let flags = try cursor.byte()
    let kind = try cursor.byte()
    // Version 1 has no kind; four more bytes are reserved.
    if version == 1 { try cursor.skip(4) }
    if version == 2, kind == 2 {
      self = .empty
      return
    }
    var lengths: [Int] = []
    for _ in 0..<rank { lengths.append(try cursor.length()) }
    var limits: [Int?] = lengths
    if flags & 1 != 0 {
      for axis in 0..<rank {
        // The largest number stands for any length, as it does for no address.
        limits[axis] = try cursor.number(orNone: cursor.file.lengthSize)
        guard limits[axis].map({ $0 >= lengths[axis] }) ?? true else {
          throw cursor.failure("the length \(lengths[axis]) is beyond its limit")
        }
      }
    }
    self = .dimensions(lengths, limits: limits)
  }
}
