import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTraining
import Testing

/// A recording with the output `y` and a loss, of x with 3 features.
private func recording(_ cell: some RecurrentCell, initial: InitialStart = .zero) throws -> Recording {
  try Recording(element: .float32) { scope in
    let time = scope.time("t")
    let batch = scope.batch("b")
    let x = scope.input("x", [3], over: [time, batch])
    let target = scope.input("target", [2], over: [time, batch])
    let inner: Scope
    switch initial {
    case .zero: inner = scope
    case .parameter: inner = scope.starting(.parameter)
    case .input: inner = scope.starting(.input(over: [batch]))
    }
    let y = scope.run(Dense(units: 2), inner.run(cell, x, named: "cell"), named: "readout")
    scope.output("y", y)
    scope.output("loss", meanSquaredError(y, target))
  }
}

private enum InitialStart: CaseIterable { case zero, parameter, input }

/// x_t read back by three steps: h'_t = tanh(W [x_t, h_{t−3}]).
private struct Remote: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 4, steps: 3)
    return h.next(tanh(scope.affine("recurrent", [h, x], 4)))
  }
}

/// Two states of one value.
private struct Twice: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", 4)
    let value = h.next(tanh(scope.affine("recurrent", [h, x], 4)))
    let old = scope.state("old", 4)
    old.next(h + value)
    return value + old
  }
}

/// A state of inputs from which their mean over all steps is taken.
private struct Ahead: RecurrentCell {
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let centred = x - mean(x, over: x.domain)
    let h = scope.state("h", 3)
    return h.next(tanh(h + centred))
  }
}

private func numbers(_ dimensions: [Int], _ seed: UInt64) -> Tensor {
  let random = RandomStream(seed: seed, stream: 9)
  let count = dimensions.reduce(1, *)
  return Tensor(
    dimensions, (0..<count).map { Float(random.value(.normal, at: .zero, element: UInt32($0))) })
}

/// The steps of a range.
private func steps(_ tensor: Tensor, _ range: Range<Int>) -> Tensor {
  guard case .float32(let values) = tensor.storage else { preconditionFailure("floats") }
  let size = values.count / tensor.dimensions[0]
  return Tensor(
    [range.count] + tensor.dimensions.dropFirst(), Array(values[range.lowerBound * size..<range.upperBound * size]))
}

@Suite struct StreamingTests {
  static let cells: [any RecurrentCell] = [
    LSTM(units: 5), Stack([GRU(units: 4), Dropout(0.5), SimpleRNN(units: 3)]), Remote(), Twice(),
  ]

  @Test(arguments: cells.indices, [1, 3])
  func piecesHaveTheBitsOfTheWholeSequence(cell: Int, streams: Int) throws {
    let recording = try recording(Self.cells[cell])
    let parameters = recording.initialValues(seed: 3)
    let x = numbers([11, streams, 3], 5)
    let whole = try StreamingModel(recording, parameters: parameters, outputs: ["y"]).run(["x": x])["y"]!
    // Not the streaming program: that of an evaluation.
    let trainer = try Trainer(recording)
    try trainer.setParameters(parameters)
    let expected = try trainer.evaluate(["x": x, "target": numbers([11, streams, 2], 6)])["y"]!
    #expect(whole == expected)
    let model = try StreamingModel(recording, parameters: parameters, outputs: ["y"])
    for cuts in [[0, 4, 5, 11], [0, 1, 2, 3, 9, 11], Array(0...11)] {
      model.reset()
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        #expect(try model.run(["x": steps(x, start..<end)])["y"]! == steps(expected, start..<end), "\(cuts)")
      }
    }
  }

  @Test func aStepTakesAndGivesNoTimeAxis() throws {
    let recording = try recording(LSTM(units: 4))
    let model = try StreamingModel(recording, parameters: recording.initialValues(seed: 1), outputs: ["y"])
    let x = numbers([6, 2, 3], 1)
    let whole = try model.run(["x": x])["y"]!
    model.reset()
    var middle = StreamingModel.State.beginning
    for step in 0..<6 {
      let y = try model.step(["x": Tensor([2, 3], steps(x, step..<step + 1).storage)])["y"]!
      #expect(y.dimensions == [2, 2] && y.storage == steps(whole, step..<step + 1).storage)
      if step == 2 { middle = model.state }
    }
    model.state = middle
    #expect(try model.run(["x": steps(x, 3..<6)])["y"]! == steps(whole, 3..<6))
    // Another number of streams begins anew after a reset, and is an error without one.
    #expect(throws: TrainingError.self) { try model.run(["x": numbers([1, 5, 3], 2)]) }
    model.reset()
    #expect(try model.run(["x": numbers([1, 5, 3], 2)])["y"]!.dimensions == [1, 5, 2])
  }

  @Test func trainedAndGivenInitialStatesAreKept() throws {
    let x = numbers([4, 2, 3], 8)
    for initial in [InitialStart.parameter, .input] {
      let recording = try recording(SimpleRNN(units: 4), initial: initial)
      var parameters = recording.initialValues(seed: 1)
      var inputs = ["x": x]
      switch initial {
      case .zero: break
      case .parameter: parameters["cell.h.initial"] = numbers([4], 3)
      case .input: inputs["cell.h.initial"] = numbers([2, 4], 3)
      }
      let whole = try StreamingModel(recording, parameters: parameters, outputs: ["y"]).run(inputs)["y"]!
      let model = try StreamingModel(recording, parameters: parameters, outputs: ["y"])
      for step in 0..<4 {
        inputs["x"] = steps(x, step..<step + 1)
        #expect(try model.run(inputs)["y"]! == steps(whole, step..<step + 1))
      }
      let zero = try self.zeroStart(x)
      #expect(whole != zero)
    }
  }

  private func zeroStart(_ x: Tensor) throws -> Tensor {
    let recording = try recording(SimpleRNN(units: 4))
    let model = try StreamingModel(recording, parameters: recording.initialValues(seed: 1), outputs: ["y"])
    return try model.run(["x": x])["y"]!
  }

  @Test func whatCannotBeCutIsAnError() throws {
    func message(_ recording: Recording, _ outputs: [String]? = nil) -> String? {
      let parameters = recording.initialValues(seed: 1)
      let error = #expect(throws: TrainingError.self) {
        try StreamingModel(recording, parameters: parameters, outputs: outputs)
      }
      return error?.description
    }
    let backward = try recording(Bidirectional(GRU(units: 2), GRU(units: 2)))
    #expect(message(backward)?.contains("runs backward in time") == true)
    #expect(message(try recording(Dense(units: 2)))?.contains("no state that could be carried") == true)
    #expect(message(try recording(GRU(units: 2)), ["z"])?.contains("no output named z") == true)
    let ragged = try Recording(GRU(units: 2), features: 3, ragged: true)
    #expect(message(ragged)?.contains("sequences of one length") == true)
    let counting = try Recording { scope in
      let time = scope.time("t")
      let x = scope.input("x", [3], over: [time, scope.batch("b")])
      let h = scope.run(SimpleRNN(units: 2), x, named: "a")
      scope.output("h", h)
      scope.output("counted", h * convert(scope.index(of: time), to: .float32))
      scope.output("centred", h - mean(h, over: [time]))
      scope.output("mean", mean(h, over: [time]))
    }
    for output in ["counted", "centred"] {
      #expect(message(counting, [output])?.hasPrefix("the output \(output) (") == true)
    }
    // What has no time axis is of each piece alone.
    _ = try StreamingModel(counting, parameters: counting.initialValues(seed: 1), outputs: ["h", "mean"])
    let ahead = try recording(Ahead())
    #expect(message(ahead)?.contains(") depends on the number of the step, or on all steps together") == true)
    let unfit = try recording(GRU(units: 2))
    let error = #expect(throws: TrainingError.self) { try StreamingModel(unfit, parameters: [:]) }
    #expect(error?.description.contains("there is no value for the parameter") == true)
  }
}

/// Training on windows of streams.
@Suite struct StreamTrainingTests {
  static let x = numbers([8, 2, 3], 5)
  static let target = numbers([8, 2, 2], 6)

  static func window(_ range: Range<Int>, begins: Bool) -> [String: Tensor] {
    ["x": steps(x, range), "target": steps(target, range), "begins": Tensor([], [begins])]
  }

  /// With a rate of 0 the losses of windows are those of the whole sequence, in its parts.
  @Test func windowsGoOnWhereTheOnesBeforeEnded() throws {
    let recording = try recording(LSTM(units: 4))
    let trainer = try Trainer(recording, optimizer: SGD(learningRate: 0), carrying: StateCarrying(), seed: 2)
    var losses: [Double] = []
    for window in [0..<4, 4..<6, 6..<8] {
      losses.append(try trainer.step(Self.window(window, begins: window.lowerBound == 0)).loss)
    }
    let whole = try trainer.loss(on: ["x": Self.x, "target": Self.target])
    #expect(abs((4 * losses[0] + 2 * losses[1] + 2 * losses[2]) / 8 - whole) < 1e-6)
    // Streams that begin anew have another loss.
    let again = try trainer.step(Self.window(4..<6, begins: true)).loss
    #expect(again != losses[1] && trainer.state.carried?.isEmpty == false)
  }

  /// A window's gradient is that of the whole sequence's loss in this window, cut where the window begins.
  @Test func gradientsEndAtTheBorderOfAWindow() throws {
    let recording = try recording(LSTM(units: 4))
    let rate = 0.5
    let carrying = try Trainer(recording, optimizer: SGD(learningRate: rate), carrying: StateCarrying(), seed: 2)
    // The first window changes the parameters, so they are put back.
    let start = carrying.parameters
    _ = try carrying.step(Self.window(0..<4, begins: true))
    try carrying.setParameters(start)
    _ = try carrying.step(Self.window(4..<8, begins: false))
    // The same loss of a recording over all steps that cuts adjoints at t = 4.
    let truncated = try Recording { scope in
      let time = scope.time("t", truncation: 4)
      let batch = scope.batch("b")
      let x = scope.input("x", [3], over: [time, batch])
      let target = scope.input("target", [2], over: [time, batch])
      let y = scope.run(Dense(units: 2), scope.run(LSTM(units: 4), x, named: "cell"), named: "readout")
      let losses = meanSquaredError(y, target, over: [batch])
      let isLate = scope.index(of: time) .>= scope.constant(4, as: .int32)
      scope.output("loss", sum(select(isLate, losses, 0), over: [time]) / 4)
    }
    let whole = try Trainer(truncated, optimizer: SGD(learningRate: rate), seed: 2)
    try whole.setParameters(start)
    _ = try whole.step(["x": Self.x, "target": Self.target])
    for (name, value) in whole.parameters {
      #expect(maximumRelativeError(carrying.parameters[name]!, value) < 1e-5, "\(name)")
      #expect(value != start[name], "\(name)")
    }
  }

  /// With k₁ = 2 and k₂ = 4 the second window begins with the state after two steps.
  @Test func windowsMayOverlap() throws {
    for cell in [LSTM(units: 4), Remote()] as [any RecurrentCell] {
      let recording = try recording(cell)
      let trainer = try Trainer(
        recording, optimizer: SGD(learningRate: 0), carrying: StateCarrying(stride: 2), seed: 2)
      var losses: [Double] = []
      for start in [0, 2, 4] {
        losses.append(try trainer.step(Self.window(start..<start + 4, begins: start == 0)).loss)
      }
      let outputs = try trainer.evaluate(["x": Self.x, "target": Self.target])
      for (start, loss) in zip([0, 2, 4], losses) {
        let y = steps(outputs["y"]!, start..<start + 4).doubles
        let t = steps(Self.target, start..<start + 4).doubles
        let expected = zip(y, t).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(y.count)
        #expect(abs(loss - expected) < 1e-6, "\(start)")
      }
    }
  }

  @Test func aResumedTrainingGoesOnWithTheSameStates() throws {
    func trainer() throws -> Trainer {
      try Trainer(
        recording(Stack([GRU(units: 4), Dropout(0.25)])), optimizer: Adam(learningRate: 0.01),
        carrying: StateCarrying(), seed: 4)
    }
    let whole = try trainer()
    let windows = [0..<2, 2..<4, 4..<6, 6..<8].map { Self.window($0, begins: $0.lowerBound == 0) }
    for window in windows.prefix(2) { _ = try whole.step(window) }
    let bytes = Checkpoint(whole).bytes
    for window in windows.suffix(2) { _ = try whole.step(window) }
    let resumed = try trainer()
    try resumed.restore(try Checkpoint(bytes: bytes))
    #expect(resumed.state.carried?.isEmpty == false)
    for window in windows.suffix(2) { _ = try resumed.step(window) }
    #expect(resumed.state == whole.state)
  }

  /// Several batches of a step follow each other in the streams.
  @Test func accumulatedWindowsGoOn() throws {
    let recording = try recording(GRU(units: 4))
    let trainer = try Trainer(recording, optimizer: SGD(learningRate: 0), carrying: StateCarrying(), seed: 2)
    let windows = [0..<4, 4..<8].map { Self.window($0, begins: $0.lowerBound == 0) }
    let both = try trainer.step(accumulating: windows).loss
    let whole = try trainer.loss(on: ["x": Self.x, "target": Self.target])
    #expect(abs(both - whole) < 1e-6)
    let single = try Trainer(recording, optimizer: SGD(learningRate: 0), carrying: StateCarrying(), seed: 2)
    for window in windows { _ = try single.step(window) }
    #expect(trainer.state.carried == single.state.carried)
  }

  @Test func statesThatAreNotFiniteAreForgotten() throws {
    let recording = try recording(GRU(units: 4))
    let trainer = try Trainer(
      recording, optimizer: SGD(learningRate: 0.1), nonFinitePolicy: .skip, carrying: StateCarrying(), seed: 2)
    _ = try trainer.step(Self.window(0..<4, begins: true))
    var broken = Self.window(4..<6, begins: false)
    broken["x"] = Tensor([2, 2, 3], [Float](repeating: .nan, count: 12))
    #expect(try trainer.step(broken).isSkipped && trainer.state.carried == nil)
    #expect(try trainer.step(Self.window(6..<8, begins: false)).loss.isFinite)
  }
}
