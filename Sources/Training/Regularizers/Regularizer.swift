public import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A term added to a loss, as equations appended to the recording's graph.
///
/// It may read derivatives of the loss and be differentiated itself: the graph's operations are closed under
/// differentiation.
public protocol Regularizer: Sendable {
  /// The name of the term in reports.
  var name: String { get }
  /// The factor with which the term is added.
  var weight: Double { get }

  /// Appends the term's equations, without its weight, and returns its node: a float scalar without axes.
  ///
  /// - Parameters:
  ///   - graph: The recording's graph, with everything appended so far.
  ///   - recording: The network; its nodes have the same numbers in the graph.
  ///   - loss: The loss; summed over its axes.
  func append(to graph: inout Graph, _ recording: Recording, loss: NodeID) throws(GraphError) -> NodeID
}

extension Graph {
  /// The length of an axis as a number of a node's type.
  mutating func appendLength(of axis: Axis, like node: NodeID) -> NodeID {
    append(.convert(type(node).element), [append(.axisLength(axis), [])])
  }

  /// Whether a step is past the first ones, in the direction of a state.
  mutating func appendIsPast(_ count: Int, _ state: StateDescription) -> NodeID {
    let index = append(.axisIndex(state.axis), [])
    let limit = appendLeaf(.constant(Double(count)), NodeType(.int32))
    switch state.direction {
    case .forward: return compare(.greaterOrEqual, index, limit)
    case .backward: return compare(.less, index, subtract(append(.axisLength(state.axis), []), limit))
    }
  }
}

extension Recording {
  /// The states, if they have the element type, shapes and axes that a regularizer needs.
  func states(named names: [String]?) throws(GraphError) -> [StateDescription] {
    guard let names else {
      if states.isEmpty { throw GraphError([GraphProblem("the recording has no state to regularise")]) }
      return states
    }
    return try names.map { name throws(GraphError) in
      guard let state = states.first(where: { $0.name == name }) else {
        let known = states.map(\.name).joined(separator: ", ")
        throw GraphError([GraphProblem("there is no state named \(name); the states are \(known)")])
      }
      return state
    }
  }
}
