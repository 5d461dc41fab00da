internal import EbbCells
internal import EbbGraph
public import EbbRecording
public import EbbTensors

/// The input of a network of layers at each step.
public enum SequentialInput: Hashable, Sendable {
  /// A vector of this many numbers.
  case features(Int)
  /// A token as an Int32, for an `Embedding`.
  case tokens
}

extension Recording {
  /// A sequence of layers, then a loss.
  ///
  /// ```swift
  /// let model = try Recording.sequential(
  ///   .features(1), [SimpleRNN(units: 50), LastStep(), Dense(units: 1)], loss: .meanSquaredError)
  /// print(model.summary())
  /// let trainer = try Trainer(model, optimizer: Adam(learningRate: 1e-3))
  /// try trainer.fit(x, y, epochs: 20)
  /// let prediction = try trainer.predict(x)
  /// ```
  ///
  /// Recurrent layers have an output at every step; `LastStep()` keeps the last one, for networks with one result per
  /// sequence. The layers are named `layer0`, `layer1`, …, as in a `Stack`.
  ///
  /// Inputs are `x` of [T, B, features], or Int32 [T, B] for tokens, and `target`: with the dimensions of the last
  /// layer's output, or Int32 without features for `.crossEntropy`. Outputs are `prediction` and `loss`.
  ///
  /// - Parameters:
  ///   - input: The width of a step's input, or tokens.
  ///   - layers: The layers, lowest first.
  ///   - loss: The cross-entropies apply the sigmoid or softmax themselves, without rounding probabilities. If the last
  ///     layer is a `Dense` with a sigmoid, it is not applied twice.
  ///   - isRagged: Whether each sequence has its own length, given by the Int32 input `lengths` of [B].
  ///   - element: The element type of floats.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public static func sequential(
    _ input: SequentialInput, _ layers: [any RecurrentCell], loss: SupervisedLoss = .meanSquaredError,
    isRagged: Bool = false, element: ElementType = .float32, fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) -> Recording {
    var layers = layers
    if loss.comparison == .binaryCrossEntropy, var dense = layers.last as? Dense, dense.activation == .sigmoid {
      dense.activation = .identity
      layers[layers.count - 1] = dense
    }
    return try Recording(element: element, fileID: fileID, line: line) { scope in
      let time = scope.time("t", fileID: fileID, line: line)
      let batch = scope.batch("b", fileID: fileID, line: line)
      if isRagged { scope.lengths("lengths", of: time, over: [batch], fileID: fileID, line: line) }
      var value =
        switch input {
        case .features(let count): scope.input("x", [count], over: [time, batch], fileID: fileID, line: line)
        case .tokens: scope.input("x", [], over: [time, batch], as: .int32, fileID: fileID, line: line)
        }
      for (index, layer) in layers.enumerated() {
        value = scope.run(layer, value, named: "layer\(index)", fileID: fileID, line: line)
      }
      loss.declare(value, scope, fileID: fileID, line: line)
    }
  }
}
