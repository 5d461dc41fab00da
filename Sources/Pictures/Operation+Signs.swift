internal import EbbGraph

extension Position {
  var place: String {
    switch self {
    case .first: "0"
    case .last: "last"
    case .at: "·"
    }
  }
}

extension Operation {
  /// Marks that distinguish the operands on their arrows, where their order matters.
  var operandMarks: [String?] {
    if case .binary(let function) = self { return function.traits.marks }
    if case .compare(let comparison) = self { return comparison.isSymmetric ? [] : ["left", "right"] }
    if self == .select { return ["if", "then", "else"] }
    if self == .gather { return ["table", "id"] }
    if case .scatterAdd = self { return ["id", nil] }
    if case .gatherFeatures = self { return [nil, "indices"] }
    if case .scatterFeatures = self { return ["indices", nil] }
    if case .accumulate = self { return ["a", "b"] }
    if self == .matrix(.solve) { return ["A", "b"] }
    if case .pick(_, .at) = self { return [nil, "at"] }
    if case .place(_, .at) = self { return [nil, "at"] }
    return shift.map { [nil, $0.isAdvance ? "final" : "initial"] } ?? []
  }
}
