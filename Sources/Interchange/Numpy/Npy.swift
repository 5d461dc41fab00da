public import EbbFiles
public import EbbTensors
internal import Foundation

/// One array in NumPy's npy format, which `numpy.save` writes (NumPy Enhancement Proposal 1):
///
///     6 bytes    \x93NUMPY
///     2 bytes    the version, 1.0, 2.0 or 3.0
///     2 bytes    the header's length n, little-endian; 4 bytes from version 2.0 on
///     n bytes    the header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
///     the rest   the numbers
///
/// Writes <f4, <f8, <i4 and |b1, row-major. Also reads column-major arrays, <f2 as Float32, and other integers as
/// Int32, or as Float64 if they do not fit.
public struct Npy: Hashable, Sendable {
  /// The array.
  public var tensor: Tensor

  /// An array to be written.
  public init(_ tensor: Tensor) { self.tensor = tensor }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a file, which is mapped into memory and must not be truncated meanwhile.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(InputFile.bytes(path, expecting: "an npy file"), source: path)
  }

  /// Reads the bytes of a file; the numbers must extend to its end. Nothing is allocated beyond the bytes that exist.
  public init(bytes: [UInt8], source: String = "npy") throws(FileError) {
    try self.init(Data(bytes), source: source)
  }

  init(_ bytes: Data, source: String) throws(FileError) {
    switch try Self.read(bytes, source: source) {
    case .tensor(let tensor, type: _): self.tensor = tensor
    case .unread(let unread): throw FileError(source, unread.reason)
    }
  }

  static func read(_ bytes: Data, source: String) throws(FileError) -> StoredTensor {
    guard bytes.count >= 10, bytes.starts(with: magic) else {
      throw FileError(source, "does not begin as an npy file does, with \\x93NUMPY, a version and a length")
    }
    let version = bytes.integer(at: 6, UInt8.self)
    guard (1...3).contains(version), bytes.integer(at: 7, UInt8.self) == 0 else {
      throw FileError(source, "has the version \(version).\(bytes.integer(at: 7, UInt8.self)) of the npy format")
    }
    let start = version == 1 ? 10 : 12
    guard bytes.count >= start else { throw FileError(source, "is cut off before its header") }
    let length = version == 1 ? Int(bytes.integer(at: 8, UInt16.self)) : Int(bytes.integer(at: 8, UInt32.self))
    guard let text = bytes.part(from: start, count: length),
      let data = bytes.part(from: start + length, count: bytes.count - start - length)
    else {
      throw FileError(
        source, "the header is said to be \(length) bytes long, and \(bytes.count - start) follow; the file is cut off")
    }
    var parser = NpyHeader(Array(text), source: source)
    let header = try parser.parse()
    let content = try StoredTensor(
      header.type, StoredType(npyName: header.type), known: StoredType.allCases.compactMap(\.npyName),
      header.shape, data
    ) { FileError(source, $0) }
    guard header.isColumnMajor, case .tensor(let tensor, let type) = content else { return content }
    return .tensor(Tensor(header.shape.reversed(), tensor.storage).reversingDimensions(), type: type)
  }

  /// The file's bytes, in version 1.0; the numbers start at a multiple of 64.
  public var bytes: [UInt8] {
    let numbers = tensor.dimensions.map(String.init).joined(separator: ", ")
    let shape = tensor.dimensions.count == 1 ? "(\(numbers),)" : "(\(numbers))"
    guard let type = StoredType(tensor.element).npyName else { preconditionFailure("NumPy has the types of tensors") }
    var header = Array(
      "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }".utf8)
    // Spaces and a newline pad the header.
    header += [UInt8](repeating: 0x20, count: 63 - (10 + header.count) % 64) + [0x0A]
    precondition(header.count <= Int(UInt16.max), "the dimensions do not fit the header")
    var bytes = Self.magic + [1, 0]
    bytes.append(littleEndian: UInt16(header.count))
    bytes += header
    tensor.append(to: &bytes)
    return bytes
  }

  /// Writes all of the file or nothing.
  public func write(to path: String) throws(FileError) { try DiskStore().replace(path, with: bytes) }
}

extension Tensor {
  /// yᵢⱼₖ = xₖⱼᵢ, for numbers read with the first dimension fastest.
  func reversingDimensions() -> Tensor {
    let lengths = Array(dimensions.reversed())
    guard count > 0 else {
      return Tensor(lengths, [], as: element)
    }
    // The places of the result's elements in the source, in the order of the result.
    var places: [Int] = [0]
    var stride = 1
    var strides: [Int] = []
    for extent in lengths {
      strides.append(stride)
      stride *= extent
    }
    for (extent, stride) in zip(lengths, strides) {
      places = places.flatMap { place in (0..<extent).map { place + $0 * stride } }
    }
    switch storage {
    case .float32(let values): return Tensor(lengths, places.map { values[$0] })
    case .float64(let values): return Tensor(lengths, places.map { values[$0] })
    case .int32(let values): return Tensor(lengths, places.map { values[$0] })
    case .bool(let values): return Tensor(lengths, places.map { values[$0] })
    }
  }
}
