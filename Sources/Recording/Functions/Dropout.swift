public import EbbGraph
internal import EbbTensors

// Values that differ between training and evaluation. Both are in the graph, as sides of a selection by a constant. The
// passes keep only one of them, so neither costs anything in the other's program. `Recording.evaluationGraph` is the
// same graph, node by node, with the constant flipped.

extension Scope {
  /// A value that is `training` while the network is trained and `evaluation` when it is evaluated.
  ///
  /// Both have the same element type and shape.
  public func whileTraining(
    _ training: Signal, otherwise evaluation: Signal, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("whileTraining", fileID, line)
    return recorder.mode(training, evaluation)
  }

  /// Inverted dropout (Srivastava et al. 2014): in training each feature is 0 with probability p, else divided by 1 −
  /// p; in evaluation the value is unchanged.
  ///
  ///     y = x / (1 − p) where u ≥ p, else 0          u uniform on [0, 1)
  ///
  /// Its kinds differ in where it is applied and how often it draws:
  /// - between layers, over time and batch (Zaremba, Sutskever & Vinyals 2014), or as `Dropout` in a `Stack`;
  /// - on inputs and states over the batch alone: variational, one mask for all steps (Gal & Ghahramani 2016);
  /// - on a gated cell's candidate: recurrent dropout, which erases no memory (Semeniuta, Severyn & Barth 2016):
  ///   `c.next(forget * c + input * scope.dropout(candidate, 0.25, over: [batch]))`.
  ///
  /// - Parameters:
  ///   - x: The value whose features are dropped.
  ///   - rate: p, in 0 ..< 1. With 0 nothing is drawn.
  ///   - domain: The axes over which the mask is drawn independently.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func dropout(
    _ x: Signal, _ rate: Double, over domain: Domain, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("dropout", fileID, line)
    guard isRate(rate, "dropout") else { return recorder.signal(nil) }
    guard rate > 0 else { return x }
    let uniform = random(.uniform, x.shape.array, over: domain, fileID: fileID, line: line)
    return recorder.mode(select(uniform .>= rate, x / (1 - rate), 0), x)
  }

  func isRate(_ rate: Double, _ what: String) -> Bool {
    guard rate >= 0, rate < 1 else {
      recorder.report("\(what): the rate is in 0 ..< 1, not \(rate)")
      return false
    }
    return true
  }
}

/// Dropout as a layer between others: `Stack([LSTM(units: 64), Dropout(0.2), LSTM(units: 64)])`.
public struct Dropout: RecurrentCell {
  /// The probability with which a feature is 0 in training, in 0 ..< 1.
  public var rate: Double
  /// Whether a sequence keeps one mask for all its steps (Gal & Ghahramani 2016); otherwise each step has its own.
  public var isVariational: Bool

  /// A layer that sets features to 0 at this rate, which must be in 0 ..< 1; any other rate is an error of the
  /// recording.
  public init(_ rate: Double, isVariational: Bool = false) {
    self.rate = rate
    self.isVariational = isVariational
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard !scope.recorder.isAnyStateOpen else {
      scope.recorder.report("Dropout inside a recurrence cannot know its axes; use scope.dropout(x, rate, over: axes)")
      return scope.recorder.signal(nil)
    }
    return scope.dropout(x, rate, over: isVariational ? x.sequenceDomain : x.domain)
  }
}

extension Recorder {
  /// Selects by the mode. The constants come before their first use, as operands do.
  func mode(_ training: Signal, _ evaluation: Signal) -> Signal {
    let constants: Modes
    if let modes {
      constants = modes
    } else {
      constants = Modes(
        training: leaf(.constant(1), NodeType(.bool)), evaluation: leaf(.constant(0), NodeType(.bool)))
      modes = constants
    }
    let value = select(signal(constants.training), training, evaluation)
    if let node = value.node { modes?.selections.append(node) }
    return value
  }
}

/// The nodes in which a graph differs between training and evaluation.
struct Modes: Sendable {
  /// True and false.
  var training: NodeID
  var evaluation: NodeID
  /// The selections by the first of them.
  var selections: [NodeID] = []
}

extension Recording {
  /// The network as it is evaluated: dropout and zoneout are off, and `whileTraining` takes its other value. Its nodes
  /// correspond to those of `graph`; without such values it equals `graph`.
  public var evaluationGraph: Graph {
    guard let modes else { return graph }
    var result = graph
    for node in modes.selections { result.setOperand(node, 0, to: modes.evaluation) }
    return result
  }
}
