import EbbGraph
import EbbTensors
import EbbTestSupport
import Testing

/// Operations whose values depend on many features, against central differences as in `DerivativeTests`.
struct MixingDerivativeTests {
  @Test(arguments: places + accumulations + matrices)
  func derivatives(_ subject: OperationCase) {
    var sketch = Sketch()
    let y = subject.build(&sketch)
    let problems = DerivativeCheck(sketch, of: y).discrepancies(isSmooth: subject.isSmooth)
    #expect(problems.isEmpty, "\(subject.name): \(problems.prefix(4).joined(separator: "\n"))")
  }

  static let places: [OperationCase] = [
    OperationCase("entries at places, some twice and some outside") {
      let x = $0.unary(.sin, $0.parameter("x", [2, 3]))
      return $0(.gatherFeatures(dimension: 1), x, $0.places([2, 4], [2, 0, 2, 5, -1, 1, 1, 0]))
    },
    OperationCase("entries of one value at many places") {
      let t = $0.axis("t", .time, 2)
      let x = $0.unary(.sin, $0.parameter("x", [3]))
      let late = $0.add($0.places([2], [0, 1]), $0(.axisIndex(t)))
      return $0(.gatherFeatures(dimension: 0), x, late)
    },
    OperationCase("values at places") {
      let t = $0.axis("t", .time, 2)
      let x = $0.unary(.sin, $0.input("x", [t], [3, 2]))
      return $0(.scatterFeatures(dimension: 0, count: 2), $0.places([3, 2], [1, 0, 1, 2, 0, 0]), x)
    },
    OperationCase("sorted entries") {
      let x = $0.parameter("x", [2, 4])
      let order = $0(.argsortFeatures(dimension: 1, descending: false), x)
      return $0.unary(.exp, $0(.gatherFeatures(dimension: 1), x, order))
    },
  ]

  static let accumulations: [OperationCase] =
    [false, true].flatMap { isReversed in
      [
        OperationCase("accumulation, reversed: \(isReversed)") {
          let (a, b) = ($0.parameter("a", [2, 4]), $0.parameter("b", [2, 4]))
          return $0.unary(.sin, $0(.accumulate(dimension: 1, reversed: isReversed), a, b))
        },
        OperationCase("accumulation along the first of two dimensions, reversed: \(isReversed)") {
          let (a, b) = ($0.parameter("a", [3, 2]), $0.parameter("b", [3, 2]))
          return $0(.accumulate(dimension: 0, reversed: isReversed), a, b)
        },
        OperationCase("accumulation with one factor, reversed: \(isReversed)") {
          let t = $0.axis("t", .time, 2)
          let b = $0.axis("b", .batch, 3)
          return $0(.accumulate(dimension: 0, reversed: isReversed), $0.input("a", [b]), $0.input("x", [t], [3]))
        },
        OperationCase("accumulation with factors 0, reversed: \(isReversed)") {
          let a = $0.leaf(.parameter, "a", NodeType(.float64, .empty, [4]), [0.5, 0, 0, -2])
          return $0(.accumulate(dimension: 0, reversed: isReversed), a, $0.parameter("b", [4]))
        },
        OperationCase("accumulation of one entry, reversed: \(isReversed)") {
          $0(.accumulate(dimension: 0, reversed: isReversed), $0.parameter("a", [1]), $0.parameter("b", [1]))
        },
      ]
    }

  static let matrices: [OperationCase] = [
    OperationCase("solution for a vector") { $0(.matrix(.solve), $0.regular("a"), $0.parameter("b", [3])) },
    OperationCase("solution for a matrix") { $0(.matrix(.solve), $0.regular("a"), $0.parameter("b", [3, 2])) },
    OperationCase("solutions of one matrix for many vectors") {
      let t = $0.axis("t", .time, 2)
      return $0(.matrix(.solve), $0.regular("a"), $0.input("b", [t], [3]))
    },
    OperationCase("solutions of many matrices for one vector") {
      let t = $0.axis("t", .time, 2)
      let a = $0.add($0.input("a", [t], [2, 2], from: -0.4, to: 0.4), $0.fixed([2, 2], [2, 0, 0, 2]))
      return $0(.matrix(.solve), a, $0.parameter("b", [2]))
    },
    OperationCase("exponential of a small matrix") {
      $0(.matrix(.matrixExponential), $0.parameter("a", [3, 3], from: -0.05, to: 0.05))
    },
    OperationCase("exponential") { $0(.matrix(.matrixExponential), $0.parameter("a", [3, 3])) },
    OperationCase("exponential of a large matrix") {
      let a = $0.multiply($0.parameter("a", [2, 2], from: -0.1, to: 0.1), $0.constant(10))
      return $0(.matrix(.matrixExponential), $0.add(a, $0.fixed([2, 2], [-3, 4, -4, -3])))
    },
    OperationCase("orthonormal factor of a square matrix") { $0(.matrix(.orthonormalFactor), $0.regular("a")) },
    OperationCase("orthonormal factor of a tall matrix") {
      $0(.matrix(.orthonormalFactor), $0.parameter("a", [4, 2], from: 0, to: 1))
    },
    OperationCase("orthonormal factors along an axis") {
      let t = $0.axis("t", .time, 2)
      return $0(.matrix(.orthonormalFactor), $0.input("a", [t], [3, 2], from: 0, to: 1))
    },
  ]
}

extension Sketch {
  fileprivate mutating func places(_ shape: Shape, _ numbers: [Double]) -> NodeID {
    graph.appendLeaf(.literal(Literal(numbers)), NodeType(.int32, .empty, shape))
  }

  fileprivate mutating func fixed(_ shape: Shape, _ numbers: [Double]) -> NodeID {
    graph.appendLeaf(.literal(Literal(numbers)), NodeType(.float64, .empty, shape))
  }

  /// A 3 × 3 matrix that is far from singular.
  fileprivate mutating func regular(_ name: String) -> NodeID {
    add(parameter(name, [3, 3], from: -0.5, to: 0.5), fixed([3, 3], [2, 0, 0, 0, -2, 0, 0, 0, 2]))
  }
}
