public import EbbFiles
internal import EbbInterchange
public import Foundation

/// A file of unsigned bytes in the IDX format, such as the MNIST digits (LeCun, Cortes & Burges 1998):
///
/// | bytes | |
/// |---|---|
/// | 2 | 0 |
/// | 1 | the type of an element, 8 for unsigned bytes |
/// | 1 | the number of dimensions n |
/// | 4 n | the dimensions, most significant byte first |
/// | the rest | the elements, row-major |
public struct IDXFile: Hashable, Sendable {
  /// The length of each dimension.
  public let dimensions: [Int]
  /// The elements, row-major.
  public let bytes: [UInt8]

  /// Reads a file.
  ///
  /// - Throws: `FileError` if the file is invalid.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(try InputFile.bytes(path, expecting: "an IDX file"), source: path)
  }

  /// Reads the bytes of a file; `source` is its name in messages.
  public init(_ data: Data, source: String) throws(FileError) {
    let file = [UInt8](data)
    if file.starts(with: [0x1F, 0x8B]) {
      throw FileError(source, "is compressed with gzip; decompress it first, with gunzip")
    }
    guard file.count >= 4, file[0] == 0, file[1] == 0 else {
      throw FileError(source, "is no IDX file: it begins with two bytes of 0, a type and a number of dimensions")
    }
    guard file[2] == 8 else {
      throw FileError(source, "holds elements of the IDX type \(file[2]); expected is 8, unsigned bytes")
    }
    let rank = Int(file[3])
    let start = 4 + 4 * rank
    guard rank >= 1, file.count >= start else {
      throw FileError(source, "has \(rank) dimensions and ends before they are told; it has \(file.count) bytes")
    }
    dimensions = (0..<rank).map { index in
      file[4 + 4 * index..<8 + 4 * index].reduce(0) { $0 << 8 | Int($1) }
    }
    var expected = 1
    for extent in dimensions {
      let (product, overflows) = expected.multipliedReportingOverflow(by: extent)
      guard !overflows else { throw FileError(source, "has the dimensions \(dimensions), which no memory holds") }
      expected = product
    }
    guard file.count - start == expected else {
      throw FileError(
        source, "has \(file.count - start) bytes of elements; its dimensions \(dimensions) say \(expected)")
    }
    bytes = Array(file[start...])
  }
}
