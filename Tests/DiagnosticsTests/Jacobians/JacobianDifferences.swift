import EbbExecution
import EbbDiagnostics
import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// The first step of a cell from any initial states, to be differentiated by central differences.
struct FirstStep {
  static let samples = 2
  let recording: Recording
  let space: StateSpace
  private(set) var bindings: Bindings
  private let executable: Executable
  /// The inputs that give the initial states, in the order of the states.
  private let initials: [String]

  init(_ cell: some RecurrentCell, length: Int = 3, features: Int = 2) throws {
    recording = try Recording(cell, features: features, element: .float64, initial: { .input(over: [$0]) })
    space = try StateSpace(recording)
    bindings = Bindings(recording.initialValues(seed: 2))
    for (index, parameter) in recording.parameters.enumerated() {
      let noise = scattered(parameter.shape.count, Double(index + 3))
      let first = bindings.values[parameter.name]?.doubles ?? []
      bindings.values[parameter.name] = Tensor(parameter.shape.array, zip(first, noise).map { $0 + 0.5 * $1 })
    }
    bindings.values["x"] = Tensor([length, Self.samples, features], scattered(length * Self.samples * features, 1))
    var graph = recording.graph
    initials = recording.states.compactMap { state in state.initial.flatMap { [graph] in graph.name($0) } }
    for (index, state) in recording.states.enumerated() {
      graph.setOutput("new/" + state.name, state.value)
      let node = try #require(state.initial)
      let shape = graph.type(node).shape
      bindings.values[initials[index]] = Tensor(
        [Self.samples] + shape.array, scattered(Self.samples * shape.count, Double(index)))
    }
    executable = Executable(try Passes.optimized(graph))
  }

  /// Column j is (s₁(s₀ + ε eⱼ) − s₁(s₀ − ε eⱼ)) / 2 ε.
  func differences(sample: Int) throws -> Matrix {
    let offset = 1e-5
    let columns = try (0..<space.size).map { column -> [Double] in
      let up = try states(moving: column, by: offset, sample: sample)
      let down = try states(moving: column, by: -offset, sample: sample)
      return zip(up, down).map { ($0 - $1) / (2 * offset) }
    }
    return Matrix(columns).transposed
  }

  /// The states of a sample after the first step, with one coordinate moved before it.
  private func states(moving moved: Int, by offset: Double, sample: Int) throws -> [Double] {
    var values = bindings
    var before: [Double] = []
    for (name, part) in zip(initials, space.parts) {
      let tensor = try #require(values.values[name])
      var numbers = tensor.doubles
      for coordinate in part.range {
        // An initial value has the oldest step first, coordinates the latest.
        let (back, feature) = (coordinate - part.range.lowerBound).quotientAndRemainder(dividingBy: part.features)
        let place = (sample * part.steps + part.steps - 1 - back) * part.features + feature
        if coordinate == moved { numbers[place] += offset }
        before.append(numbers[place])
      }
      values.values[name] = Tensor(tensor.dimensions, numbers)
    }
    let outputs = try executable.run(values)
    var after: [Double] = []
    for part in space.parts {
      let new = try #require(outputs["new/" + part.name]).doubles
      after += new[sample * part.features..<(sample + 1) * part.features]
      after += before[part.range.dropLast(part.features)]
    }
    return after
  }
}
