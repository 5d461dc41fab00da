import Dispatch
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Synchronization
import Testing

/// What becomes of results below the normal range, and that it is nobody else's.
@Suite struct UnderflowTests {
  @Test(arguments: [1, 2, 3])
  func aPowerVanishesBelowTheNormalRangeOrBelowTheSubnormalOne(threads: Int) throws {
    // h_t = x_t + h_{t−1} / 2, where x is 0 but at first; enough work for several threads
    let (batch, units) = (64, 256)
    let recording = try Recording { scope in
      let x = scope.input("x", [units], over: [scope.time("t"), scope.batch("b")])
      let h = scope.state("h", units)
      scope.output("h", h.next(x + 0.5 * h))
    }
    let row = batch * units
    let x = Tensor([160, batch, units], (0..<160 * row).map { Float($0 < row ? 1 : 0) })
    for (underflow, least) in [(Underflow.abrupt, 126), (.gradual, 149)] {
      let options = ExecutionOptions(threads: threads, underflow: underflow)
      let found = try Executable(Passes.optimized(recording.graph), options: options).run(Bindings(["x": x]))
      let numbers = try #require(found["h"]).doubles
      for step in 0..<160 {
        let power = step > least ? 0 : Double(sign: .plus, exponent: -step, significand: 1)
        let agrees = numbers[step * row..<(step + 1) * row].allSatisfy { $0 == power }
        #expect(agrees, "2^−\(step)")
      }
      expectGradualUnderflow()
    }
  }

  /// Threads that a session has used, and the one that called it, compute with subnormal numbers afterwards.
  private func expectGradualUnderflow() {
    let lost = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      let least = Float(sign: .plus, exponent: -126, significand: index < 0 ? 2 : 1)
      if least * 0.5 == 0 { lost.add(1, ordering: .relaxed) }
    }
    #expect(lost.load(ordering: .relaxed) == 0)
  }

  /// In the normal range underflow changes no bit: no function has subnormal intermediate results that matter.
  @Test(arguments: [ElementType.float32, .float64])
  func elsewhereItChangesNoBit(element: ElementType) throws {
    let range = element == .float32 ? 1e-30...1e30 : 1e-280...1e280
    let numbers = (-300...300).flatMap { exponent in
      [1, 1.375, 1.9].flatMap { [$0, -$0].map { $0 * Double(sign: .plus, exponent: exponent, significand: 1) } }
    }.filter { range.contains(abs($0)) }
    for function in UnaryFunction.allCases where function != .not {
      try expectSameBits(.unary(function), [numbers], element, range)
    }
    let pairs = numbers.indices.map { (numbers[$0], numbers[($0 * 277 + 13) % numbers.count]) }
    for function in BinaryFunction.allCases where [.floats, .numbers].contains(function.traits.domain) {
      try expectSameBits(.binary(function), [pairs.map(\.0), pairs.map(\.1)], element, range)
    }
  }

  private func expectSameBits(
    _ operation: Operation, _ inputs: [[Double]], _ element: ElementType, _ range: ClosedRange<Double>
  ) throws {
    var graph = Graph()
    let axis = graph.addAxis(AxisDescription(name: "row", kind: .batch))
    let nodes = inputs.indices.map { graph.appendLeaf(.input, NodeType(element, [axis]), name: "x\($0)") }
    graph.setOutput("value", graph.append(operation, nodes))
    let bindings = Bindings(
      Dictionary(
        uniqueKeysWithValues: inputs.enumerated().map { ("x\($0)", Tensor([$1.count], $1, as: element)) }))
    let found = try Underflow.allCases.map { underflow in
      let options = ExecutionOptions(underflow: underflow)
      return try #require(try Executable(graph, options: options).run(bindings)["value"]).doubles
    }
    for (index, (abrupt, gradual)) in zip(found[0], found[1]).enumerated() where range.contains(abs(gradual)) {
      #expect(abrupt == gradual, "\(operation) of \(inputs.map { $0[index] })")
    }
  }
}
