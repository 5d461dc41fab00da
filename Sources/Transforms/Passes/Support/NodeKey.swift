internal import EbbGraph

/// The key by which nodes are equal: a + b and b + a are, the constants 0 and −0 are not.
///
/// The first operands are stored inline, so that most nodes need no array.
struct NodeKey: Hashable {
  let operation: Operation
  let type: NodeType
  let isNegativeZero: Bool
  let operands: (NodeID, NodeID, NodeID)
  let rest: [NodeID]

  init(_ operation: Operation, _ operands: ArraySlice<NodeID>, _ type: NodeType) {
    self.operation = operation
    self.type = type
    if case .constant(let value) = operation, value == 0, value.sign == .minus {
      isNegativeZero = true
    } else {
      isNegativeZero = false
    }
    func operand(_ position: Int) -> NodeID {
      position < operands.count ? operands[operands.startIndex + position] : .open
    }
    let commutes = operation == .binary(.add) || operation == .binary(.multiply)
    let isSwapped = commutes && operand(1) < operand(0)
    self.operands = isSwapped ? (operand(1), operand(0), operand(2)) : (operand(0), operand(1), operand(2))
    rest = operands.count > 3 ? Array(operands.dropFirst(3)) : []
  }

  static func == (left: NodeKey, right: NodeKey) -> Bool {
    left.operands == right.operands && left.operation == right.operation && left.type == right.type
      && left.isNegativeZero == right.isNegativeZero && left.rest == right.rest
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(operation)
    hasher.combine(operands.0)
    hasher.combine(operands.1)
    hasher.combine(operands.2)
    hasher.combine(rest)
  }
}
