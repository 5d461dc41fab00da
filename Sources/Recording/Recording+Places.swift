public import EbbGraph

/// The places of a recording's equations and axes in the source that recorded them.
struct RecordedPlaces: Sendable {
  var sites: [CallSite] = []
  /// For each node the number of its site.
  var siteOfNode: [Int] = []
  var siteOfAxis: [Axis: CallSite] = [:]
}

extension CallSite {
  /// The framework's own modules, which a user cannot change.
  private static let ownModules: Set<Substring> = [
    "EbbRecording", "EbbCells", "EbbTraining", "EbbDiagnostics", "EbbInterchange", "EbbApplications", "EbbStudies",
    "EbbBench", "EbbCommand",
  ]

  /// The calls in the user's source, nearest first: `state "h" at App/Cell.swift:7, within run Cell at
  /// App/main.swift:9`.
  fileprivate var usersPlace: String? {
    let calls = [Caller(call: call, file: file, line: line)] + callers
    let own = calls.filter { !Self.ownModules.contains($0.file.prefix { $0 != "/" }) }
    return own.isEmpty ? nil : own.map(\.description).joined(separator: ", within ")
  }
}

extension Recording {
  /// Where the user's source recorded a node of the graph, and the calls that ran the cells around it: `state "h" at
  /// App/Cell.swift:7, within run Cell at App/main.swift:9`.
  ///
  /// A clip's place is the call that requested it. Calls inside the framework are left out. Nil if no others remain,
  /// for nodes that were appended later, and for recordings from a file.
  public func place(of node: NodeID) -> String? {
    guard places.siteOfNode.indices.contains(node.index) else { return nil }
    return places.sites[places.siteOfNode[node.index]].usersPlace
  }

  /// Where the user's source declared an axis; nil in the same cases as for a node.
  public func place(of axis: Axis) -> String? { places.siteOfAxis[axis]?.usersPlace }

  /// Each problem with the place of its node.
  ///
  /// - Parameter origin: Maps a problem's node to the recording's node; by default the node of the same number.
  package func locating(_ error: GraphError, origin: (NodeID) -> NodeID? = { $0 }) -> GraphError {
    GraphError(
      error.problems.map { problem in
        guard let node = problem.node.flatMap(origin), let place = place(of: node) else { return problem }
        return GraphProblem(node: problem.node, "\(problem.message) (\(place))")
      })
  }

  /// The place of a node in brackets, for the end of a message; empty if it is unknown.
  package func remark(_ node: NodeID) -> String { place(of: node).map { " (\($0))" } ?? "" }
  /// The place of an axis in brackets, for the end of a message; empty if it is unknown.
  package func remark(_ axis: Axis) -> String { place(of: axis).map { " (\($0))" } ?? "" }
}
