internal import EbbFiles
internal import Foundation

/// The numbers of one or more tensors, as a pickle refers to them.
struct TorchStorage: Hashable {
  /// The name of its bytes in the file.
  var key: String
  /// The type of its numbers; nil if it consists of bytes without a type.
  var type: TorchType?
  /// How many numbers it is said to have, or bytes.
  var count: Int
  /// In files of before 1.6 a storage can be a part of another: where it begins in it.
  var start = 0
  var isPart = false

  var byteCount: Int { type?.byteCount ?? 1 }
}

/// A view of a storage: element (i, j, …) is number offset + i strides₀ + j strides₁ + ….
struct TorchTensor {
  var storage: TorchStorage
  var type: TorchType
  var offset: Int
  var sizes: [Int]
  var strides: [Int]

  /// More dimensions than PyTorch has.
  static let maximumRank = 64

  /// How many numbers it has; nil if that overflows.
  var count: Int? {
    var product = 1
    for extent in sizes where extent != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return sizes.contains(0) ? 0 : product
  }

  /// What keeps the view from lying within its storage; nil if nothing does.
  var problem: String? {
    guard sizes.count == strides.count else {
      return "a tensor of \(sizes.count) dimensions has \(strides.count) strides"
    }
    guard sizes.allSatisfy({ $0 >= 0 }) else { return "a tensor has the shape \(sizes)" }
    guard strides.allSatisfy({ $0 >= 0 }) else { return "a tensor has the strides \(strides), and none is negative" }
    guard offset >= 0 else { return "a tensor begins at number \(offset) of its storage" }
    guard let count, count <= Int.max / 16 else { return "the shape \(sizes) is too large" }
    guard count > 0 else { return nil }
    var last = offset
    for (extent, stride) in zip(sizes, strides) {
      let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (next, isTooLarge) = last.addingReportingOverflow(step)
      if overflow || isTooLarge { return "the strides \(strides) of the shape \(sizes) are too large" }
      last = next
    }
    let room = storage.count * storage.byteCount / type.byteCount
    guard last < room else {
      return
        "a tensor of the shape \(sizes), with the strides \(strides), ends at number \(last) of a storage of \(room)"
    }
    return nil
  }

  /// Its numbers, row-major and little-endian; `problem` must be nil.
  ///
  /// - Parameter bytes: Those of the storage, which must be as many as it says.
  func numbers(of bytes: Data, isBigEndian: Bool) -> Data {
    let size = type.byteCount
    guard let count, count > 0 else { return Data() }
    let start = storage.start * storage.byteCount
    let extent = zip(sizes, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 } + 1
    let first = bytes.startIndex + start + offset * size
    let range = bytes[first..<first + extent * size]
    guard !isContiguous || isBigEndian && size > 1 else { return range }
    let source = Array(range)
    var result: [UInt8] = []
    result.reserveCapacity(count * size)
    var index = [Int](repeating: 0, count: sizes.count)
    var place = 0
    for _ in 0..<count {
      let number = source[place * size..<(place + 1) * size]
      if isBigEndian { result += number.reversed() } else { result += number }
      // The next index, as an odometer.
      for dimension in sizes.indices.reversed() {
        index[dimension] += 1
        place += strides[dimension]
        if index[dimension] < sizes[dimension] { break }
        place -= sizes[dimension] * strides[dimension]
        index[dimension] = 0
      }
    }
    return Data(result)
  }

  /// Whether the numbers lie in the storage as they do in a tensor.
  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(sizes, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}
