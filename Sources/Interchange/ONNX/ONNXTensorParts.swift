internal import Foundation

/// The fields of a tensor's message, of which the type of its numbers decides which one holds them.
struct ONNXTensorParts {
  typealias Problem = ProtocolBufferReader.Problem

  /// Where the message begins in the file.
  var offset: Int
  var name = ""
  var dimensions: [Int] = []
  var element = ONNXElement(rawValue: 0)
  var floats: [Float] = []
  var integers: [Int] = []
  /// The bytes of the numbers in the file, little-endian.
  var raw: Range<Int>?
  var doubles: Range<Int>?
  /// Whether the numbers lie in another file, and where.
  var isElsewhere = false
  var place = ONNXFolder.Place()

  init(offset: Int) { self.offset = offset }

  /// The tensor, if there are as many numbers as its dimensions need.
  ///
  /// - Parameters:
  ///   - data: The model's bytes.
  ///   - folder: Where files with further numbers are; nil if the model is no file.
  func tensor(_ data: Data, _ folder: ONNXFolder?) throws(Problem) -> ONNXTensor {
    var count = 1
    for length in dimensions {
      let (product, overflows) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflows else { throw problem("the dimensions \(dimensions) are impossible") }
      count = product
    }
    if isElsewhere { return try elsewhere(folder) }
    let numbers: ONNXTensor.Numbers
    switch element {
    case .float32: numbers = .float32(try values(data, count, else: floats) { Float(bitPattern: $0) })
    case .float64:
      let range = raw ?? doubles ?? 0..<0
      numbers = .float64(try values(data, range, count) { Double(bitPattern: $0) })
    case .int32:
      numbers = .int32(
        try values(data, count, else: integers.map { Int32(truncatingIfNeeded: $0) }) { Int32(bitPattern: $0) })
    case .int64: numbers = .int64(try values(data, count, else: integers.map(Int64.init)) { Int64(bitPattern: $0) })
    case .bool: numbers = .bool(try values(data, count, else: integers.map { $0 != 0 }) { (bits: UInt8) in bits != 0 })
    case let other:
      guard let type = other.stored else { return unread("numbers of the type \(other) are not read here") }
      numbers = .packed(other, try bytes(data, count, of: type.byteCount))
    }
    return ONNXTensor(name, dimensions, numbers)
  }

  /// The tensor with the numbers of another file, which are as those in the field of raw bytes.
  private func elsewhere(_ folder: ONNXFolder?) throws(Problem) -> ONNXTensor {
    guard let type = element.stored else { return unread("numbers of the type \(element) are not read here") }
    guard let count = type.byteCount(of: dimensions) else {
      throw problem("the dimensions \(dimensions) are impossible")
    }
    guard let folder else {
      let file = place.location.isEmpty ? "a file of their own" : "the file \(place.location)"
      return unread("its numbers lie in \(file), and only the model's bytes are here")
    }
    let bytes: Data
    do {
      bytes = try folder.bytes(place, count: count)
    } catch {
      return unread(error.reason)
    }
    var own = self
    own.isElsewhere = false
    own.raw = 0..<bytes.count
    return try own.tensor(bytes, nil)
  }

  /// The bytes of the numbers; in the field of integers each has one of its own.
  private func bytes(_ data: Data, _ count: Int, of size: Int) throws(Problem) -> [UInt8] {
    guard let raw else {
      guard integers.count == count else { throw mismatch(count, integers.count) }
      return integers.flatMap { value in (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }
    guard raw.count % size == 0, raw.count / size == count else { throw mismatch(count, raw.count / size) }
    return Array(data.part(from: raw.lowerBound, count: raw.count) ?? Data())
  }

  private func unread(_ reason: String) -> ONNXTensor {
    ONNXTensor(name, dimensions, .unread(element, reason: reason))
  }

  /// The numbers in the raw bytes, or those of the field of the type.
  private func values<Bits: FixedWidthInteger & UnsignedInteger, Number>(
    _ data: Data, _ count: Int, else numbers: [Number], _ convert: (Bits) -> Number
  ) throws(Problem) -> [Number] {
    if let raw { return try values(data, raw, count, convert) }
    guard numbers.count == count else { throw mismatch(count, numbers.count) }
    return numbers
  }

  private func values<Bits: FixedWidthInteger & UnsignedInteger, Number>(
    _ data: Data, _ range: Range<Int>, _ count: Int, _ convert: (Bits) -> Number
  ) throws(Problem) -> [Number] {
    let size = Bits.bitWidth / 8
    // By division, since the product could overflow.
    guard range.count % size == 0, range.count / size == count else { throw mismatch(count, range.count / size) }
    return (0..<count).map { convert(data.integer(at: range.lowerBound + $0 * size, Bits.self)) }
  }

  private func mismatch(_ count: Int, _ found: Int) -> Problem {
    problem("the dimensions \(dimensions) need \(count) numbers, and there are \(found)")
  }

  private func problem(_ reason: String) -> Problem {
    Problem(offset: offset, reason: "the tensor \(name.isEmpty ? "without a name" : name): \(reason)")
  }
}
