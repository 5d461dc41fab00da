import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// A cell in Float64 with random values for its parameters, inputs and initial states, run by the interpreter.
///
/// Its loss is Σ v_t · y_t, where the read-outs v are random too.
struct Trial {
  let model: Recording
  let features: Int
  let steps: Int
  let batch: Int
  /// Parameters, `x`, `readout` and `<state>.initial`.
  var values: [String: Tensor] = [:]

  init(
    _ cell: some RecurrentCell, features: Int = 3, steps: Int = 5, batch: Int = 2, scale: Double = 0.7,
    element: ElementType = .float64, seed: UInt64 = 3
  ) throws {
    (self.features, self.steps, self.batch) = (features, steps, batch)
    model = try Recording(element: element) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      let x = scope.input("x", [features], over: [time, batch])
      let y = scope.over(time).starting(.input(over: [batch])).run(cell, x)
      scope.output("y", y)
      scope.output("loss", sum(scope.input("readout", y.shape.array, over: [time, batch]) * y))
    }
    let leaves = model.parameters.map(\.node) + model.inputs.map(\.node)
    for (index, node) in leaves.enumerated() {
      let type = model.graph.type(node)
      let lengths = type.domain.map { [steps, batch][$0.index] }
      let random = RandomStream(seed: seed, stream: UInt64(index))
      let factor = index < model.parameters.count ? scale : 1
      let count = (lengths + type.shape.array).reduce(1, *)
      let numbers = (0..<count).map { random.value(.normal, at: .zero, element: UInt32($0)) * factor }
      values[model.graph.name(node) ?? ""] = Tensor(lengths + type.shape.array, numbers, as: element)
    }
  }

  /// The numbers of a parameter or input; replaces them all.
  subscript(name: String) -> Vector {
    get { values[name]?.doubles ?? [] }
    set {
      guard let old = values[name] else { preconditionFailure("there is nothing named \(name)") }
      values[name] = Tensor(old.dimensions, newValue, as: old.element)
    }
  }

  /// The first values that the cell's own initialisers give, instead of random ones.
  func atFirstValues(seed: UInt64 = 5) -> Trial {
    var result = self
    result.values.merge(model.initialValues(seed: seed)) { $1 }
    return result
  }

  /// [x₁, x₂, …] · W, and + b where the cell has a bias of this name.
  func affine(_ name: String, _ operands: Vector...) -> Vector {
    let joined = operands.flatMap { $0 }
    let product = matrixProduct(joined, self[name + ".weight"])
    return values[name + ".bias"] == nil ? product : product + self[name + ".bias"]
  }

  // MARK: Running

  /// The graph with the value of every state as an output, and the gradients of the loss as `d/<name>`.
  func graph(gradients names: [String] = []) throws -> Graph {
    var graph = model.graph
    for state in model.states { graph.setOutput(state.name, state.value) }
    let nodes = names.compactMap { graph.node(named: $0) }
    precondition(nodes.count == names.count, "one of \(names) is unknown")
    let loss = try #require(graph.output(named: "loss"))
    for (name, gradient) in zip(names, try graph.gradient(of: loss, withRespectTo: nodes)) {
      graph.setOutput("d/" + name, gradient)
    }
    return graph
  }

  /// y, loss, every state, and the gradients that are asked for as `d/<name>`.
  func run(gradients names: [String] = []) throws -> [String: Vector] {
    try Interpreter.run(try graph(gradients: names), Bindings(values)).mapValues(\.doubles)
  }

  /// The largest difference between y and a plain loop over one step, which is given this trial, the states in the order
  /// in which the cell declares them, and the input.
  func largestDifference(_ step: (Trial, _ states: inout [Vector], _ x: Vector) -> Vector) throws -> Double {
    let found = try run()["y"] ?? []
    var worst = 0.0
    for row in 0..<batch {
      var states = model.states.map { self.row(row, of: self[$0.name + ".initial"], of: batch) }
      for time in 0..<steps {
        let expected = step(self, &states, self.row(time * batch + row, of: self["x"], of: steps * batch))
        let actual = self.row(time * batch + row, of: found, of: steps * batch)
        guard actual.count == expected.count else { return .infinity }
        for (a, b) in zip(actual, expected) { worst = (a - b).isNaN ? .infinity : max(worst, abs(a - b)) }
      }
    }
    return worst
  }

  /// One of `count` equal parts.
  func row(_ index: Int, of values: Vector, of count: Int) -> Vector {
    let size = values.count / count
    return Array(values[index * size..<(index + 1) * size])
  }
}

extension Trial {
  /// d(Σ v_t · y_t) / d(a value), for read-outs given by step and unit; of a batch of one.
  func sensitivity(to name: String, _ readout: (_ time: Int, _ unit: Int) -> Double) throws -> Vector {
    precondition(batch == 1, "a read-out is given for one sample")
    var trial = self
    let units = self["readout"].count / steps
    trial["readout"] = (0..<steps * units).map { readout($0 / units, $0 % units) }
    return try trial.run(gradients: [name])["d/" + name] ?? []
  }
}
