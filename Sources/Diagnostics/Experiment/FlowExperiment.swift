internal import EbbExecution
public import EbbGraph
public import EbbRecording
public import EbbTensors

/// An experiment on a cell with random inputs: length, width and loss.
///
/// The inputs x_t are drawn from N(0, 1), of shape [features] at each of `length` steps of `batch` samples. The loss of
/// a sample is a read-out in a random direction v of length 1, so that ‖dL/dy‖ is 1 where the loss reads y. So the
/// curves of different cells can be compared. Parameters have the cell's initial values.
public struct FlowExperiment: Sendable, Hashable {
  /// The steps at which the loss reads the cell's output y, or the value of the experiment.
  public enum Loss: Sendable, Hashable {
    /// L = v · y_T.
    case last
    /// L = Σ_t v · y_t / T.
    case all
    /// L = v · y_t of one step, from 0. A sequence that ends before has a loss of 0.
    case step(Int)
  }

  /// Steps of the sequence.
  public var length: Int
  /// Features of the input.
  public var features: Int
  /// Samples.
  public var batch: Int
  /// Draws inputs, read-out and parameters.
  public var seed: UInt64
  /// Where the loss reads.
  public var loss: Loss
  /// A state or a value named with `named`, such as `layer0.c`, that the loss reads in place of the output y; nil for y.
  public var value: String?
  /// A factor on the recurrent weights: those with an orthogonal or identity initialiser or a spectral radius.
  public var gain: Double
  /// Clips the gradient of every state inside the recurrence, at each step and sample.
  public var clip: GradientClip?
  /// The element type of states and parameters.
  public var element: ElementType
  /// How the measurement runs.
  public var run: RunOptions

  /// An experiment; by default over 200 steps of 16 samples, with a loss that reads the output at the last step.
  public init(
    length: Int = 200, features: Int = 8, batch: Int = 16, seed: UInt64 = 1, loss: Loss = .last,
    value: String? = nil, gain: Double = 1, clip: GradientClip? = nil, element: ElementType = .float32,
    run: RunOptions = RunOptions()
  ) {
    self.length = length
    self.features = features
    self.batch = batch
    self.seed = seed
    self.loss = loss
    self.value = value
    self.gain = gain
    self.clip = clip
    self.element = element
    self.run = run
  }

  func validate() throws(DiagnosticError) {
    for (name, value) in [("length", length), ("features", features), ("batch", batch)] where value < 1 {
      throw .setting("the \(name) is at least 1, not \(value)")
    }
    if case .step(let index) = loss, !(0..<length).contains(index) {
      throw .setting("the loss reads the step \(index), and the steps are 0 to \(length - 1)")
    }
    guard element.isFloat else { throw .setting("the element type is f32 or f64, not \(element.name)") }
    guard gain.isFinite else { throw .setting("the gain is a finite number, not \(gain)") }
    switch clip {
    case nil: break
    case .norm(let limit, _), .value(let limit):
      guard limit > 0 else { throw .setting("a clipping threshold is greater than 0, not \(limit)") }
    }
  }
}

extension FlowExperiment {
  /// The names that an experiment's recording declares.
  enum Name {
    static let input = "x"
    static let readOut = "readout"
  }

  /// Records the cell over the experiment's axes t and b with its loss, one number per sample.
  public func record(_ cell: some RecurrentCell) throws(DiagnosticError) -> Recording {
    try record(cell) { scope, y, readOut, time in
      scope.output(Objective.loss.rawValue, product(readOut, loss.read(y, along: time, in: scope), in: scope))
    }
  }

  /// Records the cell over the experiment's axes t and b, and the outputs that `outputs` computes from what the loss
  /// reads, which is the output y or the experiment's value, and the read-out v.
  func record(
    _ cell: some RecurrentCell, _ outputs: (Scope, _ y: Signal, _ readOut: Signal, _ time: Axis) -> Void
  ) throws(DiagnosticError) -> Recording {
    try validate()
    if let value { try readingOutput.record(cell).checkReadable(value) }
    return try diagnosing {
      try Recording(element: element) { scope in
        let time = scope.time("t")
        let batch = scope.batch("b")
        let x = scope.input(Name.input, [features], over: [time, batch])
        var inner = scope.over(time)
        if let clip { inner = inner.clipping(clip) }
        let y = read(inner.run(cell, x), in: inner)
        outputs(scope, y, scope.input(Name.readOut, y.shape.array, over: [batch]), time)
      }
    }
  }

  static func sumOverAllFeatures(_ x: Signal) -> Signal {
    sumOverFeatures(x.shape.rank == 1 ? x : reshape(x, [x.shape.count]))
  }

  /// The inputs, the read-out and the initial values of the parameters.
  public func bindings(for recording: Recording) -> Bindings {
    var bindings = Bindings(recording.initialValues(seed: seed), seed: seed)
    if gain != 1 {
      for parameter in recording.parameters {
        bindings.values[parameter.name] = bindings.values[parameter.name]?.scalingRecurrentRows(of: parameter, by: gain)
      }
    }
    let readOutShape = recording.graph.node(named: Name.readOut).map { recording.graph.type($0).shape } ?? .scalar
    bindings.values[Name.input] = Tensor(
      [length, batch, features],
      RandomStream(seed: seed, stream: 1).normals(length, batch, features), as: element)
    bindings.values[Name.readOut] = Tensor(
      [batch] + readOutShape.array, directions(of: readOutShape.count), as: element)
    return bindings
  }

  /// A random vector of length 1 for each sample.
  func directions(of count: Int) -> [Double] {
    let normals = RandomStream(seed: seed, stream: 2).normals(1, batch, count)
    return (0..<batch).flatMap { sample -> [Double] in
      let vector = normals[sample * count..<(sample + 1) * count]
      let length = euclideanNorm(Array(vector))
      return vector.map { $0 / length }
    }
  }
}

extension RandomStream {
  /// Standard normal numbers for each index of two axes and each feature.
  package func normals(_ steps: Int, _ samples: Int, _ features: Int) -> [Double] {
    var values: [Double] = []
    values.reserveCapacity(steps * samples * features)
    for step in 0..<steps {
      for sample in 0..<samples {
        for feature in 0..<features {
          values.append(
            value(.normal, at: [UInt32(step), UInt32(sample), 0], element: UInt32(feature)))
        }
      }
    }
    return values
  }
}

extension Tensor {
  /// The tensor with its recurrent rows, according to its initialiser, multiplied by a factor.
  func scalingRecurrentRows(of parameter: ParameterDescription, by factor: Double) -> Tensor {
    var values = doubles
    if case .blocks(let blocks) = parameter.initializer {
      let columns = parameter.shape[1]
      var start = 0
      for block in blocks {
        let end = start + block.rows * columns
        if block.initializer.isRecurrent {
          for index in start..<end { values[index] *= factor }
        }
        start = end
      }
    } else if parameter.initializer.isRecurrent {
      for index in values.indices { values[index] *= factor }
    }
    return Tensor(dimensions, values, as: element)
  }
}

extension Initializer {
  /// Whether only recurrent weights have this initialiser.
  fileprivate var isRecurrent: Bool {
    switch self {
    case .orthogonal, .identity, .spectralRadius: true
    case .negative(let initializer), .drawn(_, let initializer): initializer.isRecurrent
    case .zeros, .constant, .uniform, .between, .logOfUniform, .ringDecay, .normal, .glorotUniform, .sparse, .blocks:
      false
    }
  }
}
