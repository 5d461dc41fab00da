import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// A network over sequences of different lengths, with all its gradients.
private struct Network: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let cell: any RecurrentCell

  static let features = 3
  static let all = [
    Network(testDescription: "LSTM", cell: LSTM(units: 4)),
    Network(testDescription: "GRU", cell: GRU(units: 4)),
    Network(testDescription: "bidirectional", cell: Bidirectional(LSTM(units: 3), GRU(units: 2))),
    Network(
      testDescription: "stack",
      cell: Stack([
        Bidirectional(GRU(units: 3), GRU(units: 3)), LSTM(units: 4), Bidirectional(LSTM(units: 2), LSTM(units: 2)),
      ])),
  ]

  func recording(_ element: ElementType, isRagged: Bool) throws -> Recording {
    try Recording(element: element) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      if isRagged { scope.lengths("lengths", of: time, over: [batch]) }
      let x = scope.input("x", [Self.features], over: [time, batch])
      let y = scope.run(cell, x, named: "cell")
      scope.output("y", y)
      // Everything that looks along the time: both ends, the mean, the largest.
      let seen = [last(y, along: time), first(y, along: time), mean(y, over: [time]), max(y, over: [time])]
      scope.output("loss", sum(square(concatenate(seen) - 0.3)))
    }
  }

  /// A program that returns loss, outputs and the gradients of all parameters and of the input, by name.
  func program(_ element: ElementType = .float64, isRagged: Bool, threads: Int = 1) throws -> Program {
    let recording = try recording(element, isRagged: isRagged)
    var graph = recording.graph
    let x = recording.inputs.first { $0.name == "x" }!
    let wanted = recording.parameters.map { (name: $0.name, node: $0.node) } + [(name: "x", node: x.node)]
    let gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: wanted.map(\.node))
    for (value, gradient) in zip(wanted, gradients) { graph.setOutput("d/" + value.name, gradient) }
    return Program(
      executable: Executable(try Passes.optimized(graph), options: ExecutionOptions(threads: threads)),
      parameters: recording.initialValues(seed: 3))
  }

  struct Program {
    var executable: Executable
    var parameters: [String: Tensor]
    func callAsFunction(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
      try executable.run(Bindings(parameters.merging(inputs) { $1 }))
    }
  }
}

private let lengths = [5, 2, 7, 1, 4]

/// One number of the data: a function of its place.
private func value(step: Int, sample: Int, feature: Int) -> Double {
  RandomStream(seed: 9, stream: 1).value(.normal, at: [UInt32(step), UInt32(sample), UInt32(feature)], element: 0)
}

/// The sequences side by side, with `filler` beyond their ends.
private func side(bySide steps: Int, filler: Double, as element: ElementType = .float64) -> [String: Tensor] {
  var x: [Double] = []
  for step in 0..<steps {
    for (sample, length) in lengths.enumerated() {
      x += (0..<Network.features).map { step < length ? value(step: step, sample: sample, feature: $0) : filler }
    }
  }
  return [
    "x": Tensor([steps, lengths.count, Network.features], x, as: element),
    "lengths": Tensor([lengths.count], lengths.map { Int32($0) }),
  ]
}

@Suite struct LengthsTests {
  /// The numbers of a tensor over [T, B] that are inside the sequences, and all the others.
  private func inside(_ tensor: Tensor) -> (inside: [Double], outside: [Double]) {
    let features = tensor.dimensions[2]
    var result: (inside: [Double], outside: [Double]) = ([], [])
    for (index, number) in tensor.doubles.enumerated() {
      let (step, sample) = (index / features / lengths.count, index / features % lengths.count)
      if step < lengths[sample] { result.inside.append(number) } else { result.outside.append(number) }
    }
    return result
  }

  @Test(arguments: Network.all, [ElementType.float32, .float64])
  private func paddingChangesNoBitOfAResultOrAGradient(network: Network, element: ElementType) throws {
    let programs = try [1, 2].map { threads in
      try network.program(element, isRagged: true, threads: threads)
    }
    let tight = try programs[0](side(bySide: 7, filler: .nan, as: element))
    for (steps, filler, threads) in [(7, 0, 1), (8, 1e30, 1), (13, .nan, 2), (40, -.infinity, 2)]
      as [(Int, Double, Int)]
    {
      let padded = try programs[threads - 1](side(bySide: steps, filler: filler, as: element))
      for (name, expected) in tight {
        let found = padded[name]!
        if name == "y" || name == "d/x" {
          #expect(inside(found).inside == inside(expected).inside, "\(name) with \(steps) steps")
          #expect(inside(found).outside.allSatisfy { $0 == 0 }, "\(name) beyond the ends")
        } else {
          #expect(found == expected, "\(name) with \(steps) steps of \(filler)")
          #expect(found.doubles.allSatisfy { $0.isFinite })
        }
      }
    }
  }

  @Test(arguments: Network.all)
  private func everySequenceIsAsIfItWereAlone(network: Network) throws {
    let together = try network.program(isRagged: true)(side(bySide: 9, filler: .nan))
    let single = try network.program(isRagged: false)
    var sums: [String: [Double]] = [:]
    for (sample, length) in lengths.enumerated() {
      let x = (0..<length).flatMap { step in
        (0..<Network.features).map { value(step: step, sample: sample, feature: $0) }
      }
      let alone = try single(["x": Tensor([length, 1, Network.features], x)])
      for (name, tensor) in alone {
        if name == "y" || name == "d/x" {
          // A backward direction that began at the padded end would differ from the first step on.
          let width = tensor.dimensions[2]
          let numbers = together[name]!.doubles
          let own = (0..<length).flatMap { step -> ArraySlice<Double> in
            let start = (step * lengths.count + sample) * width
            return numbers[start..<start + width]
          }
          #expect(zip(own, tensor.doubles).allSatisfy { abs($0 - $1) < 1e-13 }, "\(name) of sequence \(sample)")
        } else {
          let sum = sums[name] ?? [Double](repeating: 0, count: tensor.count)
          sums[name] = zip(sum, tensor.doubles).map { $0 + $1 }
        }
      }
    }
    for (name, sum) in sums {
      #expect(zip(sum, together[name]!.doubles).allSatisfy { abs($0 - $1) < 1e-12 }, "\(name)")
    }
  }

  /// Sequences without a step count nothing, whatever is padded and whichever row they are; where a step of each is taken
  /// they are refused.
  @Test(arguments: Network.all)
  private func emptySequencesAddNothing(network: Network) throws {
    func outcome(_ lengths: [Int], threads: Int) throws -> [String: Tensor] {
      let recording = try Recording(element: .float64) { scope in
        let (time, batch) = (scope.time("t"), scope.batch("b"))
        scope.lengths("lengths", of: time, over: [batch])
        let x = scope.input("x", [Network.features], over: [time, batch])
        let y = scope.run(network.cell, x, named: "cell")
        scope.output("loss", mean(square(y - 0.3)) + sum(square(sum(y, over: [time]))))
      }
      var graph = recording.graph
      let wanted = recording.parameters.map { (name: $0.name, node: $0.node) }
      let gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: wanted.map(\.node))
      for (value, gradient) in zip(wanted, gradients) { graph.setOutput("d/" + value.name, gradient) }
      let executable = Executable(try Passes.optimized(graph), options: ExecutionOptions(threads: threads))
      var (x, sample) = ([Double](repeating: .nan, count: 7 * lengths.count * Network.features), 0)
      for (row, length) in lengths.enumerated() where length > 0 {
        for step in 0..<length {
          for feature in 0..<Network.features {
            x[(step * lengths.count + row) * Network.features + feature] = value(
              step: step, sample: sample, feature: feature)
          }
        }
        sample += 1
      }
      let inputs = [
        "x": Tensor([7, lengths.count, Network.features], x),
        "lengths": Tensor([lengths.count], lengths.map { Int32($0) }),
      ]
      return try executable.run(Bindings(recording.initialValues(seed: 3).merging(inputs) { $1 }))
    }
    let full = try outcome([5, 2, 7, 1], threads: 1)
    for (lengths, threads) in [([0, 5, 2, 7, 1], 1), ([5, 2, 0, 0, 7, 1, 0], 2)] {
      let found = try outcome(lengths, threads: threads)
      for (name, expected) in full {
        let isClose = zip(found[name]!.doubles, expected.doubles).allSatisfy { abs($0 - $1) < 1e-12 }
        #expect(isClose, "\(name) with rows of \(lengths)")
      }
    }
    // This one looks at both ends, the mean and the largest of each sequence.
    var ends = side(bySide: 7, filler: 0)
    ends["lengths"] = Tensor([5], [5, 2, 7, 0, 4].map { Int32($0) })
    #expect { _ = try network.program(isRagged: true)(ends) } throws: {
      "\($0)".contains("lengths[3] is 0, and the") && "\($0)".contains("leave empty ones out")
    }
  }
}
