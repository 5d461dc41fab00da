import Ebb
import EbbApplications

/// A network that produces tokens, run one step at a time, with its states as inputs and outputs: one row per sequence.
///
/// The recording has the axes `time` and `beam`, an input `previous`, an output `logProbabilities`, and states with
/// inputs as initial values.
struct TokenStepper {
  /// The numbers of each state, by name.
  typealias State = [String: [Double]]

  let states: [(name: String, shape: [Int])]
  private let run: (Bindings) throws -> [String: Tensor]

  init(_ recording: Recording, parameters: [String: Tensor]) throws {
    states = recording.states.map { ($0.name, recording.graph.type($0.value).shape.array) }
    run = try recording.evaluator(parameters, showsStates: true)
  }

  var zeros: State {
    Dictionary(uniqueKeysWithValues: states.map { ($0.name, [Double](repeating: 0, count: $0.shape.reduce(1, *))) })
  }

  /// A step of all sequences at once, for a search.
  ///
  /// - Parameter context: Inputs that are the same at each step, such as a memory.
  func callAsFunction(
    _ beams: [(state: State, last: Int?)], context: [String: Tensor] = [:]
  ) throws -> [(state: State, logProbabilities: [Double])] {
    try step(beams, context: context).results
  }

  /// A step, and all outputs of the network.
  func step(
    _ beams: [(state: State, last: Int?)], context: [String: Tensor] = [:]
  ) throws -> (results: [(state: State, logProbabilities: [Double])], outputs: [String: Tensor]) {
    var inputs = Bindings(context)
    inputs.values["previous"] = Tensor([1, beams.count], beams.map { Int32($0.last ?? Vocabulary.end) })
    for (name, shape) in states {
      inputs.values[name + ".initial"] = Tensor(
        [beams.count] + shape, beams.flatMap { $0.state[name] ?? [] }, as: .float32)
    }
    let outputs = try run(inputs)
    func rows(_ name: String) -> [[Double]] {
      let numbers = outputs[name]?.doubles ?? []
      let size = numbers.count / beams.count
      return beams.indices.map { Array(numbers[$0 * size..<($0 + 1) * size]) }
    }
    let logProbabilities = rows("logProbabilities")
    let values = states.map { (name: $0.name, rows: rows($0.name)) }
    let results = beams.indices.map { beam in
      let state = Dictionary(uniqueKeysWithValues: values.map { ($0.name, $0.rows[beam]) })
      return (state: state, logProbabilities: logProbabilities[beam])
    }
    return (results, outputs)
  }
}
