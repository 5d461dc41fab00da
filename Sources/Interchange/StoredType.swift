internal import EbbFiles
internal import EbbTensors
internal import Foundation

/// The types of numbers in files. Tensors hold four of them; the others are read as a type that holds their numbers
/// exactly: half precision as Float32, small integers as Int32, and large ones as Int32 if they fit, else as Float64.
enum StoredType: String, CaseIterable {
  // By the names of the safetensors format.
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u64 = "U64"
  case u32 = "U32"
  case u16 = "U16"
  case u8 = "U8"
  case bool = "BOOL"

  /// NumPy's name: byte order, kind and size; it has none for bfloat16.
  var npyName: String? {
    let kind: String? =
      switch self {
      case .f64, .f32, .f16: "f"
      case .bf16: nil
      case .i64, .i32, .i16, .i8: "i"
      case .u64, .u32, .u16, .u8: "u"
      case .bool: "b"
      }
    return kind.map { (byteCount == 1 ? "|" : "<") + $0 + String(byteCount) }
  }

  init?(npyName: String) {
    guard let match = Self.allCases.first(where: { $0.npyName == npyName }) else { return nil }
    self = match
  }

  /// The type of a tensor's numbers.
  init(_ element: ElementType) {
    switch element {
    case .float32: self = .f32
    case .float64: self = .f64
    case .int32: self = .i32
    case .bool: self = .bool
    }
  }

  var byteCount: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool: 1
    }
  }

  /// The number of bytes of a tensor with these dimensions; nil if it overflows.
  func byteCount(of dimensions: [Int]) -> Int? {
    var product = byteCount
    // A length of 0 makes the product 0 in any order, so the other lengths are multiplied first and must not overflow
    // either.
    for extent in dimensions where extent != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return dimensions.contains(0) ? 0 : product
  }

  /// The tensor of these bytes, which must have the right size; throws the reason if tensors cannot hold these numbers.
  func tensor(_ dimensions: [Int], littleEndian bytes: Data) throws(StoredTypeError) -> Tensor {
    switch self {
    case .f64: return Tensor(dimensions, numbers(bytes, UInt64.self).map { Double(bitPattern: $0) })
    case .f32: return Tensor(dimensions, numbers(bytes, UInt32.self).map { Float(bitPattern: $0) })
    case .f16: return Tensor(dimensions, numbers(bytes, UInt16.self).map { Float(halfBits: $0) })
    // The upper half of a Float32.
    case .bf16: return Tensor(dimensions, numbers(bytes, UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
    case .i64: return try integers(dimensions, numbers(bytes, Int64.self))
    case .i32: return Tensor(dimensions, numbers(bytes, Int32.self))
    case .i16: return try integers(dimensions, numbers(bytes, Int16.self))
    case .i8: return try integers(dimensions, numbers(bytes, Int8.self))
    case .u64: return try integers(dimensions, numbers(bytes, UInt64.self))
    case .u32: return try integers(dimensions, numbers(bytes, UInt32.self))
    case .u16: return try integers(dimensions, numbers(bytes, UInt16.self))
    case .u8: return try integers(dimensions, numbers(bytes, UInt8.self))
    case .bool:
      let values = numbers(bytes, UInt8.self)
      guard values.allSatisfy({ $0 <= 1 }) else { throw StoredTypeError(reason: "a truth value is neither 0 nor 1") }
      return Tensor(dimensions, values.map { $0 == 1 })
    }
  }

  /// As Int32 if all fit, else as Float64.
  func integers<Number: FixedWidthInteger>(
    _ dimensions: [Int], _ values: [Number]
  ) throws(StoredTypeError) -> Tensor {
    let small = values.compactMap { Int32(exactly: $0) }
    if small.count == values.count { return Tensor(dimensions, small) }
    let exact = values.compactMap { Double(exactly: $0) }
    guard exact.count == values.count else {
      throw StoredTypeError(reason: "an integer is beyond what a Float64 holds exactly", isFile: false)
    }
    return Tensor(dimensions, exact)
  }
}

/// A tensor of a file: with the file's name for its type, or why it is left out.
enum StoredTensor {
  case tensor(Tensor, type: String)
  case unread(UnreadTensor)

  /// The numbers; nil if they are left out.
  var tensor: Tensor? {
    guard case .tensor(let tensor, _) = self else { return nil }
    return tensor
  }

  /// The length of each dimension.
  var dimensions: [Int] {
    switch self {
    case .tensor(let tensor, _): tensor.dimensions
    case .unread(let tensor): tensor.dimensions
    }
  }

  /// Reads numbers.
  ///
  /// - Parameters:
  ///   - name: The file's name for the type.
  ///   - type: The type; nil if it is none of the `known` ones.
  ///   - fail: Makes an error of the file, if that is at fault.
  init(
    _ name: String, _ type: StoredType?, known: @autoclosure () -> [String], _ dimensions: [Int], _ bytes: Data,
    fail: (String) -> FileError
  ) throws(FileError) {
    func unread(_ reason: String) -> StoredTensor {
      .unread(UnreadTensor(type: name, dimensions: dimensions, reason: reason))
    }
    guard let type else {
      self = unread("the type \(name) is not known here; the types are \(known().joined(separator: ", "))")
      return
    }
    guard let size = type.byteCount(of: dimensions) else { throw fail("the shape \(dimensions) is too large") }
    guard size == bytes.count else { throw fail("\(name) \(dimensions) takes \(size) bytes, not \(bytes.count)") }
    do {
      self = .tensor(try type.tensor(dimensions, littleEndian: bytes), type: name)
    } catch {
      if error.isFile { throw fail(error.reason) }
      self = unread(error.reason)
    }
  }
}

/// Why bytes are no tensor here.
struct StoredTypeError: Error {
  var reason: String
  /// Whether the file is at fault; otherwise its numbers are sound but tensors cannot hold them.
  var isFile = true
}

extension Float {
  /// A number in IEEE 754's half precision: sign, five bits of the exponent e, ten of the fraction f.
  ///
  ///     (−1)ˢ 2ᵉ⁻¹⁵ (1 + f / 2¹⁰);   with e = 0: (−1)ˢ 2⁻¹⁴ f / 2¹⁰;   with e = 31: ∞, or NaN if f ≠ 0
  init(halfBits bits: UInt16) {
    let sign = UInt32(bits >> 15) << 31
    let exponent = UInt32(bits >> 10 & 31)
    let fraction = UInt32(bits & 1023)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self = sign == 0 ? magnitude : -magnitude
    case 31: self = Float(bitPattern: sign | 255 << 23 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}

/// All bytes as numbers, copied at once.
private func numbers<Number: FixedWidthInteger>(_ bytes: Data, _: Number.Type) -> [Number] {
  let count = bytes.count / (Number.bitWidth / 8)
  let raw = unsafe [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
    // The buffer has room for exactly the copied bytes.
    unsafe bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
    initialized = count
  }
  #if _endian(little)
    return raw
  #else
    return raw.map { Number(littleEndian: $0) }
  #endif
}
