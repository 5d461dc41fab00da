package import EbbGraph

/// Checks that instructions touch common memory, one of them writing, in the plan's order when time is cut.
///
/// Pieces are added in the order of the plan. Pieces of different phases are ordered as a whole. Pieces of one phase
/// meet in every part: if one at step x − a and another at step x − b touch the same number, the first must not be in a
/// later part than the second.
package struct OrderCheck {
  package enum Moment: Comparable {
    case before(Int)
    case parts(Int)

    private var number: Int {
      switch self {
      case .before(let phase): 2 * phase
      case .parts(let phase): 2 * phase + 1
      }
    }

    package static func < (left: Moment, right: Moment) -> Bool { left.number < right.number }
  }

  private struct Touch {
    var moment: Moment
    /// The number of the piece.
    var piece: Int
    var isEdge: Bool
    var access: Access
  }

  private let plan: Plan
  private let axis: Axis
  private var count = 0
  private var touches: [Access.Memory: [Touch]] = [:]

  package init(_ plan: Plan, _ axis: Axis) {
    self.plan = plan
    self.axis = axis
  }

  package mutating func add(_ piece: TimeOrder.Piece, at moment: Moment) {
    for access in piece.instructions.flatMap({ plan.accesses(of: $0) }) {
      touches[access.memory, default: []].append(
        Touch(moment: moment, piece: count, isEdge: piece.kind == .edge, access: access))
    }
    count += 1
  }

  package var isInOrder: Bool { touches.allSatisfy { isInOrder($0.value, $0.key) } }

  private func isInOrder(_ touches: [Touch], _ memory: Access.Memory) -> Bool {
    // Memory that is only read, like parameters, may have very many readers.
    guard touches.contains(where: \.access.isWrite) else { return true }
    return touches.indices.allSatisfy { index in
      let second = touches[index]
      return touches[..<index].allSatisfy { first in
        first.piece == second.piece || !(first.access.isWrite || second.access.isWrite)
          || isInOrder(first, second, memory)
      }
    }
  }

  /// Whether `first`, which the plan has first, touches everything before `second` does.
  private func isInOrder(_ first: Touch, _ second: Touch, _ memory: Access.Memory) -> Bool {
    guard first.moment == second.moment else { return first.moment < second.moment || areApart(first, second, memory) }
    guard case .parts(let phase) = first.moment else { return true }
    // A value without steps is not complete before the last part.
    guard case .value(let value) = memory, plan.values[value].axes.contains(axis) else { return false }
    // An edge is written in the first part, before its readers in the plan.
    if first.isEdge { return true }
    if second.isEdge { return areApart(first, second, memory) }
    let (a, b) = (first.access, second.access)
    func isOneOrAll(_ access: Access) -> Bool { access.everywhere.contains(axis) || access.fixed?.axis == axis }
    if isOneOrAll(a) || isOneOrAll(b) { return false }
    guard plan.values[value].axes.first == axis else { return true }
    return !Phase(phase).isBackward ? b.shift <= a.shift : b.shift >= a.shift
  }

  /// Whether one of them touches only places outside the steps, and the other none of these.
  private func areApart(_ first: Touch, _ second: Touch, _ memory: Access.Memory) -> Bool {
    guard case .value(let value) = memory, plan.values[value].axes.first == axis else { return false }
    func isOutside(_ boundary: Access, _ steps: Access) -> Bool {
      boundary.boundary != 0 && steps.boundary == 0 && !steps.everywhere.contains(axis)
        && (boundary.boundary < 0 ? steps.shift >= 0 : steps.shift <= 0)
    }
    return isOutside(first.access, second.access) || isOutside(second.access, first.access)
  }
}
