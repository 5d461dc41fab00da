public import EbbGraph

/// A rewriting of a graph into one that computes the same outputs with less work.
///
/// Passes are open: any conforming type can be run, and its result is verified.
public protocol Pass: Sendable {
  /// The word by which the command line and errors name the pass.
  var name: String { get }
  /// The purpose of the pass, in one sentence.
  var purpose: String { get }
  /// The rewritten graph: the same inputs, parameters and outputs, by the same names.
  func run(_ graph: Graph) -> Graph
}

/// The failure of a pass: its name, and all problems of the graph that it returned.
public struct PassError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name of the pass.
  public var pass: String
  /// The problems of the graph.
  public var problems: [GraphProblem]

  public var description: String {
    "pass \(pass): " + problems.map(\.message).joined(separator: "\n")
  }
}
