public import EbbGraph
public import EbbTensors

/// A network as equations: the graph and the names of its parts.
///
/// ```swift
/// let model = try Recording { scope in
///   let time = scope.time("t")
///   let batch = scope.batch("b")
///   let x = scope.input("x", [3], over: [time, batch])
///   let h = scope.run(LSTM(units: 8), x, named: "layer0")
///   scope.output("loss", mean(square(h)))
/// }
/// ```
public struct Recording: Sendable {
  /// The equations in training; see `evaluationGraph` for evaluation.
  public let graph: Graph
  /// The element type of states and parameters.
  public let element: ElementType
  /// The trained values, in the order of their first use.
  public let parameters: [ParameterDescription]
  /// The states, in the order of their declaration.
  public let states: [StateDescription]
  /// The inputs of each run, in the order of their declaration.
  public let inputs: [NamedNode]
  /// The values named with `named`.
  public let intermediates: [NamedNode]
  /// The cells that were run, in order; each before the cells within it.
  public let layers: [LayerDescription]
  /// The values that losses interpret as probabilities: targets in [0, 1].
  public let probabilities: [NodeID]
  let modes: Modes?
  /// Where each equation was recorded; empty for a recording from a file.
  let places: RecordedPlaces
}

extension Recording {
  /// Records what `body` does. Throws all problems together, each with its cell, operation, shapes and place.
  public init(
    element: ElementType = .float32, fileID: String = #fileID, line: Int = #line, _ body: (Scope) -> Void
  ) throws(RecordingError) {
    let recorder = Recorder(element: element, file: fileID, line: line)
    if !element.isFloat { recorder.report("states and parameters are floats, not \(element.name)") }
    body(Scope(recorder: recorder))
    self = try recorder.finish()
  }

  /// Records a cell over an input `x` of `features` with the axes t (time) and b (batch); its output at every step is
  /// the output `y`.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - features: The number of input features.
  ///   - element: The element type of floats.
  ///   - ragged: Whether each sequence has its own length, given by the input `lengths`.
  ///   - truncation: The number of steps after which adjoints are cut; 0 for never.
  ///   - clip: Clips the gradient of the states inside the recurrence; nil for not.
  ///   - initial: The initial value of the states; it receives the batch axis.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public init(
    _ cell: some RecurrentCell, features: Int, element: ElementType = .float32, ragged: Bool = false,
    truncation: Int = 0, clip: GradientClip? = nil, initial: (Axis) -> InitialState = { _ in .zero },
    fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) {
    try self.init(
      cell, features: features, element: element, ragged: ragged, truncation: truncation, clip: clip, initial: initial,
      fileID: fileID, line: line
    ) { scope, y in scope.output("y", y) }
  }

  /// Records a cell over an input `x` of `features` with the axes t (time) and b (batch); `body` receives the cell's
  /// output and declares the outputs.
  ///
  /// ```swift
  /// let recording = try Recording(LSTM(units: 8), features: 3) { scope, y in
  ///   scope.output("loss", mean(square(y)))
  /// }
  /// ```
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell, or a `Stack` of them.
  ///   - features: The number of input features.
  ///   - element: The element type of floats.
  ///   - ragged: Whether each sequence has its own length, given by the input `lengths`.
  ///   - truncation: The number of steps after which adjoints are cut; 0 for never.
  ///   - clip: Clips the gradient of the states inside the recurrence; nil for not.
  ///   - initial: The initial value of the states; it receives the batch axis.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  ///   - body: Receives the scope, and the cell's output over t and b.
  public init(
    _ cell: some RecurrentCell, features: Int, element: ElementType = .float32, ragged: Bool = false,
    truncation: Int = 0, clip: GradientClip? = nil, initial: (Axis) -> InitialState = { _ in .zero },
    fileID: String = #fileID, line: Int = #line, _ body: (Scope, Signal) -> Void
  ) throws(RecordingError) {
    try self.init(element: element, fileID: fileID, line: line) { scope in
      let time = scope.time("t", truncation: truncation, fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      if ragged { scope.lengths("lengths", of: time, over: [batch], fileID: fileID, line: line) }
      let x = scope.input("x", [features], over: [time, batch], fileID: fileID, line: line)
      var inner = scope.over(time).starting(initial(batch))
      if let clip { inner = inner.clipping(clip, fileID: fileID, line: line) }
      body(scope, inner.run(cell, x, fileID: fileID, line: line))
    }
  }

  /// The same network with another graph, which begins with its equations under the same numbers.
  package func replacing(_ graph: Graph) -> Recording {
    Recording(
      graph: graph, element: element, parameters: parameters, states: states, inputs: inputs,
      intermediates: intermediates, layers: layers, probabilities: probabilities, modes: modes, places: places)
  }

  /// The parameters' initial values, by name. Each depends only on the seed and its own name, shape and initialiser.
  public func initialValues(seed: UInt64) -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    for parameter in parameters {
      values[parameter.name] = parameter.initializer.value(
        shape: parameter.shape, as: element, seed: seed, name: parameter.name)
    }
    return values
  }
}

/// A trained value, or a buffer: its name, shape and initialiser.
public struct ParameterDescription: Hashable, Sendable {
  /// The full name, with the path of its scope: `layer0.forget.weight`.
  public var name: String
  /// The feature shape: a parameter has no axes.
  public var shape: Shape
  /// How it begins.
  public var initializer: Initializer
  /// Its node in the graph.
  public var node: NodeID
  /// Whether anything reads the value other than through `stopGradient`; otherwise it keeps its initial value.
  public var isTrained = true
  /// For a buffer (`Scope.buffer`): the node whose value replaces it after each training step.
  public var update: NodeID?
}

/// A state: h_t for every step of its axis.
public struct StateDescription: Hashable, Sendable {
  /// The full name, with the path of its scope: `layer0.h`.
  public var name: String
  /// The new value: h₁ … h_T.
  public var value: NodeID
  /// The values that the equations read: h₀ … h_{T−1}.
  public var previous: NodeID
  /// For a recurrence over a grid: what the equations read along further axes, a delay or an advance for each.
  public var neighbours: [NodeID] = []
  /// h₀, where it is not zero.
  public var initial: NodeID?
  /// The time axis along which it runs.
  public var axis: Axis
  /// Which way it runs.
  public var direction: Direction
}

/// A cell that was run: a layer of the network.
public struct LayerDescription: Hashable, Sendable {
  /// The path under which it ran: `layer0.forward`; empty for a cell without a name.
  public var name: String
  /// The name of its Swift type.
  public var type: String
  /// How many cells it lies within.
  public var depth: Int
  /// The positions of the parameters first used by it or by a cell within it.
  public var parameters: Range<Int>
  /// The node of the cell's output.
  public var output: NodeID
}

/// A node and its name.
public struct NamedNode: Hashable, Sendable {
  /// The full name, with the path of its scope.
  public var name: String
  /// The node in the graph.
  public var node: NodeID
}
