internal import EbbGraph
internal import EbbTensors

/// Writes the equations of a graph as one function of StableHLO, for fixed lengths of its axes.
///
/// Values outside of recurrences are written over whole sequences, in an order of evaluation; a recurrence is a `while`
/// that runs through the steps of its axis. This is how a plan runs the graph too: its stages are those of the strongly
/// connected components.
struct HLOTranslation {
  let graph: Graph
  let lengths: [Int]
  var writer: HLOWriter
  let components: Components
  let readers: Readers
  /// What the outputs need, the lengths of ragged axes among it.
  let live: NodeSet
  /// What is computed in the steps of a recurrence that it is no part of: the component of that recurrence. Cheap work
  /// and histories that only the recurrence reads, and sums over features, or single entries, that are all that is read
  /// of one of its values.
  let sunk: [NodeID: Int]
  /// What has been written, as it is outside of recurrences.
  private var values: [NodeID: HLOValue] = [:]
  /// The values of recurrences at all steps.
  var sequences: [NodeID: HLOSequence] = [:]
  /// Values of recurrences that are not kept: who reads them computes them again.
  var repeated: Set<NodeID> = []
  /// The recurrence that is being written.
  var step: HLOStep?
  var random: HLORandom

  /// - Parameter isPart: Whether the samples are a part of a batch, whose random numbers they have.
  init(_ graph: Graph, lengths: [Int], isPart: Bool = false) {
    (self.graph, self.lengths) = (graph, lengths)
    writer = HLOWriter(lengths: lengths)
    components = Components(graph)
    readers = Readers(graph)
    live = graph.ancestors(of: graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths))
    sunk = Self.sunk(graph, components, readers, live)
    random = HLORandom(partial: isPart ? graph.sampleAxes : .empty)
  }

  // MARK: Values

  /// A value where it is read: of the current step, if it has steps along its axis.
  mutating func value(_ node: NodeID) -> HLOValue {
    guard let step else { return whole(node) }
    if let known = step.values[node] { return known }
    let isHere =
      sunk[node] == step.component || isNumber(node, of: step)
      || repeated.contains(node) && !graph.type(node).domain.isDisjoint(with: step.axes)
    let value = isHere ? translated(node) : entry(node, step)
    self.step?.values[node] = value
    return value
  }

  /// Whether a value is the number of the step itself.
  private func isNumber(_ node: NodeID, of step: HLOStep) -> Bool {
    if case .axisIndex(let axis) = graph.operation(node) { step.axes.contains(axis) } else { false }
  }

  /// A value over all indices.
  mutating func whole(_ node: NodeID) -> HLOValue {
    if let value = values[node] { return value }
    if repeated.contains(node) {
      let outer = step
      step = nil
      defer { step = outer }
      let value = translated(node)
      if outer == nil { values[node] = value }
      return value
    }
    guard let sequence = sequences[node] else { preconditionFailure("%\(node.index) is read before it is written") }
    let (buffer, start) = (sequence.buffer, sequence.start)
    let place = buffer.position(of: sequence.axis)
    let count = lengths[sequence.axis.index]
    let name = (graph.name(node) ?? graph.operation(node).keyword) + ".sequence"
    return writer.once("sequence \(node.index)") { writer in
      let steps = writer.sliced(buffer, place, start..<start + count, named: name)
      return Self.part(of: steps, sequence, &writer, named: name)
    }
  }

  /// The features of a value among those that lie side by side.
  private static func part(
    of row: HLOValue, _ sequence: HLOSequence, _ writer: inout HLOWriter, named name: String
  ) -> HLOValue {
    guard let features = sequence.features else { return row }
    let part = writer.sliced(row, row.axes.count, features, named: name)
    return writer.reshaped(part, row.axes, Array(row.dims.prefix(row.axes.count)) + sequence.shape, named: name)
  }

  /// The entry of the current step of a value from outside of the recurrence.
  private mutating func entry(_ node: NodeID, _ step: HLOStep) -> HLOValue {
    let name = (graph.name(node) ?? graph.operation(node).keyword) + ".t"
    if let sequence = sequences[node], step.axes.contains(sequence.axis) {
      let index = shifted(step.index(of: sequence.axis), by: sequence.start)
      let buffer = sequence.buffer
      var places = step.places(in: buffer)
      places[buffer.position(of: sequence.axis)] = index
      let rest = buffer.axes.subtracting(step.axes)
      let row = writer.once("row \(buffer.name) \(places.sorted { $0.key < $1.key }.map(\.value.name))") { writer in
        writer.entry(buffer, at: places, axes: rest, named: sequence.features == nil ? name : "row.t")
      }
      return Self.part(of: row, sequence, &writer, named: name)
    }
    return entry(of: whole(node), named: name)
  }

  /// The entry of the current step of a value over all indices, along the axes of the recurrence that it has.
  mutating func entry(of x: HLOValue, named name: String? = nil) -> HLOValue {
    guard let step else { return x }
    return writer.entry(x, at: step.places(in: x), axes: x.axes.subtracting(step.axes), named: name)
  }

  /// An index moved by some steps.
  mutating func shifted(_ index: HLOValue, by steps: Int) -> HLOValue {
    if steps == 0 { return index }
    let distance = writer.number(Double(steps), .i32)
    return writer.once("shift \(index.name) \(steps)") { $0.apply("add", index, distance, named: "t.shifted") }
      .with(axes: index.axes)
  }

  /// The axes of a value where it is computed: without those of the current step.
  func here(_ domain: Domain) -> Domain { step.map { domain.subtracting($0.axes) } ?? domain }

  /// The name that a value should have: the user's, or nil for the operator's.
  func wantedName(_ node: NodeID) -> String? {
    let isOwn = step.map { components[node] == $0.component || sunk[node] == $0.component }
    return graph.name(node).map { name in isOwn.map { name + ($0 ? ".next" : ".t") } ?? name }
  }

  // MARK: The function

  /// Writes all values that the outputs need, and returns the outputs.
  ///
  /// - Parameter arguments: The function's arguments for the parameters and inputs.
  mutating func outputs(_ arguments: [NodeID: HLOValue]) -> [HLOValue] {
    values = arguments
    for (component, members) in components.members.enumerated() {
      guard members.contains(where: live.contains) else { continue }
      if components.isCyclic[component] {
        writeRecurrence(component)
      } else if values[members[0]] == nil, sunk[members[0]] == nil {
        values[members[0]] = translated(members[0])
      }
    }
    return graph.outputs.map { output in
      writer.node = output.node
      let domain = graph.type(output.node).domain
      let shape = graph.type(output.node).shape.array
      var value = writer.broadcast(whole(output.node), domain, shape)
      // What lies after the end of a sequence is 0.
      if let mask = mask(within: domain, touching: domain) {
        value = writer.select(mask, value, writer.number(0, value.element), named: output.name + ".masked")
      }
      return value
    }
  }
}

/// One step of a recurrence while it is written.
struct HLOStep {
  let component: Int
  /// Its number along each axis of the recurrence, an Int32 scalar; the outermost loop's first.
  private var indices: [(axis: Axis, index: HLOValue)] = []
  /// The axes of the recurrence: those of the loops that are open.
  private(set) var axes = Domain.empty
  /// What has been written for this step.
  var values: [NodeID: HLOValue] = [:]
  /// The sequences that the steps fill, as they are at the beginning of this step.
  var filled: [NodeID: HLOValue] = [:]
  /// The histories that the steps fill, by the value that is remembered.
  var pasts: [NodeID: HLOPast] = [:]
  /// The sums that adjoints of histories add to.
  var sums: [NodeID: HLOValue] = [:]

  init(_ component: Int) { self.component = component }

  /// The step within a further loop, of which nothing has been written.
  func entering(_ axis: Axis, at index: HLOValue) -> HLOStep {
    var inner = HLOStep(component)
    inner.indices = indices + [(axis, index)]
    inner.axes = axes.inserting(axis)
    return inner
  }

  /// Its number along one of its axes.
  func index(of axis: Axis) -> HLOValue {
    guard let index = indices.first(where: { $0.axis == axis })?.index else {
      preconditionFailure("a step along another axis")
    }
    return index
  }

  /// For each dimension of a value that is one of its axes the number of the step.
  func places(in x: HLOValue) -> [Int: HLOValue] {
    indices.filter { x.axes.contains($0.axis) }.reduce(into: [:]) { $0[x.position(of: $1.axis)] = $1.index }
  }
}

/// A value of a recurrence at all steps: part of a buffer that may have one more place, for what lies before the first
/// step or after the last.
struct HLOSequence {
  let axis: Axis
  let buffer: HLOValue
  /// Where step 0 lies.
  var start: Int
  /// Its features among those of the buffer, row-major, if these are of several values; else the buffer's are its own.
  let features: Range<Int>?
  /// Its feature shape.
  let shape: [Int]
}
