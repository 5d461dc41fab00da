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
  /// that only the recurrence reads, and sums over features that are all that is read of one of its values.
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

  init(_ graph: Graph, lengths: [Int]) {
    (self.graph, self.lengths) = (graph, lengths)
    writer = HLOWriter(lengths: lengths)
    components = Components(graph)
    readers = Readers(graph)
    live = graph.ancestors(of: graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths))
    let summaries = Self.summaries(graph, components, readers, live)
    sunk = Self.sunk(graph, components, readers, live).merging(summaries) { $1 }
    random = HLORandom()
  }

  // MARK: Values

  /// A value where it is read: of the current step, if it has steps along its axis.
  mutating func value(_ node: NodeID) -> HLOValue {
    guard let step else { return whole(node) }
    if let known = step.values[node] { return known }
    let isHere = sunk[node] == step.component || repeated.contains(node) && graph.type(node).domain.contains(step.axis)
    let value = isHere ? translated(node) : entry(node, step)
    self.step?.values[node] = value
    return value
  }

  /// A value over all indices.
  private mutating func whole(_ node: NodeID) -> HLOValue {
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
    if let sequence = sequences[node], sequence.axis == step.axis {
      let index = shifted(step.index, by: sequence.start)
      let buffer = sequence.buffer
      let row = writer.once("row \(buffer.name) \(index.name)") { writer in
        writer.entry(
          buffer, buffer.position(of: step.axis), at: index, axes: buffer.axes.removing(step.axis),
          named: sequence.features == nil ? name : "row.t")
      }
      return Self.part(of: row, sequence, &writer, named: name)
    }
    let value = whole(node)
    guard value.axes.contains(step.axis) else { return value }
    return writer.entry(
      value, value.position(of: step.axis), at: step.index, axes: value.axes.removing(step.axis), named: name)
  }

  /// An index moved by some steps.
  mutating func shifted(_ index: HLOValue, by steps: Int) -> HLOValue {
    if steps == 0 { return index }
    let distance = writer.number(Double(steps), .i32)
    return writer.once("shift \(index.name) \(steps)") { $0.apply("add", index, distance, named: "t.shifted") }
      .with(axes: index.axes)
  }

  /// The axes of a value where it is computed: without that of the current step.
  func here(_ domain: Domain) -> Domain { step.map { domain.removing($0.axis) } ?? domain }

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

  /// Sums over features, such as norms, of values of a recurrence of which nothing else is read outside: a number a step
  /// is written instead of the whole value, which is then read once less.
  private static func summaries(
    _ graph: Graph, _ components: Components, _ readers: Readers, _ live: NodeSet
  ) -> [NodeID: Int] {
    let ends = NodeSet(graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths), count: graph.count)
    var found: [NodeID: Int] = [:]
    for value in graph.nodes where components.isCyclic[components[value]] && live.contains(value) {
      let component = components[value]
      guard !ends.contains(value),
        let shift = graph.shifts(on: component, of: components).first.flatMap({ graph.operation($0).shift }),
        graph.type(value).domain.contains(shift.axis)
      else { continue }
      let outside = readers[value].filter { live.contains($0) && components[$0] != component }
      let areSums = outside.allSatisfy { reader in
        if case .reduceFeatures = graph.operation(reader) { true } else { false }
      }
      if areSums { for reader in outside { found[reader] = component } }
    }
    return found
  }

  /// Cheap work that only one recurrence reads: a value that is written for each step there takes no memory.
  private static func sunk(
    _ graph: Graph, _ components: Components, _ readers: Readers, _ live: NodeSet
  ) -> [NodeID: Int] {
    let ends = NodeSet(graph.outputs.map(\.node) + graph.axes.compactMap(\.lengths), count: graph.count)
    var varying = graph.types.map(\.domain)
    for node in graph.nodes {
      switch graph.operation(node).kind {
      case .elementwise, .identity, .copy, .rearrangement:
        guard case .shifts = graph.operation(node).traits.axes else {
          if !components.isCyclic[components[node]], graph.operation(node).crossedAxes.isEmpty {
            varying[node.index] = graph.operands(node).reduce(Domain.empty) { $0.union(varying[$1.index]) }
          }
          continue
        }
      case .leaf, .number, .selection, .product, .reduction, .mixing, .shift: break
      }
    }
    var sunk: [NodeID: Int] = [:]
    for members in components.members.reversed() {
      let node = members[0]
      guard !components.isCyclic[components[node]], live.contains(node), !ends.contains(node) else { continue }
      switch graph.operation(node).kind {
      case .elementwise, .identity, .copy, .rearrangement: break
      case .leaf, .number, .selection, .product, .reduction, .mixing, .shift: continue
      }
      guard graph.operation(node).crossedAxes.isEmpty else { continue }
      let targets = readers[node].filter(live.contains).map { reader -> Int? in
        let component = components[reader]
        guard components.isCyclic[component] else { return sunk[reader] }
        let isBoundary = graph.operation(reader).shift != nil && graph.operand(reader, 1) == node
        return isBoundary ? nil : component
      }
      guard let target = targets.first.flatMap({ $0 }), targets.allSatisfy({ $0 == target }),
        let shift = graph.shifts(on: target, of: components).first.flatMap({ graph.operation($0).shift }),
        varying[node.index].contains(shift.axis)
      else { continue }
      sunk[node] = target
    }
    return sunk
  }
}

/// A recurrence while it is written.
struct HLOStep {
  let component: Int
  let axis: Axis
  /// The number of the step: an Int32 scalar.
  let index: HLOValue
  /// What has been written for this step.
  var values: [NodeID: HLOValue] = [:]
  /// The sequences that the steps fill, as they are at the beginning of this step.
  var filled: [NodeID: HLOValue] = [:]
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
