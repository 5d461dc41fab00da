import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Functions of matrices and running products against JAX: values, gradients and derivatives of gradients.
@Suite struct MatrixFunctionTests {
  private static let functions: [String: @Sendable (Scope, Signal) -> Signal] = [
    "inverse": { inverse($1) },
    "solve": { solve($1, $0.literal([0.5, -1, 2])) },
    "exponential": { matrixExponential($1) },
    "exponential, small": { matrixExponential($1) },
    "exponential, large": { matrixExponential($1) },
    "q": { qr($1).q }, "r": { qr($1).r }, "tall q": { qr($1).q }, "tall r": { qr($1).r },
    "cumulative product": { cumulativeProduct($1) },
  ]

  @Test(arguments: matrixFunctionVectors.keys.sorted()) func agreesWithJAX(_ name: String) throws {
    let vector = try #require(matrixFunctionVectors[name])
    let function = try #require(Self.functions[name])
    let recording = try Recording(element: .float64) { scope in
      let a = scope.parameter("a", vector.shape, .zeros)
      let value = function(scope, a)
      scope.output("value", value)
      scope.output("loss", sumOverFeatures(value * scope.literal(vector.w, value.shape.array)))
    }
    var graph = recording.graph
    let a = try #require(graph.node(named: "a"))
    let loss = try #require(graph.output(named: "loss"))
    let gradient = try graph.gradient(of: loss, withRespectTo: [a])[0]
    graph.setOutput("gradient", gradient)
    let v = graph.appendLeaf(.literal(Literal(vector.v)), graph.type(a))
    var along = graph.append(.binary(.multiply), [v, gradient])
    for _ in vector.shape { along = graph.append(.reduceFeatures(.sum, dimension: 0), [along]) }
    graph.setOutput("second", try graph.gradient(of: along, withRespectTo: [a])[0])
    let found = try Interpreter.run(graph, Bindings(["a": Tensor(vector.shape, vector.a)]))
    for (output, expected) in [
      ("value", vector.value), ("gradient", vector.gradient), ("second", vector.second),
    ] {
      let numbers = try #require(found[output]).doubles
      let size = expected.reduce(1) { max($0, abs($1)) }
      #expect(numbers.count == expected.count)
      for (x, y) in zip(numbers, expected) { #expect(abs(x - y) <= 1e-11 * size, "\(output): \(x), not \(y)") }
    }
  }

  /// The derivative is linear in the adjoint, whatever its size.
  @Test func largeAdjointsKeepTheirDigits() throws {
    func gradient(_ size: Double) throws -> [Double] {
      let recording = try Recording(element: .float64) { scope in
        let e = matrixExponential(scope.parameter("a", [3, 3], .zeros))
        scope.output("loss", sumOverFeatures(square(e)) * size)
      }
      var graph = recording.graph
      let (a, loss) = (try #require(graph.node(named: "a")), try #require(graph.output(named: "loss")))
      graph.setOutput("gradient", try graph.gradient(of: loss, withRespectTo: [a])[0])
      let numbers = try #require(matrixFunctionVectors["exponential"]).a
      return try #require(try Interpreter.run(graph, Bindings(["a": Tensor([3, 3], numbers)]))["gradient"]).doubles
    }
    for (small, large) in zip(try gradient(1), try gradient(0x1p60)) {
      #expect(abs(large / 0x1p60 - small) < 1e-12 * max(1, abs(small)))
    }
  }

  @Test func singularMatricesGiveNaN() throws {
    let found = try evaluate { inverse($0.literal([1, 2, 2, 4], [2, 2])) }
    #expect(found.count == 4 && found.allSatisfy(\.isNaN))
  }

  /// A column that depends on those before leaves rounding on the diagonal of R. One that is only small does not.
  @Test(arguments: [([1.0, 2, 2, 4], true), ([1, 1e-30, 2, -1e-30], false), ([0.1, 0.3, 0.2, 0.6], true)])
  func theFactorOfDependentColumnsHasNoDerivative(numbers: [Double], isDependent: Bool) throws {
    for element in [ElementType.float64, .float32] {
      let recording = try Recording(element: element) { scope in
        scope.output("loss", sumOverFeatures(sumOverFeatures(qr(scope.parameter("a", [2, 2], .zeros)).q)))
      }
      var graph = recording.graph
      let loss = try #require(graph.output(named: "loss"))
      let gradient = try graph.gradient(of: loss, withRespectTo: [recording.parameters[0].node])[0]
      graph.setOutput("gradient", gradient)
      let found = try Interpreter.run(graph, Bindings(["a": Tensor([2, 2], numbers, as: element)]))
      let isFinite = found["gradient"]?.doubles.allSatisfy(\.isFinite)
      #expect(isFinite == !isDependent, "\(numbers), \(element): \(found["gradient"]?.doubles ?? [])")
    }
  }

  @Test func theTriangleIsExactlyOneWithAPositiveDiagonal() throws {
    let r = try evaluate { qr($0.literal([-3, 1, 4, -2], [2, 2])).r }
    #expect(r[2] == 0 && r[0] == 5 && r[3] > 0)
  }

  @Test func runningSums() throws {
    #expect(try evaluate { cumulativeSum($0.literal([1, 2, 3])) } == [1, 3, 6])
    #expect(try evaluate { cumulativeSum($0.literal([1, 2, 3, 4], [2, 2]), reversed: true) } == [4, 6, 3, 4])
    #expect(try evaluate { cumulativeSum($0.literal([1, 2, 3, 4], [2, 2]), dimension: 1) } == [1, 3, 3, 7])
    #expect(try evaluate { cumulativeProduct($0.literal([2, 3, 0, 5]), reversed: true) } == [0, 0, 0, 5])
    let signs = try evaluate { cumulativeProduct($0.literal([-0.0, 2, -1])) }
    #expect(signs.map(\.sign) == [.minus, .minus, .plus])
    let along = try evaluate { scope in
      let axis = scope.batch("place", length: 3)
      return axisToFeature(cumulativeSum(featureToAxis(scope.literal([1, 2, 3]), axis), along: axis), axis)
    }
    #expect(along == [1, 3, 6])
  }

  @Test func sortedEntriesAndTheLargest() throws {
    #expect(try evaluate { sort($0.literal([3, 1, 2])) } == [1, 2, 3])
    #expect(try evaluate { sort($0.literal([3, 1, 2, 5], [2, 2]), descending: true, dimension: 1) } == [3, 1, 5, 2])
    #expect(try evaluate { topK($0.literal([3, 1, 3, 2]), 3).values } == [3, 3, 2])
    #expect(try evaluate { topK($0.literal([3, 1, 3, 2]), 3).indices } == [0, 2, 3])
    #expect(
      try evaluate { scope in
        let order = scope.literal([2, 0, 2], as: .int32)
        return scatterFeatures(gatherFeatures(scope.literal([5, 6, 7]), order), order, count: 3)
      } == [5, 0, 14])
  }
}
