internal import EbbTensors
internal import Foundation

extension Safetensors {
  /// The longest header that is read: a file with a longer one is taken as broken.
  public static let maximumHeaderLength = 100_000_000

  /// Reads a file.
  public init(contentsOf path: String) throws(InterchangeError) {
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let attributes = try? FileManager.default.attributesOfItem(atPath: target.path)
    switch attributes?[.type] as? FileAttributeType {
    case nil: throw InterchangeError(path, "there is no such file")
    case .typeRegular?: break
    case .typeDirectory?: throw InterchangeError(path, "this is a folder; give a safetensors file")
    default: throw InterchangeError(path, "this is no regular file")
    }
    let data: Data
    do {
      data = try Data(contentsOf: target)
    } catch {
      throw InterchangeError(path, "cannot be read: \(systemReason(error))")
    }
    try self.init(bytes: Array(data), source: path)
  }

  /// Reads the bytes of a file, strictly: the header must be exactly of the format's form, and the tensors must fill the
  /// rest of the bytes without a gap or an overlap. Nothing is allocated that the bytes do not fill.
  public init(bytes: [UInt8], source: String = "safetensors") throws(InterchangeError) {
    guard bytes.count >= 8 else {
      throw InterchangeError(
        source, "has \(bytes.count) bytes; a safetensors file begins with 8 that give its header's length")
    }
    let length = (0..<8).reduce(0) { $0 | UInt64(bytes[$1]) << UInt64(8 * $1) }
    guard length <= UInt64(Self.maximumHeaderLength), Int(length) <= bytes.count - 8 else {
      throw InterchangeError(
        source,
        "the header is said to be \(length) bytes long, and \(bytes.count - 8) follow; this is no safetensors file, "
          + "or it is cut off")
    }
    var parser = SafetensorsHeader(bytes[8..<8 + Int(length)], source: source)
    let header = try parser.parse()
    tensors = try Self.tensors(header.entries, in: bytes[(8 + Int(length))...], source)
    metadata = header.metadata
  }

  private static func tensors(
    _ entries: [SafetensorsHeader.Entry], in data: ArraySlice<UInt8>, _ source: String
  ) throws(InterchangeError) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    var end = 0
    for entry in entries.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
      func fail(_ message: String) -> InterchangeError {
        InterchangeError(source, "tensor \"\(entry.name)\": \(message)")
      }
      guard let element = ElementType(safetensorsName: entry.type) else {
        let known = ElementType.allCases.map(\.safetensorsName).joined(separator: ", ")
        throw fail("the type \(entry.type) is not known here; the types are \(known)")
      }
      guard let size = byteCount(entry.shape, element) else { throw fail("the shape \(entry.shape) is too large") }
      guard entry.start == end, entry.end >= entry.start, entry.end <= data.count else {
        throw fail(
          "its bytes are said to be \(entry.start) ..< \(entry.end) of \(data.count), and the next ones begin at \(end)"
        )
      }
      guard entry.end - entry.start == size else {
        throw fail("\(entry.type) \(entry.shape) takes \(size) bytes, not \(entry.end - entry.start)")
      }
      end = entry.end
      let bytes = data[data.startIndex + entry.start..<data.startIndex + entry.end]
      guard let tensor = tensor(element, entry.shape, bytes) else { throw fail("a truth value is neither 0 nor 1") }
      tensors[entry.name] = tensor
    }
    guard end == data.count else {
      throw InterchangeError(source, "\(data.count - end) bytes at the end belong to no tensor")
    }
    return tensors
  }

  /// The bytes of a tensor; nil if they are too many to count.
  private static func byteCount(_ shape: [Int], _ element: ElementType) -> Int? {
    var product = element.byteCount
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// The tensor of these bytes; nil if a truth value is neither 0 nor 1.
  private static func tensor(_ element: ElementType, _ shape: [Int], _ bytes: ArraySlice<UInt8>) -> Tensor? {
    func numbers<Bits: FixedWidthInteger & UnsignedInteger>(_: Bits.Type) -> [Bits] {
      let size = Bits.bitWidth / 8
      return stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { start in
        var value: Bits = 0
        for byte in 0..<size { value |= Bits(bytes[start + byte]) << Bits(8 * byte) }
        return value
      }
    }
    switch element {
    case .float32: return Tensor(shape, numbers(UInt32.self).map { Float(bitPattern: $0) })
    case .float64: return Tensor(shape, numbers(UInt64.self).map { Double(bitPattern: $0) })
    case .int32: return Tensor(shape, numbers(UInt32.self).map { Int32(bitPattern: $0) })
    case .bool:
      guard bytes.allSatisfy({ $0 <= 1 }) else { return nil }
      return Tensor(shape, bytes.map { $0 == 1 })
    }
  }
}
