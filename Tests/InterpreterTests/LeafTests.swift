import EbbGraph
import EbbInterpreter
import EbbTensors
import Testing

struct LeafTests {
  @Test func indicesAndLengths() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    sample.setLengths(of: time, [3, 1], over: batch)
    let other = sample.time("u", length: 2)
    #expect(try sample.run(.axisIndex(time)) == Tensor([3], [0 as Int32, 1, 2]))
    #expect(try sample.run(.axisLength(time)) == Tensor([2], [3 as Int32, 1]))
    #expect(try sample.run(.axisLength(other)) == Tensor([], [2 as Int32]))
    #expect(try sample.run(.iota(4)) == Tensor([4], [0 as Int32, 1, 2, 3]))
  }

  @Test func aConstantFillsItsShape() throws {
    var sample = Sample()
    let node = sample.graph.appendLeaf(.constant(2.5), NodeType(.float64, .empty, [2]))
    #expect(try sample.run(node) == Tensor([2], [2.5, 2.5]))
  }

  @Test func aLiteralIsItsNumbers() throws {
    var sample = Sample()
    let type = NodeType(.int32, .empty, [2, 2])
    let node = sample.graph.appendLeaf(.literal(Literal([3, 1, -2, 0])), type)
    #expect(try sample.run(node) == Tensor([2, 2], [3 as Int32, 1, -2, 0]))
    #expect(Literal([0]) != Literal([-0.0]) && Literal([.nan, 1]) == Literal([-Double.nan, 1]))
  }

  @Test func parametersAndInputsAreReadWhole() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    let numbers = (0..<12).map(Double.init)
    let x = sample.floats([time, batch], [2, 3, 2], numbers)
    #expect(try sample.run(x) == Tensor([2, 3, 2], numbers))
    let w = sample.graph.appendLeaf(.parameter, NodeType(.float32, .empty, [2]), name: "w")
    sample.bindings.values["w"] = Tensor([2], [Float(0.25), 3])
    #expect(try sample.run(w) == Tensor([2], [0.25, 3.0]))
  }

  @Test func randomNumbersAreAddressedByIndexAndFeature() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t", length: 2), sample.batch("b", length: 3))
    sample.bindings.seed = 7
    sample.bindings.run = 2
    for distribution in Distribution.allCases {
      let type = NodeType(.float64, [time, batch], [2])
      let node = sample.graph.appendLeaf(.random(distribution, stream: 5), type)
      let stream = RandomStream(seed: 7, run: 2, stream: 5)
      var expected: [Double] = []
      for t in 0..<UInt32(2) {
        for b in 0..<UInt32(3) {
          for feature in 0..<UInt32(2) {
            expected.append(stream.value(distribution, at: SIMD3(t, b, 0), element: feature))
          }
        }
      }
      #expect(try sample.run(node) == Tensor([2, 3, 2], expected))
    }
    // Over the second axis alone, its index comes first.
    let node = sample.graph.appendLeaf(.random(.uniform, stream: 5), NodeType(.float64, [batch]))
    let stream = RandomStream(seed: 7, run: 2, stream: 5)
    let expected = (0..<UInt32(3)).map { stream.value(.uniform, at: SIMD3($0, 0, 0), element: 0) }
    #expect(try sample.run(node) == Tensor([3], expected))
  }

  @Test func bindingsThatDoNotFitAreRejected() throws {
    var sample = Sample()
    let time = sample.time("t")
    let x = sample.floats([time], [2], [1, 2])
    sample.graph.setOutput("x", x)
    #expect(throws: BindingError("input x0 has no value; it takes f64 [t]")) {
      try Interpreter.run(sample.graph, Bindings())
    }
  }
}
