internal import EbbGraph
internal import EbbStableHLO
internal import EbbTensors

/// What a session's errors are about: its graph, and the part of it that the plugin's words name.
struct PJRTPlace {
  /// `the graph of y and loss, for t = 20, b = 3`
  private let subject: String
  /// `c: f32 [20, 3, 8], 2.1 GB`, of the values that take most memory.
  private let largest: [String]

  init(_ graph: Graph, _ lengths: [Int], _ module: StableHLOModule) {
    let axes = graph.axes.enumerated().map { "\($1.name) = \(lengths[$0])" }
    let names = graph.outputs.map(\.name)
    let shown = names.count > 4 ? names.prefix(3) + ["\(names.count - 3) more"] : names[...]
    subject =
      "the graph of \(shown.dropLast().joined(separator: ", "))\(shown.count > 1 ? " and " : "")\(shown.last ?? "nothing")"
      + (axes.isEmpty ? "" : ", for \(axes.joined(separator: ", "))")
    let stored = Set(
      module.sequences + graph.outputs.map(\.node) + graph.nodes.filter { graph.operation($0).isGiven })
    let sized = stored.map { node -> (bytes: Int, node: NodeID, dims: [Int]) in
      let type = graph.type(node)
      let dims = type.domain.map { lengths[$0.index] } + type.shape.array
      return (dims.reduce(type.element.byteCount, *), node, dims)
    }
    largest = sized.sorted { ($1.bytes, $0.node) < ($0.bytes, $1.node) }.prefix(3).map { bytes, node, dims in
      "\(Self.name(node, in: graph)): \(graph.type(node).element.name) \(dims), \(Self.size(bytes))"
    }
  }

  /// The error of a run, with the graph that ran; where memory is short, with what takes most of it.
  func located(_ error: PJRTError) -> PJRTError {
    let words = error.description.lowercased()
    let isShort = words.contains("out of memory") || words.contains("resource_exhausted")
    let memory = isShort ? "; its largest values are \(largest.joined(separator: "; "))" : ""
    return PJRTError("\(error.description) (\(subject)\(memory))")
  }

  /// The error of a compilation, with the line and the node that it names, if it names one.
  func located(_ error: PJRTError, in module: StableHLOModule, of graph: Graph) -> PJRTError {
    let lines = module.text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let number = Self.line(in: error.description), number >= 1, number <= lines.count else {
      return located(error)
    }
    let line = lines[number - 1].drop { $0 == " " }
    let node = module.nodes.indices.contains(number - 1) ? module.nodes[number - 1] : nil
    let place = node.map { "; in the graph \(Self.equation($0, in: graph))" } ?? ""
    return PJRTError("\(error.description) (line \(number) of the module: \(line)\(place); \(subject))")
  }

  /// The number of the line that an error names, as `:LINE:COLUMN` or as what XLA keeps of it.
  private static func line(in message: String) -> Int? {
    if let match = message.firstMatch(of: #/:(\d+):\d+/#) { return Int(match.output.1) }
    return message.firstMatch(of: #/source_line=(\d+)/#).flatMap { Int($0.output.1) }
  }

  /// `%7 forget: f32 {t, b} [4] = sigmoid(%6)`; a value without a name with the next one that it leads to.
  private static func equation(_ node: NodeID, in graph: Graph) -> String {
    let line = graph.line(node)
    guard graph.name(node) == nil, let named = namedReader(of: node, in: graph) else { return line }
    return line + ", part of " + named
  }

  private static func name(_ node: NodeID, in graph: Graph) -> String {
    graph.name(node) ?? graph.outputs.first { $0.node == node }?.name
      ?? namedReader(of: node, in: graph).map { "\(graph.operation(node).keyword) for \($0)" }
      ?? graph.operation(node).keyword
  }

  /// The nearest value with a name, or output, that is computed from this one.
  private static func namedReader(of node: NodeID, in graph: Graph) -> String? {
    let readers = Readers(graph)
    var (known, front): (Set<NodeID>, [NodeID]) = ([node], [node])
    while !front.isEmpty {
      for node in front {
        if let name = graph.name(node) ?? graph.outputs.first(where: { $0.node == node })?.name { return name }
      }
      front = front.flatMap { readers[$0] }.filter { known.insert($0).inserted }
    }
    return nil
  }

  private static func size(_ bytes: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var (value, unit) = (Double(bytes), 0)
    while value >= 1000, unit + 1 < units.count { (value, unit) = (value / 1000, unit + 1) }
    return "\(unit == 0 ? "\(bytes)" : "\((value * 10).rounded() / 10)") \(units[unit])"
  }
}

extension ElementType {
  /// The bytes of a number on a device.
  var byteCount: Int {
    switch self {
    case .float64: 8
    case .float32, .int32: 4
    case .bool: 1
    }
  }
}
