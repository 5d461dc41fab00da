internal import EbbCells
internal import EbbGraph
public import EbbRecording
public import EbbTensors

/// What a network of layers reads at each step.
public enum SequentialInput: Hashable, Sendable {
  /// A vector of so many numbers.
  case features(Int)
  /// A token as an Int32, for an `Embedding`.
  case tokens
}

extension Recording {
  /// Layers one after the other, then a loss.
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
  /// Recurrent layers answer at every step; `LastStep()` keeps the last one, as a network that answers once needs it. The
  /// layers are named `layer0`, `layer1`, …, as in a `Stack`.
  ///
  /// Inputs are `x` of [T, B, features], or Int32 [T, B] for tokens, and `target`: of the dimensions of the last layer's
  /// output, or Int32 without features for `.crossEntropy`. Outputs are `prediction` and `loss`.
  ///
  /// - Parameters:
  ///   - loss: The cross-entropies apply the sigmoid or softmax themselves, exactly where probabilities would be rounded.
  ///     A sigmoid of a last `Dense` layer is that one, and not applied twice.
  ///   - isRagged: Whether each sequence has a length of its own, given as the Int32 input `lengths` of [B].
  public static func sequential(
    _ input: SequentialInput, _ layers: [any RecurrentCell], loss: SupervisedLoss = .meanSquaredError,
    isRagged: Bool = false, element: ElementType = .float32, fileID: String = #fileID, line: Int = #line
  ) throws(RecordingError) -> Recording {
    var layers = layers
    if loss == .binaryCrossEntropy, var dense = layers.last as? Dense, dense.activation == .sigmoid {
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
