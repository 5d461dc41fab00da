/// The feature shape of a value at one index of its axes: `[]` for a scalar, `[H]` for a state, `[I, 4H]` for a weight.
///
/// Stored inline (no heap), so that graphs of a hundred thousand nodes copy without touching a reference count.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The largest number of feature dimensions.
  public static let maximumRank = 4

  private var extents: SIMD4<Int32>
  private var dimensions: UInt8

  /// A shape with these dimensions; each at least 1, at most four of them.
  public init(_ dimensions: [Int]) {
    precondition(dimensions.count <= Self.maximumRank, "a feature shape has at most four dimensions: \(dimensions)")
    extents = .zero
    for (index, extent) in dimensions.enumerated() {
      precondition(extent >= 1, "a dimension of a feature shape is at least 1: \(dimensions)")
      extents[index] = Int32(extent)
    }
    self.dimensions = UInt8(dimensions.count)
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// The shape `[]` of a number.
  public static let scalar = Shape([])

  /// The number of dimensions.
  public var rank: Int { Int(dimensions) }
  /// The number of elements: the product of the dimensions, 1 for a scalar.
  public var count: Int { (0..<rank).reduce(1) { $0 * self[$1] } }
  /// The dimensions, outermost first.
  public var array: [Int] { (0..<rank).map { self[$0] } }
  /// The length of dimension `index`.
  public subscript(index: Int) -> Int {
    precondition(index >= 0 && index < rank, "dimension \(index) of a shape of rank \(rank)")
    return Int(extents[index])
  }

  /// The shape without dimension `index`.
  public func removing(_ index: Int) -> Shape {
    var result = array
    result.remove(at: index)
    return Shape(result)
  }

  /// The shape with a new dimension of length `extent` at position `index`.
  public func inserting(_ extent: Int, at index: Int) -> Shape {
    var result = array
    result.insert(extent, at: index)
    return Shape(result)
  }

  /// The shape with dimension `index` of length `extent`.
  public func replacing(_ index: Int, with extent: Int) -> Shape {
    var result = array
    result[index] = extent
    return Shape(result)
  }

  public var description: String { "[" + array.map(String.init).joined(separator: ", ") + "]" }
}
