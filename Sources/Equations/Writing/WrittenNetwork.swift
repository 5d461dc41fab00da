internal import EbbGraph
internal import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A cell's graph with the names that its equations have, and which of its values are written.
struct WrittenNetwork {
  private(set) var writer: StepWriter
  /// The named values of the cell, in the order of the graph.
  private(set) var cellNodes: [NodeID] = []
  /// Those of its gradient: the adjoints, then the gradients of the parameters.
  private(set) var gradientNodes: [NodeID] = []
  let recording: Recording
  private let output: NodeID
  /// The name of the output.
  var outputName: Name { writer.names[output] ?? Name(base: "y") }
  let units: Int
  let features: Int
  /// The number of the first step, where the equations calculate with it.
  var firstStep: Int {
    let graph = recording.graph
    return graph.axis(named: "t").flatMap { time in graph.nodes.lazy.compactMap { graph.firstStep($0, time) }.first }
      ?? 1
  }

  init(
    _ cell: some RecurrentCell, features: Int, known: [String: Name], part: CellEquations.Part
  ) throws {
    recording = try Recording(cell, features: features)
    if part == .gradient, let history = recording.graph.firstHistory {
      let graph = recording.graph
      let named = graph.ancestors(of: [history]).filter { graph.name($0) != nil && !graph.operation($0).isGiven }
      let value = (named.max { $0.index < $1.index } ?? graph.output(named: "y")).flatMap { graph.name($0) }
      throw EquationWritingError.noWords(
        value: value ?? "the output", operation: "the gradient through the own past of a value")
    }
    self.features = features
    var graph = recording.graph
    guard let found = graph.output(named: "y"), let time = graph.axis(named: "t") else {
      preconditionFailure("a recorded cell has an output over a time axis")
    }
    output = graph.alias(found)
    let widths = recording.states.map { graph.type($0.value).shape.array }
    units = (cell as? EquationCell)?.units ?? (widths.first { $0.count == 1 } ?? widths.first)?.last ?? 1
    var names = EquationNames(graph, known: known)
    let past = try WrittenPast(graph, names: Array(names.names.values))
    let composites = Composites(
      element: recording.element,
      shapes: Set(graph.nodes.map { graph.type($0).shape }.filter { (1...2).contains($0.rank) }), past: past)

    if names.names[output] == nil { names.claim(Name(base: "y"), for: output) }
    names.nameSharedValues(below: [output], composites: composites)
    let written = graph.ancestors(of: [output])
    let (forward, given) = (graph, names.names)
    cellNodes = written.filter { given[$0] != nil && !forward.operation($0).isGiven }
    if part == .gradient {
      let adjoints = try AdjointGraph(recording, output: output, named: names.names)
      graph = adjoints.graph
      names = names.continued(in: graph)
      for (node, name) in adjoints.names { names.claim(name, for: node) }
      let results = adjoints.results
      names.nameSharedValues(below: results, composites: composites)
      let all = graph.ancestors(of: results)
      let (final, named, count) = (graph, names.names, recording.graph.count)
      let equations = all.filter { named[$0] != nil && !final.operation($0).isGiven }
      cellNodes = Set(cellNodes + equations.filter { $0.index < count }).sorted { $0.index < $1.index }
      gradientNodes = equations.filter { $0.index >= count }
      let isResult = NodeSet(results, count: graph.count)
      gradientNodes = gradientNodes.filter { !isResult.contains($0) } + results.filter { named[$0] != nil }
    }
    writer = StepWriter(graph, names: names.names, time: time, composites: composites)
  }

  /// The graph with the parameters and inputs named as a reader of the equations names them.
  var namedGraph: Graph {
    var graph = writer.graph
    let given = graph.nodes.filter { graph.operation($0).isGiven }
    let old = given.map { graph.name($0) ?? "" }
    // Two steps, because a new name may be the old one of another.
    for (index, node) in given.enumerated() { graph.setName("given\(index)", of: node) }
    for (node, old) in zip(given, old) {
      guard let name = writer.names[node] else { continue }
      // Recordings call the input x, whatever the equations do.
      if old == "x", graph.operation(node) == .input {
        graph.setName(old, of: node)
        continue
      }
      let parts = old.split(separator: ".")
      guard parts.count > 1, parts.last == "initial" else {
        graph.setName(name.identifier, of: node)
        continue
      }
      // h.initial, or h.8.initial of what is read 8 steps later.
      let delay = Int(parts[parts.count - 2]).map { ".\($0)" } ?? ""
      graph.setName(Name(base: name.base, above: name.above).identifier + delay + ".initial", of: node)
    }
    return graph
  }

  /// An equation y = h, if the reader would take another value to be the output.
  func alias(in equations: [WrittenEquation]) -> [WrittenEquation] {
    guard let name = writer.names[output], let system = Self.system(equations.map(\.line).joined(separator: "\n")),
      system.output != name
    else { return [] }
    let right = Expression(.reference(Reference(name: name, step: 0)))
    return [WrittenEquation(left: Reference(name: Name(base: "y"), step: 0), right: right)]
  }

  private static func system(_ text: String, given: [String] = []) -> EquationSystem? {
    let source = EquationText(text)
    guard let reader = try? EquationReader(source, ranges: [source.characters.indices], given: given) else {
      return nil
    }
    return try? EquationSystem(reader.equations, reader.settings, source)
  }

  /// What must stand beside the equations, so that they are read with the shapes and starts of the graph.
  func notes(for text: String) throws -> [(name: Name, text: String, isStart: Bool)] {
    var notes: [(name: Name, text: String, isStart: Bool)] = []
    let graph = recording.graph
    var given: [String] = []
    for state in recording.states {
      guard let initial = state.initial, let name = writer.names[graph.alias(state.value)] else { continue }
      guard graph.operation(initial) == .parameter else { continue }
      var start = name
      start.below = "0"
      // A value that is read at several steps before has one line.
      if notes.contains(where: { $0.name == start }) { continue }
      notes.append((start, "", true))
      given.append(Reference(name: start).plainText + " ~ trained")
    }
    // The dimensions as they are written; a matrix that stays the same is stored transposed.
    var shapes = Dictionary(
      recording.parameters.compactMap { parameter in
        writer.names[parameter.node].map { ($0, Array(parameter.shape.array.reversed())) }
      }, uniquingKeysWith: { first, _ in first })
    if let time = graph.axis(named: "t"), graph.nodes.contains(where: { graph.firstStep($0, time) == 0 }) {
      notes.append((EquationSystem.stepNumber, "from 0", false))
      given.append("t: from 0")
    }
    // Values of the cell, whose shape the equations may leave open.
    for node in cellNodes where !graph.type(node).domain.isEmpty && graph.type(node).element.isFloat {
      if let name = writer.names[node] { shapes[name] = graph.type(node).shape.array }
    }
    // A shape that the equations give on their own is left out; parameters are declared before variables.
    let variables = Set(cellNodes.compactMap { writer.names[$0] })
    let ordered = shapes.sorted {
      (variables.contains($0.key) ? 1 : 0, $0.key.text) < (variables.contains($1.key) ? 1 : 0, $1.key.text)
    }
    var declared: Set<Name> = []
    while let (name, shape) = ordered.first(where: {
      !declared.contains($0.key) && !isRead($0.key, $0.value, text, given)
    }) {
      let line = Self.declaration(name, shape, units, features)
      notes.append((name, String(line.split(separator: ":", maxSplits: 1)[1].dropFirst()), false))
      given.append(line)
      declared.insert(name)
    }
    return notes
  }

  /// Whether a parameter is read with its shape; where the shapes do not fit at all, whether its rank is read.
  private func isRead(_ name: Name, _ shape: [Int], _ text: String, _ given: [String]) -> Bool {
    guard let system = Self.system(text, given: given) else { return true }
    if system.parameters.contains(name), system.settings.shapes[name] == nil,
      ParameterUses(system).kind(of: name)?.rawValue != shape.count
    {
      return false
    }
    guard var evaluator = try? Evaluator(system), (try? evaluator.findShapes(units: units, inputs: features)) != nil
    else {
      return shape == [units] || shape.count == 2 && shape[0] == units
    }
    return evaluator.shapes[name].map(evaluator.numbers) == shape
  }

  /// `W: [units, inputs]`
  private static func declaration(_ name: Name, _ shape: [Int], _ units: Int, _ features: Int) -> String {
    func word(_ count: Int) -> String { count == units ? "units" : count == features ? "inputs" : "\(count)" }
    let dimensions = shape.map(word)
    let text: String =
      switch dimensions.count {
      case 0: "scalar"
      case 1 where dimensions == ["units"]: "vector"
      case _: "[\(dimensions.joined(separator: ", "))]"
      }
    return Reference(name: name).plainText + ": " + text
  }
}
