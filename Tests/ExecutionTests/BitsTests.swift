import EbbCells
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Foundation
import Testing

@testable import EbbExecution

/// The bits of a training step are a function of its numbers alone: not of threads, slices, strips or padding.
@Suite struct BitsTests {
  /// A cell that no library file knows, at a gain near 1, where mistakes do not decay.
  struct Custom: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      let gate = sigmoid(scope.affine("gate", [h, x], units))
      return h.next(tanh(scope.affine("next", [gate * h, x], units)) + 0.9 * h)
    }
  }

  struct Sample {
    var graph: Graph
    var bindings: Bindings
  }

  static func sample(
    _ cell: some RecurrentCell, length: Int, batch: Int, element: ElementType, ragged: [Int]? = nil
  ) throws -> Sample {
    let features = 3
    let recording = try Recording(
      cell, features: features, element: element, ragged: ragged != nil,
      { scope, y in scope.output("loss", mean(square(y))) })
    var graph = recording.graph
    let gradients = try graph.gradient(
      of: graph.output(named: "loss")!, withRespectTo: recording.parameters.map(\.node) + recording.states.map(\.value))
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput("d/\(parameter.name)", gradient)
    }
    for (state, gradient) in zip(recording.states, gradients.dropFirst(recording.parameters.count)) {
      graph.setOutput("d/\(state.name)", gradient)
    }
    // Inputs depend on the step and the row, not on the length; what lies outside a row's length is NaN.
    var x: [Double] = []
    for t in 0..<length {
      for b in 0..<batch {
        let isInside = ragged.map { t < $0[b] } ?? true
        for f in 0..<features { x.append(isInside ? sin(Double(17 * t + 5 * b + f)) : .nan) }
      }
    }
    var bindings = Bindings(recording.initialValues(seed: 3))
    bindings.values["x"] = Tensor([length, batch, features], x, as: element)
    if let ragged { bindings.values["lengths"] = Tensor([batch], ragged.map { Int32($0) }) }
    return Sample(graph: try Passes.optimized(graph), bindings: bindings)
  }

  static func bits(_ sample: Sample, _ options: ExecutionOptions) throws -> [String: [UInt64]] {
    try Executable(sample.graph, options: options).run(sample.bindings).mapValues { $0.doubles.map(\.bitPattern) }
  }

  static let cells: [any RecurrentCell] = [
    SimpleRNN(units: 37), LSTM(units: 33), GRU(units: 40), MinimalGatedUnit(units: 5), Custom(units: 34),
  ]

  @Test(arguments: cells.indices, [ElementType.float32, .float64])
  func threadsSlicesAndStripsChangeNothing(cell: Int, element: ElementType) throws {
    for batch in effort(debug: [1, 19], optimized: [1, 19, 33]) {
      let sample = try Self.sample(Self.cells[cell], length: 23, batch: batch, element: element)
      for set in InstructionSet.available {
        let reference = try Self.bits(sample, ExecutionOptions(threads: 1, instructionSet: set))
        #expect(reference["loss"]![0] != 0)
        for threads in [2, 8] {
          for strip in [nil, 7, 1] as [Int?] {
            let options = ExecutionOptions(threads: threads, instructionSet: set, strip: strip)
            #expect(try Self.bits(sample, options) == reference, "\(options), batch \(batch)")
          }
        }
      }
    }
  }

  /// More padding behind the rows of a ragged batch changes no bit, and neither does a NaN in it.
  @Test(arguments: cells.indices)
  func paddingChangesNothing(cell: Int) throws {
    let lengths = [4, 9, 1, 7, 9, 2, 5, 8, 3]
    let short = try Self.sample(Self.cells[cell], length: 9, batch: 9, element: .float32, ragged: lengths)
    let long = try Self.sample(Self.cells[cell], length: 16, batch: 9, element: .float32, ragged: lengths)
    let (a, b) = try (Self.bits(short, ExecutionOptions()), Self.bits(long, ExecutionOptions(threads: 1)))
    for (name, bits) in a {
      // A result over time is longer by the padding, which holds zeros.
      #expect(Array(b[name]!.prefix(bits.count)) == bits, "\(name)")
      #expect(b[name]!.dropFirst(bits.count).allSatisfy { $0 == 0 }, "\(name)")
      #expect(bits.contains { $0 != 0 }, "\(name) says nothing")
    }
  }

  /// A ragged batch of equal lengths is a whole one.
  @Test func fullLengthsAreNoDifferent() throws {
    let plain = try Self.sample(LSTM(units: 8), length: 6, batch: 4, element: .float64)
    let ragged = try Self.sample(LSTM(units: 8), length: 6, batch: 4, element: .float64, ragged: [6, 6, 6, 6])
    let (a, b) = try (Executable(plain.graph).run(plain.bindings), Executable(ragged.graph).run(ragged.bindings))
    for (name, tensor) in a {
      for (x, y) in zip(tensor.doubles, b[name]!.doubles) { #expect(abs(x - y) <= 1e-14 * max(1, abs(x)), "\(name)") }
    }
  }

  /// Any order that the dependencies between jobs allow gives the same bits: none is forgotten.
  @Test(arguments: cells.indices)
  func anyAllowedOrderOfJobsChangesNothing(cell: Int) throws {
    for (batch, ragged) in [(1, nil), (19, nil), (3, [23, 5, 14])] as [(Int, [Int]?)] {
      let sample = try Self.sample(Self.cells[cell], length: 23, batch: batch, element: .float32, ragged: ragged)
      let reference = try Self.bits(sample, ExecutionOptions(threads: 1))
      for seed in UInt64(0)..<6 {
        var options = ExecutionOptions(threads: 8, strip: seed % 2 == 0 ? 8 : 3)
        options.shuffle = seed
        #expect(try Self.bits(sample, options) == reference, "order \(seed), batch \(batch)")
      }
    }
  }

  /// A network that answers once, after the last step: the gradient of its read-out is a sum over samples alone, which
  /// no strip and no segment of steps may count twice.
  @Test(arguments: [1, 3, 9, 33])
  func whatIsReadOnceIsAddedOnce(batch: Int) throws {
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let rows = scope.batch("b")
      let x = scope.input("x", [2], over: [time, rows])
      let h = last(scope.run(LSTM(units: 5), x, named: "layer0"), along: time)
      scope.output("loss", mean(square(scope.run(Dense(units: 3), h, named: "readout"))))
    }
    var graph = recording.graph
    let gradients = try graph.gradient(
      of: graph.output(named: "loss")!, withRespectTo: recording.parameters.map(\.node))
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput("d/\(parameter.name)", gradient)
    }
    let length = 70
    var bindings = Bindings(recording.initialValues(seed: 2))
    bindings.values["x"] = Tensor([length, batch, 2], (0..<length * batch * 2).map { sin(Double(3 * $0)) })
    let expected = try Interpreter.run(graph, bindings)
    let optimized = try Passes.optimized(graph)
    let plan = Plan(optimized)
    let lengths = [length, batch]
    let whole = MemoryPlan(plan, lengths: lengths).bytes
    for options in [
      ExecutionOptions(threads: 1), ExecutionOptions(threads: 2, strip: 32), ExecutionOptions(threads: 2, strip: 8),
      ExecutionOptions(threads: 2, memoryBudget: whole * 9 / 10),
    ] {
      let session = try Session(plan, lengths: lengths, options: options)
      try session.set(bindings)
      session.run()
      for (name, tensor) in expected {
        for (found, wanted) in zip(session.output(name).doubles, tensor.doubles) {
          #expect(abs(found - wanted) <= 1e-12 * max(1, abs(wanted)), "\(name), batch \(batch), \(options)")
        }
      }
    }
  }

  /// One plan serves every length, and what a session does before its first step stays below a bound however long it is.
  @Test func lengthsAddNoJobs() throws {
    let sample = try Self.sample(LSTM(units: 8), length: 6, batch: 4, element: .float32)
    func count(_ length: Int, threads: Int) throws -> Int {
      try Session(Plan(sample.graph), lengths: [length, 4], options: ExecutionOptions(threads: threads)).jobs.count
    }
    let least = try count(10, threads: 1)
    #expect(least > 0)
    #expect(try count(1000, threads: 1) == least)
    // Stage by stage there are no more for any length.
    let plan = Plan(sample.graph)
    let memory = MemoryPlan(plan, lengths: [10_000, 4], tiling: .none)
    let stages = Session(plan, lengths: [10_000, 4], memory: memory, options: ExecutionOptions(threads: 1))
    #expect(stages.jobs.count == least)
    // At most 64 blocks or strips.
    for threads in [1, 2] { #expect(try count(100_000, threads: threads) <= 64 * least) }
  }

  /// What the plan foretells is what a session takes, within 2%, long sequences and budgets included.
  @Test(arguments: [(100, 32, nil), (1000, 16, nil), (1000, 16, 30_000_000), (20_000, 1, nil)] as [(Int, Int, Int?)])
  func memoryIsForetold(length: Int, batch: Int, budget: Int?) throws {
    let sample = try Self.sample(LSTM(units: 128), length: 6, batch: 4, element: .float32)
    for threads in [1, 2] {
      let options = ExecutionOptions(threads: threads, memoryBudget: budget)
      let session = try Session(Plan(sample.graph), lengths: [length, batch], options: options)
      let foretold = session.memory.bytes
      #expect(session.allocatedBytes >= foretold)
      #expect(Double(session.allocatedBytes) <= 1.02 * Double(foretold), "\(foretold), \(session.allocatedBytes)")
    }
  }
}
