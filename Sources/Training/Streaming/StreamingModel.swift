public import EbbExecution
public import EbbFiles
internal import EbbGraph
internal import EbbPlanning
public import EbbRecording
public import EbbTensors

/// A trained network that reads sequences in pieces, or one step at a time, and keeps its states in between.
///
/// For any pieces, the outputs have the bits of a run over the whole sequence. Dropout is off. The program is
/// compiled once, and bound once for each number of steps and streams.
///
/// ```swift
/// let model = try StreamingModel(recording, parameters: trainer.parameters, outputs: ["prediction"])
/// for x in values { print(try model.step(["x": x])["prediction"]!) }
/// model.reset()
/// ```
public final class StreamingModel {
  /// The states between two pieces, to continue from later; has the shape of the streams that were read.
  public struct State: Hashable, Sendable {
    var values: [String: Tensor]?
    /// Before the first step.
    public static let beginning = State(values: nil)

    /// The states of these streams, in this order: to drop some, or to continue one in several ways. (Streams are the
    /// first axis of every state.)
    public func selecting(_ streams: [Int]) -> State {
      State(values: values?.mapValues { $0.taking(streams, along: 0) })
    }
  }

  /// The current states; can be saved and restored.
  public var state = State.beginning
  /// The parameters by name.
  public private(set) var parameters: [String: Tensor]
  private let carried: CarriedGraph
  private let executable: Executable
  private let rules: InputRules
  private let outputs: [String]
  /// The parameters that the outputs need.
  private let parameterNames: Set<String>
  /// Inputs that no output needs; they can be left out.
  private let unusedInputs: [String]
  /// Counts changes of the parameters, to update sessions.
  private var revision = 1

  /// - Parameters:
  ///   - recording: The network as trained; it runs without dropout.
  ///   - parameters: The trained values by name.
  ///   - outputs: The requested outputs; nil for all. Inputs that only other outputs need are left out.
  ///   - options: Threads, instruction set and memory limits.
  /// - Throws: `TrainingError` if there is no such output, a parameter is missing, or the network cannot be run in
  ///   pieces: it reads backward, counts its steps, reads all steps together, or does not have exactly one time axis.
  public init(
    _ recording: Recording, parameters: [String: Tensor], outputs: [String]? = nil,
    options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    carried = try CarriedGraph(recording.evaluationGraph, of: recording)
    rules = InputRules(recording)
    var graph = carried.graph
    let known = recording.graph.outputs.map(\.name)
    self.outputs = outputs ?? known
    if let unknown = self.outputs.first(where: { !known.contains($0) }) {
      throw .unknownLoss(unknown, outputs: known)
    }
    for name in self.outputs {
      guard let node = graph.output(named: name), carried.global.contains(node),
        graph.type(node).domain.contains(carried.time)
      else { continue }
      throw .setting(
        "the output \(name)\(recording.graph.output(named: name).map { recording.remark($0) } ?? "") depends on the number "
          + "of the step, or on all steps together: both begin anew in each piece")
    }
    let wanted = Set(self.outputs)
    graph.removeOutputs { known.contains($0) && !wanted.contains($0) }
    unusedInputs = graph.unusedInputs
    executable = try Trainer.compile(graph, options)
    let planned = executable.plan.graph
    parameterNames = Set(
      planned.nodes.filter { planned.operation($0) == .parameter }.compactMap { planned.name($0) })
    self.parameters = parameters
    for parameter in recording.parameters where parameters[parameter.name] == nil {
      throw .parameters("there is no value for the parameter \(parameter.name)")
    }
  }

  /// The network of a model's file, of any kind and with any cells.
  ///
  /// - Parameters:
  ///   - file: A model's file with the network's equations.
  ///   - outputs: The requested outputs; nil for all.
  ///   - options: Threads, instruction set and memory limits.
  /// - Throws: `FileError` if the file is damaged or holds no equations, or the network cannot be run in pieces.
  public convenience init(
    _ file: ModelFile, outputs: [String]? = nil, options: ExecutionOptions = ExecutionOptions()
  ) throws(FileError) {
    let recording = try file.network(outputs ?? [], cell: "", as: nil)
    do {
      try self.init(recording, parameters: file.parameters, outputs: outputs, options: options)
    } catch {
      throw FileError(file.source, error.description)
    }
  }

  /// The next piece begins new sequences.
  public func reset() { state = .beginning }

  /// Takes other trained values; the states stay.
  public func setParameters(_ values: [String: Tensor]) {
    parameters = values
    revision += 1
  }

  /// Reads the next piece of each stream.
  ///
  /// - Parameter inputs: The recording's inputs by name, over any number of steps: [T, B, …].
  /// - Returns: The outputs by name. Outputs without a time axis, such as a mean loss, are for this piece alone.
  /// - Throws: `TrainingError.batch` if the inputs do not fit the network, `TrainingError.input` if one has an invalid
  ///   value, such as a token outside its table. The states are then unchanged.
  public func run(_ inputs: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    var batch = try carried.completed(inputs, state.values)
    batch.merge(try carried.zeros(for: unusedInputs, beside: inputs)) { first, _ in first }
    let session = try session(for: batch)
    try rules.check(inputs)
    do {
      for (name, tensor) in batch { try session.set(name, tensor) }
    } catch {
      throw .batch(error)
    }
    session.run()
    if let failure = session.failure { throw .batch(failure) }
    state.values = carried.states(after: session)
    return Dictionary(uniqueKeysWithValues: outputs.map { ($0, session.output($0)) })
  }

  /// Reads one step of each stream.
  ///
  /// - Parameter inputs: The recording's inputs by name, without the time axis: [B, …].
  /// - Returns: The outputs by name, without the time axis.
  public func step(_ inputs: [String: Tensor]) throws(TrainingError) -> [String: Tensor] {
    var piece = inputs
    for (name, tensor) in inputs {
      guard let place = timePlace(carried.graph.node(named: name), of: tensor) else { continue }
      var dimensions = tensor.dimensions
      dimensions.insert(1, at: place)
      piece[name] = Tensor(dimensions, tensor.storage)
    }
    return try run(piece).reduce(into: [:]) { result, output in
      let (name, tensor) = output
      guard let place = timePlace(carried.graph.output(named: name), of: tensor) else {
        result[name] = tensor
        return
      }
      var dimensions = tensor.dimensions
      dimensions.remove(at: place)
      result[name] = Tensor(dimensions, tensor.storage)
    }
  }

  /// The time dimension of a tensor; nil for a value without one.
  private func timePlace(_ node: NodeID?, of tensor: Tensor) -> Int? {
    guard let node, let place = Array(carried.graph.type(node).domain).firstIndex(of: carried.time),
      place <= tensor.dimensions.count
    else { return nil }
    return place
  }

  /// The session for the lengths of these inputs, with the parameters set.
  private func session(for batch: [String: Tensor]) throws(TrainingError) -> Session {
    let values = parameters.filter { parameterNames.contains($0.key) }
    do {
      let lengths = try executable.plan.graph.lengths(for: Bindings(values.merging(batch) { $1 }))
      let session = try executable.session(lengths: lengths)
      if session.revision != revision {
        for (name, value) in values { try session.set(name, value) }
        session.revision = revision
      }
      return session
    } catch {
      throw .batch(error)
    }
  }
}
