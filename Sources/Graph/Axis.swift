/// Names one of a graph's axes: what indexes its values beside their features.
public struct Axis: Hashable, Comparable, Sendable {
  /// The position in the order in which the graph declares its axes.
  public let index: Int
  public init(_ index: Int) {
    precondition(index >= 0 && index < Domain.capacity, "a graph has at most \(Domain.capacity) axes")
    self.index = index
  }
  public static func < (left: Axis, right: Axis) -> Bool { left.index < right.index }
}

/// What a graph says of an axis.
public struct AxisDescription: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Ordered: delays run along it.
    case time
    /// Unordered: samples of a batch, directions of a probe.
    case batch
  }

  public var name: String
  public var kind: Kind
  /// The length, when the program fixes it; otherwise it is bound by the inputs of each run.
  public var length: Int?
  /// For a ragged time axis: the Int32 input that holds the length of each batch index. The axis's index set is then
  /// {(t, b) : t < lengths[b]}, and no value outside it is ever part of a result.
  public var lengths: NodeID?

  public init(name: String, kind: Kind, length: Int? = nil, lengths: NodeID? = nil) {
    self.name = name
    self.kind = kind
    self.length = length
    self.lengths = lengths
  }
}

/// The set of axes that index a value. A parameter has the empty domain, a hidden state {time, batch}.
public struct Domain: Hashable, Sendable, ExpressibleByArrayLiteral, Sequence {
  static let capacity = 64
  private var mask: UInt64

  private init(mask: UInt64) { self.mask = mask }
  public init(arrayLiteral elements: Axis...) { self.init(elements) }
  public init(_ axes: some Sequence<Axis>) { mask = axes.reduce(0) { $0 | 1 << UInt64($1.index) } }

  public static let empty = Domain(mask: 0)

  public var isEmpty: Bool { mask == 0 }
  public var count: Int { mask.nonzeroBitCount }
  public func contains(_ axis: Axis) -> Bool { mask >> UInt64(axis.index) & 1 == 1 }
  public func isSubset(of other: Domain) -> Bool { mask & ~other.mask == 0 }
  public func isDisjoint(with other: Domain) -> Bool { mask & other.mask == 0 }
  public func union(_ other: Domain) -> Domain { Domain(mask: mask | other.mask) }
  public func intersection(_ other: Domain) -> Domain { Domain(mask: mask & other.mask) }
  public func subtracting(_ other: Domain) -> Domain { Domain(mask: mask & ~other.mask) }
  public func inserting(_ axis: Axis) -> Domain { Domain(mask: mask | 1 << UInt64(axis.index)) }
  public func removing(_ axis: Axis) -> Domain { Domain(mask: mask & ~(1 << UInt64(axis.index))) }

  /// The axes in the order of their declaration, which is the order of a tensor's dimensions.
  public func makeIterator() -> AnyIterator<Axis> {
    var rest = mask
    return AnyIterator {
      guard rest != 0 else { return nil }
      let next = Axis(rest.trailingZeroBitCount)
      rest &= rest - 1
      return next
    }
  }
}
