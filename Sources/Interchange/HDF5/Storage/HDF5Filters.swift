internal import EbbFiles
internal import Foundation

/// What was done to a dataset's pieces, one after the other, before they were stored.
struct HDF5Filters {
  enum Filter: Hashable {
    /// zlib.
    case deflate
    /// LibLZF, h5py's own.
    case lzf
    /// The first bytes of all elements, then the second ones, and so on.
    case shuffle
    /// A checksum at the end.
    case fletcher32
    case unknown(String)
  }

  var filters: [Filter] = []

  static let none = HDF5Filters()

  private init() {}

  init(_ cursor: inout HDF5Cursor) throws(FileError) {
    let version = try cursor.expectVersion(1...2, of: "the list of filters")
    let count = try cursor.byte()
    if version == 1 { try cursor.skip(6) }
    for _ in 0..<count {
      let number = try cursor.short()
      // Filters of the library have no names in version 2.
      let nameLength = version == 1 || number >= 256 ? try cursor.short() : 0
      try cursor.skip(2)
      let values = try cursor.short()
      try cursor.skip(nameLength)
      if version == 1 { try cursor.skip((8 - nameLength % 8) % 8) }
      try cursor.skip(4 * values + (version == 1 ? values % 2 * 4 : 0))
      filters.append(Self.filter(number))
    }
  }

  private static func filter(_ number: Int) -> Filter {
    let names = [
      4: "szip", 5: "nbit", 6: "scaleoffset", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle",
      32013: "zfp", 32015: "zstd", 32026: "blosc2",
    ]
    switch number {
    case 1: return .deflate
    case 2: return .shuffle
    case 3: return .fletcher32
    case 32000: return .lzf
    case let other: return .unknown(names[other].map { "\($0)" } ?? "number \(other)")
    }
  }

  /// The name of a filter that is not known here.
  var unknown: String? {
    for case .unknown(let name) in filters { return name }
    return nil
  }

  /// The most bytes that stored ones can stand for.
  func largest(_ stored: Int) -> Int {
    filters.reduce(stored) { size, filter in
      let ratio = filter == .deflate ? Inflate.largestRatio : filter == .lzf ? LZF.largestRatio : 1
      let (product, overflow) = size.multipliedReportingOverflow(by: ratio)
      return overflow ? Int.max : product
    }
  }

  /// The bytes of a piece as they were before the filters.
  ///
  /// - Parameters:
  ///   - mask: A bit for each filter that was left out.
  ///   - size: The bytes of a piece.
  func undone(
    _ stored: Data, mask: Int, size: Int, elementSize: Int, source: String
  ) throws(FileError) -> [UInt8] {
    // The size after each filter, up to a compression; then only that of the stored bytes is known.
    var bytes = Array(stored)
    let applied = filters.indices.filter { $0 >= 32 || mask >> $0 & 1 == 0 }.map { filters[$0] }
    for (index, filter) in applied.enumerated().reversed() {
      switch filter {
      case .deflate, .lzf:
        let before = applied[..<index]
        guard !before.contains(.deflate), !before.contains(.lzf) else {
          throw FileError(source, "it is compressed twice")
        }
        let count = size + 4 * before.count { $0 == .fletcher32 }
        bytes =
          filter == .lzf
          ? try LZF.expand(bytes, count: count, source: source) : try Self.inflated(bytes, count: count, source)
      case .shuffle: bytes = Self.unshuffled(bytes, elementSize)
      case .fletcher32:
        guard bytes.count >= 4 else { throw FileError(source, "a piece has no place for its checksum") }
        let sum = Data(bytes).integer(at: bytes.count - 4, UInt32.self)
        bytes.removeLast(4)
        guard sum == HDF5Checksum.fletcher32(bytes) else {
          throw FileError(source, "the checksum of a piece does not hold: damaged")
        }
      case .unknown(let name): throw FileError(source, "the filter \(name) is not known here")
      }
    }
    guard bytes.count == size else {
      throw FileError(source, "a piece has \(bytes.count) bytes, and must have \(size)")
    }
    return bytes
  }

  /// A stream of zlib: two bytes, deflated data, a checksum.
  private static func inflated(_ bytes: [UInt8], count: Int, _ source: String) throws(FileError) -> [UInt8] {
    guard bytes.count >= 6, bytes[0] & 15 == 8, (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0, bytes[1] & 32 == 0
    else { throw FileError(source, "a piece does not begin as zlib's streams do") }
    let result = try Inflate.expand(Array(bytes[2..<bytes.count - 4]), count: count, source: source)
    let sum = bytes.suffix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard sum == HDF5Checksum.adler32(result) else {
      throw FileError(source, "the checksum of a compressed piece does not hold: damaged")
    }
    return result
  }

  /// Elements from their first bytes, their second ones, …; what is left over stays at the end.
  private static func unshuffled(_ bytes: [UInt8], _ elementSize: Int) -> [UInt8] {
    let count = bytes.count / elementSize
    guard elementSize > 1, count > 1 else { return bytes }
    var result = bytes
    for place in 0..<count {
      for byte in 0..<elementSize { result[place * elementSize + byte] = bytes[byte * count + place] }
    }
    return result
  }
}
