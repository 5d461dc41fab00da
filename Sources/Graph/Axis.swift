/// Names one of a graph's axes, which index its values in addition to their features.
public struct Axis: Hashable, Comparable, Sendable {
  /// The position in the order in which the graph declares its axes.
  public let index: Int
  /// The axis at this position; traps unless it is in 0 ..< 64.
  public init(_ index: Int) {
    precondition(index >= 0 && index < Domain.capacity, "a graph has at most \(Domain.capacity) axes")
    self.index = index
  }
  public static func < (left: Axis, right: Axis) -> Bool { left.index < right.index }
}

/// A graph's declaration of an axis.
public struct AxisDescription: Hashable, Sendable {
  /// Whether the indices of an axis have an order.
  public enum Kind: Hashable, Sendable {
    /// Ordered: delays run along it.
    case time
    /// Unordered: samples of a batch, directions of a probe.
    case batch
  }

  /// The name, unique in the graph.
  public var name: String
  /// Whether the axis is ordered.
  public var kind: Kind
  /// The length, if the program fixes it; otherwise the inputs of each run bind it.
  public var length: Int?
  /// For a ragged time axis: the Int32 input that holds the length of each batch index. The axis's index set is then
  /// {(t, b) : t < lengths[b]}, and no value outside it is ever part of a result.
  public var lengths: NodeID?
  /// For the axis of a history: the time axis whose steps it has, and so its length.
  public var steps: Axis?

  /// A description; without a length, each run binds one.
  public init(name: String, kind: Kind, length: Int? = nil, lengths: NodeID? = nil, steps: Axis? = nil) {
    self.name = name
    self.kind = kind
    self.length = length
    self.lengths = lengths
    self.steps = steps
  }
}

/// The set of axes that index a value. A parameter has the empty domain, a hidden state {time, batch}.
public struct Domain: Hashable, Sendable, ExpressibleByArrayLiteral, Sequence {
  static let capacity = 64
  private var mask: UInt64

  private init(mask: UInt64) { self.mask = mask }
  public init(arrayLiteral elements: Axis...) { self.init(elements) }
  /// The set of these axes.
  public init(_ axes: some Sequence<Axis>) { mask = axes.reduce(0) { $0 | 1 << UInt64($1.index) } }

  /// No axis.
  public static let empty = Domain(mask: 0)

  /// Whether there is no axis.
  public var isEmpty: Bool { mask == 0 }
  /// The number of axes.
  public var count: Int { mask.nonzeroBitCount }
  /// Whether the axis is in the set.
  public func contains(_ axis: Axis) -> Bool { mask >> UInt64(axis.index) & 1 == 1 }
  /// Whether all of these axes are in the other set.
  public func isSubset(of other: Domain) -> Bool { mask & ~other.mask == 0 }
  /// Whether the two sets share no axis.
  public func isDisjoint(with other: Domain) -> Bool { mask & other.mask == 0 }
  /// The axes in either set.
  public func union(_ other: Domain) -> Domain { Domain(mask: mask | other.mask) }
  /// The axes in both sets.
  public func intersection(_ other: Domain) -> Domain { Domain(mask: mask & other.mask) }
  /// These axes without the ones in the other set.
  public func subtracting(_ other: Domain) -> Domain { Domain(mask: mask & ~other.mask) }
  /// These axes and one more.
  public func inserting(_ axis: Axis) -> Domain { Domain(mask: mask | 1 << UInt64(axis.index)) }
  /// These axes without one.
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
