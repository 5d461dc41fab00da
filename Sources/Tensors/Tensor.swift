/// Values on the host: a dense row-major array with its dimensions.
///
/// For a value of a graph the dimensions are the lengths of its axes, in the order in which the graph declares them,
/// then its feature shape: a state with axes {time, batch} and shape [H] is a tensor of [T, B, H].
public struct Tensor: Hashable, Sendable {
  /// The numbers, by element type.
  public enum Storage: Hashable, Sendable {
    /// Floats of 32 bits.
    case float32([Float])
    /// Floats of 64 bits.
    case float64([Double])
    /// Signed integers of 32 bits.
    case int32([Int32])
    /// Truth values.
    case bool([Bool])
  }

  /// The length of each dimension; empty for a scalar.
  public let dimensions: [Int]
  /// The numbers, row-major: the last dimension is contiguous.
  public let storage: Storage

  /// The element type.
  public var element: ElementType {
    switch storage {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .bool: .bool
    }
  }

  /// The number of elements.
  public var count: Int { dimensions.reduce(1, *) }

  /// A tensor of these numbers; traps unless their count matches the dimensions.
  public init(_ dimensions: [Int], _ storage: Storage) {
    self.dimensions = dimensions
    self.storage = storage
    let found =
      switch storage {
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .int32(let values): values.count
      case .bool(let values): values.count
      }
    precondition(found == dimensions.reduce(1, *), "\(found) numbers do not fill a tensor of \(dimensions)")
  }

  /// A Float32 tensor; traps unless the count of numbers matches the dimensions.
  public init(_ dimensions: [Int], _ values: [Float]) { self.init(dimensions, .float32(values)) }
  /// A Float64 tensor; traps unless the count of numbers matches the dimensions.
  public init(_ dimensions: [Int], _ values: [Double]) { self.init(dimensions, .float64(values)) }
  /// An Int32 tensor; traps unless the count of numbers matches the dimensions.
  public init(_ dimensions: [Int], _ values: [Int32]) { self.init(dimensions, .int32(values)) }
  /// A Bool tensor; traps unless the count of values matches the dimensions.
  public init(_ dimensions: [Int], _ values: [Bool]) { self.init(dimensions, .bool(values)) }

  /// A tensor of `element` type from doubles: rounded for float32, truncated for int32, `!= 0` for bool.
  public init(_ dimensions: [Int], _ values: [Double], as element: ElementType) {
    switch element {
    case .float32: self.init(dimensions, values.map { Float($0) })
    case .float64: self.init(dimensions, values)
    case .int32: self.init(dimensions, values.map { Int32($0) })
    case .bool: self.init(dimensions, values.map { $0 != 0 })
    }
  }

  /// Every element as a double; exact for every element type. False is 0 and true is 1.
  public var doubles: [Double] {
    switch storage {
    case .float32(let values): values.map(Double.init)
    case .float64(let values): values
    case .int32(let values): values.map(Double.init)
    case .bool(let values): values.map { $0 ? 1 : 0 }
    }
  }

  /// The same numbers as another element type.
  public func converted(to element: ElementType) -> Tensor {
    element == self.element ? self : Tensor(dimensions, doubles, as: element)
  }
}
