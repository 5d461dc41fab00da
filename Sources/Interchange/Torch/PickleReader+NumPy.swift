internal import EbbFiles
internal import EbbTensors
internal import Foundation

/// An array of NumPy within a pickle.
struct PickledArray {
  /// NumPy's name for its type: `<f8`.
  var type: String
  var dimensions: [Int]
  var isColumnMajor: Bool
  var bytes: [UInt8]
}

/// What a pickle makes in the way of NumPy; programs save single numbers, such as the best loss, in it.
enum NumPyFunction: String {
  /// (kind and size, …); the byte order follows as its state.
  case type = "numpy.dtype"
  /// (type, bytes)
  case scalar = "numpy.core.multiarray.scalar"
  /// An empty array; its state is (version, shape, type, whether the first dimension is contiguous, bytes).
  case array = "numpy.core.multiarray._reconstruct"
  /// (bytes, type, shape, order)
  case arrayOfBytes = "numpy.core.numeric._frombuffer"
  /// (text, 'latin1'): bytes before protocol 3, a character for each.
  case bytes = "_codecs.encode"

  /// The function of a name, which is another in NumPy 2.
  init?(name: String) {
    self.init(rawValue: name.hasPrefix("numpy._core.") ? "numpy.core." + name.dropFirst("numpy._core.".count) : name)
  }
}

extension PickleReader {
  /// What a call would give; nil for what is not of these forms, such as an array of objects.
  mutating func made(_ function: NumPyFunction, _ arguments: [PickleValue]) throws(FileError) -> PickleValue? {
    switch function {
    case .type:
      guard let name = arguments.first, case .text(let range) = name, range.count <= 16, let text = values.text(name)
      else { return nil }
      return try object(.numpyType(text))
    case .scalar:
      guard arguments.count == 2, let type = numpyType(arguments[0]), let bytes = try bytes(arguments[1]),
        let stored = StoredType(npyName: type), bytes.count == stored.byteCount,
        let tensor = try? stored.tensor([], littleEndian: Data(bytes))
      else { return nil }
      switch tensor.storage {
      case .float32(let values): return .number(Double(values[0]))
      case .float64(let values): return .number(values[0])
      case .int32(let values): return .integer(Int(values[0]))
      case .bool(let values): return .truth(values[0])
      }
    case .array: return try object(.array(nil))
    case .arrayOfBytes:
      guard arguments.count == 4, let bytes = try bytes(arguments[0]), let type = numpyType(arguments[1]),
        let dimensions = sizes(arguments[2])
      else { return nil }
      return try object(
        .array(
          PickledArray(
            type: type, dimensions: dimensions, isColumnMajor: values.text(arguments[3]) == "F", bytes: bytes)))
    case .bytes:
      guard let first = arguments.first, case .text(let range) = first, let text = values.text(first) else {
        return nil
      }
      try charge(range.count)
      let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
      return bytes.count == text.unicodeScalars.count ? try object(.data(bytes)) : nil
    }
  }

  /// The state of a type: (version, byte order, …).
  func numpyType(_ name: String, state: PickleValue) -> String {
    guard let parts = values.tuple(state), parts.count > 1, let order = values.text(parts[1]), order.utf8.count == 1,
      name.utf8.count <= 16
    else { return name }
    return order + name
  }

  /// The state of an array; nil if it has another form.
  mutating func array(state: PickleValue) throws(FileError) -> PickledArray? {
    guard let parts = values.tuple(state), parts.count == 5, let dimensions = sizes(parts[1]),
      let type = numpyType(parts[2]), case .truth(let isColumnMajor) = parts[3], let bytes = try bytes(parts[4])
    else { return nil }
    return PickledArray(type: type, dimensions: dimensions, isColumnMajor: isColumnMajor, bytes: bytes)
  }

  private func numpyType(_ value: PickleValue) -> String? {
    guard case .numpyType(let name)? = values.object(value)?.kind else { return nil }
    return name
  }

  private mutating func bytes(_ value: PickleValue) throws(FileError) -> [UInt8]? {
    switch value {
    case .bytes(let range), .text(let range):
      try charge(range.count)
      return Array(bytes[range])
    case .object:
      guard case .data(let bytes)? = values.object(value)?.kind else { return nil }
      return bytes
    case .none, .truth, .integer, .number, .long: return nil
    }
  }
}

extension PickledArray {
  /// The array as a tensor.
  func tensor(fail: (String) -> FileError) throws(FileError) -> StoredTensor {
    guard dimensions.allSatisfy({ $0 >= 0 }) else { throw fail("an array has the shape \(dimensions)") }
    let content = try StoredTensor(
      type, StoredType(npyName: type), known: StoredType.allCases.compactMap(\.npyName), dimensions, Data(bytes),
      fail: fail)
    guard isColumnMajor, case .tensor(let tensor, let type) = content else { return content }
    return .tensor(Tensor(dimensions.reversed(), tensor.storage).reversingDimensions(), type: type)
  }
}
