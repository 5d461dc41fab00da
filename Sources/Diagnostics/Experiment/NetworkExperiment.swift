internal import EbbGraph
public import EbbRecording
public import EbbTensors

/// An experiment on a network with given parameters and sequences: trained weights on real data.
///
/// ```swift
/// let network = try TrainedNetwork(TensorFile.contents(of: "model.safetensors"))
/// let experiment = try NetworkExperiment(
///   network, cell: network.recurrent, features: network.recurrentFeatures, parameters: network.parameters,
///   NetworkExperiment.Sequences(x, lengths: [20, 17, 20]))
/// let flow = try Diagnostics.gradientFlow(of: experiment.trial(loss: .loss))
/// ```
///
/// The loss of a sample is a read-out in a random direction of length 1, as in a `FlowExperiment`, or compares the output
/// with targets; at all steps it is the mean over the sample's own steps. The loss of the batch is the mean over the
/// samples, and each norm is that of a sample's own gradient.
public struct NetworkExperiment: FlowSubject {
  /// The sequences of a batch.
  public struct Sequences: Sendable, Hashable {
    /// Floats of [T, B, features], or Int32 tokens of [T, B].
    public var input: Tensor
    /// The number of steps of each sample, from 1 to T; nil if all have T.
    public var lengths: [Int]?

    /// Sequences, which all have T steps or lengths of their own.
    public init(_ input: Tensor, lengths: [Int]? = nil) {
      self.input = input
      // Sequences of one length need no masks, and more can be measured of them.
      self.lengths = lengths.flatMap { all in all.allSatisfy { $0 == input.dimensions.first } ? nil : all }
    }
  }

  /// What the outputs are compared with.
  public struct Targets: Sendable {
    /// The loss at each index, from an output and its target.
    public typealias Comparison = @Sendable (_ output: Signal, _ target: Signal) -> Signal

    /// Floats with the output's features, or Int32 classes without features: over [T, B], or over [B] if there is one
    /// target for each sequence.
    public var values: Tensor
    /// Whether each step has a target.
    public var isAtEachStep: Bool
    /// The loss at each index.
    public var comparison: Comparison

    /// Targets and how outputs are compared with them.
    public init(_ values: Tensor, isAtEachStep: Bool, _ comparison: @escaping Comparison) {
      (self.values, self.isAtEachStep, self.comparison) = (values, isAtEachStep, comparison)
    }
  }

  /// The network, from the input to the output of each step.
  public let network: any RecurrentCell
  public let cell: any RecurrentCell
  /// The parameters by name.
  public let parameters: [String: Tensor]
  /// The sequences.
  public private(set) var sequences: Sequences
  /// Nil for a read-out in a random direction.
  public private(set) var targets: Targets?
  public private(set) var experiment: FlowExperiment

  /// - Parameters:
  ///   - network: The network, from the input to the output of each step.
  ///   - cell: The recurrent equations within it; nil if it is nothing else.
  ///   - features: The features that the recurrent equations read; nil for those of the input.
  ///   - parameters: The values of all parameters, by name.
  ///   - sequences: The inputs.
  ///   - targets: What outputs are compared with; nil for a read-out in a random direction.
  ///   - settings: Where the loss reads, clipping, precision, the seed, and how measurements run. Its lengths and sizes
  ///     are those of the sequences, and it has no gain.
  /// - Throws: `DiagnosticError.setting` if the dimensions do not fit together.
  public init(
    _ network: any RecurrentCell, cell: (any RecurrentCell)? = nil, features: Int? = nil,
    parameters: [String: Tensor], _ sequences: Sequences, targets: Targets? = nil,
    _ settings: FlowExperiment = FlowExperiment()
  ) throws(DiagnosticError) {
    let dimensions = sequences.input.dimensions
    let isTokens = sequences.input.element == .int32
    guard dimensions.count == (isTokens ? 2 : 3), dimensions.allSatisfy({ $0 >= 1 }) else {
      throw .setting(
        "the input has the dimensions \(dimensions); tokens have [steps, samples], numbers [steps, samples, features]")
    }
    if let lengths = sequences.lengths {
      guard lengths.count == dimensions[1], lengths.allSatisfy({ (1...dimensions[0]).contains($0) }) else {
        throw .setting(
          "the lengths are those of \(dimensions[1]) samples, each in 1 ... \(dimensions[0]), not \(lengths)")
      }
    }
    if let targets {
      let places = targets.isAtEachStep ? Array(dimensions[..<2]) : [dimensions[1]]
      guard Array(targets.values.dimensions.prefix(places.count)) == places else {
        throw .setting("the targets have the dimensions \(targets.values.dimensions); they begin with \(places) here")
      }
    }
    (self.network, self.cell, self.parameters) = (network, cell ?? network, parameters)
    (self.sequences, self.targets) = (sequences, targets)
    experiment = settings
    experiment.length = dimensions[0]
    experiment.batch = dimensions[1]
    experiment.features = features ?? (isTokens ? 1 : dimensions[2])
    experiment.gain = 1
    try experiment.validate()
    if targets != nil, let value = settings.value {
      throw .setting("targets are compared with the output, and the loss reads \(value): give no targets")
    }
  }

  public var lengths: [Int]? { sequences.lengths }

  public var values: [String] {
    get throws(DiagnosticError) { try readingOutput.trial(loss: .loss).recording.readableNames }
  }

  /// The same network with a loss that reads its output.
  var readingOutput: NetworkExperiment {
    var output = self
    output.experiment = experiment.readingOutput
    return output
  }

  public func part(steps: Int, samples: Int) -> NetworkExperiment {
    taking(Array(0..<min(max(1, samples), experiment.batch)), steps: min(max(1, steps), experiment.length))
  }

  public var ofOneSample: NetworkExperiment {
    var one = part(steps: experiment.length, samples: 1)
    one.experiment = one.experiment.ofOneSample
    return one
  }

  public var ofOneLength: NetworkExperiment {
    guard let lengths = sequences.lengths else { return self }
    let counts = Dictionary(grouping: lengths.indices) { lengths[$0] }
    let most = counts.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    return most.map { taking($0.value, steps: $0.key) } ?? self
  }

  /// These samples, up to a step.
  private func taking(_ samples: [Int], steps: Int) -> NetworkExperiment {
    var part = self
    let lengths = sequences.lengths.map { all in samples.map { min(all[$0], steps) } }
    // Steps that none of the samples has are no steps.
    let longest = lengths?.max() ?? steps
    part.sequences = Sequences(sequences.input.taking(steps: longest, samples), lengths: lengths)
    if let targets {
      let values = targets.values
      part.targets?.values =
        targets.isAtEachStep ? values.taking(steps: longest, samples) : values.taking(samples)
    }
    (part.experiment.length, part.experiment.batch) = (longest, samples.count)
    part.experiment.loss = experiment.loss.within(longest)
    return part
  }
}

extension Tensor {
  /// The first steps, and these samples, of a tensor over [steps, samples].
  fileprivate func taking(steps: Int, _ samples: [Int]) -> Tensor {
    let inner = dimensions[2...].reduce(1, *)
    let places = (0..<steps).flatMap { step in
      samples.flatMap { sample in
        let start = (step * dimensions[1] + sample) * inner
        return start..<start + inner
      }
    }
    return taking(places, [steps, samples.count] + dimensions[2...])
  }

  /// These samples of a tensor over [samples].
  fileprivate func taking(_ samples: [Int]) -> Tensor {
    let inner = dimensions[1...].reduce(1, *)
    return taking(samples.flatMap { $0 * inner..<($0 + 1) * inner }, [samples.count] + dimensions[1...])
  }

  private func taking(_ places: [Int], _ shape: [Int]) -> Tensor {
    switch storage {
    case .float32(let values): Tensor(shape, places.map { values[$0] })
    case .float64(let values): Tensor(shape, places.map { values[$0] })
    case .int32(let values): Tensor(shape, places.map { values[$0] })
    case .bool(let values): Tensor(shape, places.map { values[$0] })
    }
  }
}
