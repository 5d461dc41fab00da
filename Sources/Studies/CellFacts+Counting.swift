internal import EbbCompiler
public import EbbDiagnostics
internal import EbbEquations
internal import EbbGraph
internal import EbbPlanning
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

extension CellFacts {
  /// Counts on the cell's own graph, and plans a training step on sequences of this size.
  public init(
    _ cell: some RecurrentCell, features: Int, length: Int, batch: Int
  ) throws(DiagnosticError) {
    self = try diagnosing {
      let graphs = try TrainingStepGraph(cell, features: features)
      let recording = graphs.recording
      var forward = recording.graph
      let components = Components(forward)
      let gates = forward.nodes.filter { node in
        forward.operation(node) == .unary(.sigmoid) && components.isCyclic[components[node]]
      }
      // Without the loss: the values that the states of a step need.
      forward.removeOutputs()
      for state in recording.states { forward.setOutput(state.name, state.value) }
      let step = ArithmeticCount(EliminateDeadNodes().run(forward), lengths: [1, 1])
      let plan = try Plan(compiling: graphs.gradient)
      return CellFacts(
        gates: gates.count, states: recording.states.map(\.name),
        parameters: recording.parameters.map {
          Parameter(name: $0.name, shape: $0.shape.array, initializer: $0.initializer.words)
        },
        operationsPerStep: step.total, memory: MemoryPlan(plan, lengths: [length, batch]).bytes,
        equations: try? CellEquations(of: cell, features: features).mathML)
    }
  }
}

extension Initializer {
  /// The initialiser in words.
  var words: String {
    switch self {
    case .zeros: "0"
    case .constant(let value): value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(value)"
    case .uniform(let limit): "uniform within ±\(limit)"
    case .between(let lower, let upper): "uniform from \(lower) to \(upper)"
    case .logOfUniform(let lower, let upper): "logarithm of uniform from \(lower) to \(upper)"
    case .ringDecay(let inner, let outer): "decays of a ring from \(inner) to \(outer)"
    case .normal(let deviation): "normal, deviation \(deviation)"
    case .glorotUniform: "Glorot uniform"
    case .orthogonal(let gain): gain == 1 ? "orthogonal" : "orthogonal × \(gain)"
    case .identity(let scale): scale == 1 ? "identity" : "identity × \(scale)"
    case .sparse(let connections, let deviation): "sparse, \(connections) a column, deviation \(deviation)"
    case .spectralRadius(let radius, let initializer): "\(initializer.words), scaled to spectral radius \(radius)"
    case .negative(let initializer): "the negative of: \(initializer.words)"
    case .drawn(_, let initializer): initializer.words
    case .blocks(let blocks):
      blocks.map { "\($0.initializer.words) (\($0.rows) row\($0.rows == 1 ? "" : "s"))" }.joined(separator: ", ")
    }
  }
}
