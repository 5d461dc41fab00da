public import EbbGraph

/// How a graph is executed, for any lengths of its axes: stages of instructions over values in memory.
///
/// A plan is only structure. Offsets, sizes and grain are computed when the lengths are bound. It is self-contained:
/// instructions name the values that they read and write, and running or measuring a plan never reads an equation of
/// its graph.
public struct Plan: Sendable {
  /// The graph that the plan computes, for checking bindings and for names in messages.
  public let graph: Graph
  /// The axes, in the order of the graph.
  package let axes: [PlannedAxis]
  /// The parameters and inputs, in the order of the graph.
  package let inputs: [Port]
  /// The results of a run, in the order of the graph.
  package let outputs: [Port]
  /// The stages, in order.
  package let stages: [Stage]
  /// The pieces of memory, which instructions name by their positions.
  package let values: [Value]
  /// The packed matrices, which instructions name by their positions.
  package let weights: [PackedWeights]
  private let inputPositions: [String: Int]
  private let outputPositions: [String: Int]
  /// The maximum number of rows in a sum's chunk; nil for the standard. Tests make it small, so that short sequences
  /// have chunks.
  package var sumChunkRows: Int?
  /// The steps of a burst, where a sweep has bursts; nil for as many as a cache holds. Tests make it small.
  package var burstSteps: Int?

  /// An axis as a plan knows it.
  package struct PlannedAxis: Hashable, Sendable {
    /// The name that the graph gives it.
    package var name: String
    /// Whether it is ordered.
    package var kind: AxisDescription.Kind
    /// For a ragged axis, the place of its rows' lengths, with the axes that index them.
    package var lengths: GeneralCall.Operand?

    /// Whether each row has its own length.
    package var isRagged: Bool { lengths != nil }
    /// The axes that index the lengths of its rows; none if it is not ragged.
    package var lengthsDomain: Domain { lengths?.type.domain ?? .empty }
  }

  /// A named input or output of a run.
  package struct Port: Hashable, Sendable {
    /// The name.
    package var name: String
    /// Its axes, element type and features.
    package var type: NodeType
    /// Where it is in memory.
    package var view: View
  }

  /// Plans a verified graph in steps, none of which changes an earlier decision.
  package init(_ graph: Graph) {
    let kernels = KernelSelection(graph)
    let placed = Placement(kernels).sinking().joiningMatrices().keepingRunningSums()
    let layouts = Layouts(placed)
    let schedules = Schedules(placed, layouts)
    let storage = Storage(schedules)
    self.init(storage, Emitter(storage))
    assert(problem == nil, "a plan that cannot run: \(problem ?? "")\n\(self)")
  }

  init(_ storage: Storage, _ code: Emitter) {
    let graph = storage.placement.kernels.graph
    self.init(
      graph: graph, stages: code.stages, values: code.values, weights: code.weights, view: { storage.view($0) })
  }

  /// Takes inputs and outputs from the graph, and their places from `view`.
  init(
    graph: Graph, stages: [Stage], values: [Value], weights: [PackedWeights], view: (NodeID) -> View
  ) {
    self.graph = graph
    axes = graph.axes.map { axis in
      let lengths = axis.lengths.map { GeneralCall.Operand(source: .view(view($0)), type: graph.type($0)) }
      return PlannedAxis(name: axis.name, kind: axis.kind, lengths: lengths)
    }
    inputs = graph.nodes.filter { graph.operation($0).isGiven }.map { node in
      Port(name: graph.name(node) ?? "%\(node.index)", type: graph.type(node), view: view(node))
    }
    outputs = graph.outputs.map { Port(name: $0.name, type: graph.type($0.node), view: view($0.node)) }
    self.stages = stages
    self.values = values
    self.weights = weights
    inputPositions = Dictionary(zip(inputs.map(\.name), inputs.indices)) { first, _ in first }
    outputPositions = Dictionary(zip(outputs.map(\.name), outputs.indices)) { first, _ in first }
  }

  /// A plan that computes nothing.
  package static let empty = Plan(Graph())

  // MARK: Questions

  /// The parameter or input of this name, if there is one.
  package func input(named name: String) -> Port? { inputPositions[name].map { inputs[$0] } }
  /// The output of this name, if there is one.
  package func output(named name: String) -> Port? { outputPositions[name].map { outputs[$0] } }
  /// The description of an axis of this plan.
  package func axis(_ axis: Axis) -> PlannedAxis { axes[axis.index] }

  /// Lengths of the axes that a graph had before its passes, with those of the axes that these have added, which are
  /// fixed, and of own pasts.
  package func completed(_ lengths: [Int]) -> [Int] { graph.completed(lengths) }

  /// The axes of the memory that a view reads, outermost first.
  package func memoryAxes(_ view: View) -> [Axis] { values[view.value].axes }

  /// Every instruction, in the order of the plan.
  package var instructions: [Instruction] { stages.flatMap { $0.prologue + $0.instructions } }

  /// How often time runs through the steps.
  var phaseCount: Int { (instructions.map(\.phase).max() ?? .first).number + 1 }

  /// The axis by which an instruction can be cut: the outermost one of its result; for a sum, of its operand, if it
  /// adds along that axis.
  package func outermostAxis(_ instruction: Instruction) -> Axis? {
    switch instruction.kernel {
    case .outer(_, let left, _, let over): summedAxis(left, over)
    case .sumColumns(_, let from, let over): summedAxis(from, over)
    case .pack, .assemble: nil
    case .program, .product, .reduceRows, .copy, .boundary, .strided, .general:
      instruction.result.flatMap { memoryAxes($0).first }
    }
  }

  private func summedAxis(_ view: View, _ over: Domain) -> Axis? {
    memoryAxes(view).first.flatMap { over.contains($0) ? $0 : nil }
  }
}
