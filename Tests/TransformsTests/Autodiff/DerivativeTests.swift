import EbbGraph
import EbbTensors
import EbbTestSupport
import Testing

/// One operation on random operands: what its derivatives are checked on.
struct OperationCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// Whether second derivatives exist at the drawn points.
  var isSmooth = true
  var build: @Sendable (inout Sketch) -> NodeID
  var testDescription: String { name }

  init(_ name: String, isSmooth: Bool = true, _ build: @escaping @Sendable (inout Sketch) -> NodeID) {
    self.name = name
    self.isSmooth = isSmooth
    self.build = build
  }
}

/// Every differentiable operation against central differences in Float64: adjoint, tangent, their duality, and second
/// derivatives in both ways.
struct DerivativeTests {
  @Test(arguments: elementwise + products + features)
  func ofFeatures(_ subject: OperationCase) { check(subject) }

  @Test(arguments: axes + shifts)
  func overAxes(_ subject: OperationCase) { check(subject) }

  private func check(_ subject: OperationCase) {
    var sketch = Sketch()
    let y = subject.build(&sketch)
    let problems = DerivativeCheck(sketch, of: y).discrepancies(isSmooth: subject.isSmooth)
    #expect(problems.isEmpty, "\(subject.name): \(problems.prefix(4).joined(separator: "\n"))")
  }

  // MARK: Elementwise

  static let elementwise: [OperationCase] =
    UnaryFunction.allCases.compactMap { function in
      function.reference(Double.self)?.interval.map { interval in
        OperationCase("\(function)") {
          $0.unary(function, $0.parameter("x", [4], from: interval.lowerBound, to: interval.upperBound))
        }
      }
    }
    + BinaryFunction.allCases.filter { $0.reference(Double.self) != nil }.flatMap { function in
      [
        OperationCase("\(function)") {
          $0(.binary(function), $0.parameter("a", [3], from: 0.5, to: 2), $0.parameter("b", [3], from: 0.5, to: 2))
        },
        // A scalar is repeated over features, and fewer axes over more: the adjoints are sums.
        OperationCase("\(function) with broadcasting") {
          let t = $0.axis("t", .time, 2)
          let b = $0.axis("b", .batch, 3)
          return $0(
            .binary(function), $0.input("a", [t], from: 0.5, to: 2), $0.input("b", [b], [2], from: 0.5, to: 2))
        },
      ]
    } + [
      OperationCase("atan2 in all four quadrants") { sketch in
        let y = sketch.leaf(.parameter, "y", NodeType(.float64, .empty, [4]), [1.5, 0.7, -0.5, -2])
        let x = sketch.leaf(.parameter, "x", NodeType(.float64, .empty, [4]), [0.5, -0.7, -1.5, 2])
        return sketch(.binary(.atan2), y, x)
      },
      OperationCase("power with a negative base") { sketch in
        let a = sketch.leaf(.parameter, "a", NodeType(.float64, .empty, [3]), [-1.5, 2, -0.5])
        return sketch(.binary(.power), a, sketch.constant(3))
      },
      OperationCase("select") {
        let x = $0.parameter("x", [6])
        let condition = $0(.compare(.greater), x, $0.constant(0))
        return $0(.select, condition, $0.multiply(x, $0.parameter("a")), $0.parameter("b", [6]))
      },
      OperationCase("one operand twice") { sketch in
        let x = sketch.parameter("x", [3])
        return sketch.add(sketch.multiply(x, x), x)
      },
    ]

  // MARK: Products

  static let products: [OperationCase] =
    [
      (Contraction.outer, [], [], []), (.outer, [3], [], []), (.outer, [], [3], []), (.outer, [2], [3], []),
      (.dimensions(0, 0), [3], [3], []), (.dimensions(0, 0), [3], [3, 2], []), (.dimensions(0, 1), [3], [2, 3], []),
      (.dimensions(0, 0), [3, 2], [3], []), (.dimensions(1, 0), [2, 3], [3], []),
      (.dimensions(0, 0), [3, 2], [3, 4], []), (.dimensions(0, 1), [3, 2], [4, 3], []),
      (.dimensions(1, 0), [2, 3], [3, 4], []), (.dimensions(1, 1), [2, 3], [4, 3], []),
    ].flatMap { (contraction: Contraction, left: [Int], right: [Int], _: [Int]) in
      ["", " of both over t, b", " of both over t", " with a parameter", " of a parameter"].map { domains in
        OperationCase("product \(contraction) \(left) \(right)\(domains)") { sketch in
          let t = sketch.axis("t", .time, 3)
          let b = sketch.axis("b", .batch, 2)
          let both: Domain = [t, b]
          let leftDomain = domains.isEmpty || domains == " of a parameter" ? .empty : both
          let rightDomain = domains.isEmpty || domains == " with a parameter" ? .empty : both
          let over: Domain = domains.hasSuffix("over t, b") ? both : domains.isEmpty ? [] : [t]
          let x = sketch.input("x", leftDomain, Shape(left))
          let y = sketch.input("y", rightDomain, Shape(right))
          return sketch(.product(contraction, over: over), x, y)
        }
      }
    } + [
      OperationCase("product of different axes, one summed") {
        let t = $0.axis("t", .time, 3)
        let b = $0.axis("b", .batch, 2)
        return $0(.product(.dimensions(0, 0), over: [b]), $0.input("x", [t, b], [2]), $0.input("y", [b], [2, 3]))
      }
    ]

  // MARK: Features

  static let features: [OperationCase] = [
    OperationCase("transpose") { $0(.transpose(0, 2), $0.parameter("x", [2, 3, 4])) },
    OperationCase("reshape") { $0(.reshape([3, 2]), $0.parameter("x", [2, 3])) },
    OperationCase("broadcast") { $0(.broadcast(dimension: 1, count: 3), $0.parameter("x", [2, 2])) },
    OperationCase("concatenate") {
      let t = $0.axis("t", .time, 2)
      return $0(.concatenate(dimension: 0), $0.parameter("x", [2]), $0.input("y", [t], [1]), $0.constant(1, [2]))
    },
    OperationCase("slice") { $0(.slice(dimension: 1, start: 1, count: 2), $0.parameter("x", [2, 4])) },
    OperationCase("slices side by side, with a gap") {
      let x = $0.parameter("x", [7])
      let first = $0.unary(.tanh, $0(.slice(dimension: 0, start: 4, count: 2), x))
      let second = $0.unary(.sigmoid, $0(.slice(dimension: 0, start: 1, count: 2), x))
      return $0.multiply(first, second)
    },
    OperationCase("slices that overlap, and the whole") {
      let x = $0.parameter("x", [4])
      let first = $0.unary(.tanh, $0(.slice(dimension: 0, start: 0, count: 3), x))
      let second = $0.unary(.sigmoid, $0(.slice(dimension: 0, start: 1, count: 3), x))
      return $0(.concatenate(dimension: 0), $0.multiply(first, second), $0.unary(.square, x))
    },
    OperationCase("pad") { $0(.pad(dimension: 0, before: 1, after: 2), $0.parameter("x", [2, 2])) },
    OperationCase("gather") {
      let t = $0.axis("t", .time, 5)
      return $0(.gather, $0.parameter("table", [3, 2]), $0.integers("ids", [t], [2, 0, 2, 7, -1]))
    },
    OperationCase("gather from one table a row") {
      let t = $0.axis("t", .time, 3)
      let b = $0.axis("b", .batch, 2)
      let ids = $0.integers("ids", [t], [1, 1, 0])
      return $0(.gather, $0.input("table", [b], [3]), ids)
    },
    OperationCase("scatterAdd") {
      let t = $0.axis("t", .time, 5)
      let ids = $0.integers("ids", [t], [2, 0, 2, 7, -1])
      return $0(.scatterAdd(count: 3, over: [t]), ids, $0.input("values", [t], [2]))
    },
    OperationCase("scatterAdd of one value at every id") {
      let t = $0.axis("t", .time, 4)
      let b = $0.axis("b", .batch, 2)
      let ids = $0.integers("ids", [t, b], [2, 0, 2, 1, 1, 2, 0, 0])
      return $0(.scatterAdd(count: 3, over: [t]), ids, $0.input("values", [b], [2]))
    },
    OperationCase("sum of features") {
      $0(.reduceFeatures(.sum, dimension: 1), $0.unary(.tanh, $0.parameter("x", [2, 3])))
    },
    OperationCase("max of features") { $0(.reduceFeatures(.max, dimension: 1), $0.parameter("x", [2, 3, 2])) },
    OperationCase("max of equal features", isSmooth: false) { sketch in
      // The first of equals: a small change of the second decides, so only one side is differentiable here.
      let x = sketch.parameter("x", [2])
      return sketch(.reduceFeatures(.max, dimension: 0), sketch(.concatenate(dimension: 0), x, x))
    },
  ]

  // MARK: Axes

  static let axes: [OperationCase] =
    [false, true].flatMap { isRagged in
      let suffix = isRagged ? ", ragged" : ""
      @Sendable func axes(_ sketch: inout Sketch) -> (t: Axis, b: Axis) {
        let t = sketch.axis("t", .time, 4)
        let b = sketch.axis("b", .batch, 3)
        if isRagged { sketch.setRagged(t, b, [2, 4, 1]) }
        return (t, b)
      }
      return [
        OperationCase("sum over time" + suffix) {
          let (t, b) = axes(&$0)
          return $0.sum($0.unary(.sin, $0.input("x", [t, b], [2])), over: [t])
        },
        OperationCase("sum over samples" + suffix) {
          let (t, b) = axes(&$0)
          return $0.sum($0.unary(.sin, $0.input("x", [t, b])), over: [b])
        },
        OperationCase("sum over both" + suffix) {
          let (t, b) = axes(&$0)
          return $0.sum($0.unary(.sin, $0.input("x", [t, b])), over: [t, b])
        },
        OperationCase("maximum over time" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.reduceAxes(.max, over: [t]), $0.input("x", [t, b], [2]))
        },
        OperationCase("maximum over both" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.reduceAxes(.max, over: [t, b]), $0.input("x", [t, b], [2]))
        },
        OperationCase("product over both" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.product(.outer, over: [t, b]), $0.input("x", [t, b], [2]), $0.input("y", [t, b], [3]))
        },
        OperationCase("product over samples" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.product(.outer, over: [b]), $0.input("x", [t, b], [2]), $0.input("y", [b], [3]))
        },
        OperationCase("what has time alone, with what has samples" + suffix) {
          let (t, b) = axes(&$0)
          let scaled = $0.multiply($0.input("position", [t], [2]), $0.parameter("scale", [2]))
          return $0.multiply($0.unary(.tanh, scaled), $0.input("x", [t, b], [2]))
        },
        OperationCase("a table of positions" + suffix) {
          let (t, b) = axes(&$0)
          let index = $0(.axisIndex(t))
          let position = $0(.gather, $0.parameter("table", [4, 2]), index)
          return $0.sum($0.multiply(position, $0.input("x", [t, b], [2])), over: [t])
        },
        OperationCase("pick first" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.pick(t, .first), $0.unary(.sin, $0.input("x", [t, b], [2])))
        },
        OperationCase("pick last" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.pick(t, .last), $0.unary(.sin, $0.input("x", [t, b], [2])))
        },
        OperationCase("pick at" + suffix) {
          let (t, b) = axes(&$0)
          let ids = $0.integers("ids", [b], [1, 3, 9])
          return $0(.pick(t, .at), $0.unary(.sin, $0.input("x", [t, b], [2])), ids)
        },
        OperationCase("pick a sample" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.pick(b, .at), $0.unary(.sin, $0.input("x", [t, b], [2])), $0.integer(1))
        },
        OperationCase("place first" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.place(t, .first), $0.unary(.sin, $0.input("x", [b], [2])))
        },
        OperationCase("place last" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.place(t, .last), $0.unary(.sin, $0.input("x", [b], [2])))
        },
        OperationCase("place at" + suffix) {
          let (t, b) = axes(&$0)
          let ids = $0.integers("ids", [b], [1, 3, 9])
          return $0(.place(t, .at), $0.unary(.sin, $0.input("x", [b], [2])), ids)
        },
        OperationCase("spread" + suffix) {
          let (t, b) = axes(&$0)
          let spread = $0(.spread([t]), $0.unary(.sin, $0.input("x", [b], [2])))
          return $0.multiply(spread, $0.input("y", [t, b], [2]))
        },
        OperationCase("spread a parameter" + suffix) {
          let (t, b) = axes(&$0)
          return $0(.spread([t, b]), $0.unary(.sin, $0.parameter("x", [2])))
        },
      ]
    } + [
      OperationCase("place what has a ragged time alone at a row") {
        let t = $0.axis("t", .time, 4)
        let b = $0.axis("b", .batch, 3)
        $0.setRagged(t, b, [2, 4, 1])
        let x = $0.unary(.sin, $0.input("x", [t], [2]))
        let ends = $0.add($0(.place(b, .first), x), $0(.place(b, .last), x))
        return $0.add(ends, $0(.place(b, .at), x, $0.integer(1)))
      },
      OperationCase("features of a ragged time alone as rows") {
        let t = $0.axis("t", .time, 4)
        let b = $0.axis("b", .batch, 3, isFixed: true)
        $0.setRagged(t, b, [2, 4, 1])
        return $0(.featureToAxis(b), $0.unary(.sin, $0.input("x", [t], [3, 2])))
      },
      OperationCase("axis to feature and back") {
        let p = $0.axis("p", .batch, 3, isFixed: true)
        let t = $0.axis("t", .time, 2)
        let x = $0(.axisToFeature(p), $0.input("x", [p, t], [2]))
        let mixed = $0(.product(.dimensions(0, 1), over: []), x, $0.parameter("w", [3, 3]))
        return $0.unary(.tanh, $0(.featureToAxis(p), $0(.transpose(0, 1), mixed)))
      },
    ]

  // MARK: Recurrence

  static let shifts: [OperationCase] =
    [false, true].flatMap { isRagged in
      [1, 2, 3, 5].flatMap { by in
        [Operation.delay(Axis(0), by: by, truncation: 0), .advance(Axis(0), by: by)].flatMap { operation in
          let name = "\(operation.keyword) by \(by)" + (isRagged ? ", ragged" : "")
          return [
            // Alone: the boundary may have fewer axes than what is carried.
            OperationCase(name) { sketch in
              let t = sketch.axis("t", .time, 4)
              let b = sketch.axis("b", .batch, 3)
              if isRagged { sketch.setRagged(t, b, [2, 4, 1]) }
              let boundary = sketch.parameter("boundary", by == 1 ? [2] : [by, 2])
              return sketch.unary(.sin, sketch(operation, sketch.input("x", [t, b], [2]), boundary))
            },
            // In a recurrence: h = tanh(x + h₋ₖ W), and the derivative by states as well.
            OperationCase(name + " in a recurrence") { sketch in
              let t = sketch.axis("t", .time, 4)
              let b = sketch.axis("b", .batch, 3)
              if isRagged { sketch.setRagged(t, b, [2, 4, 1]) }
              let x = sketch.input("x", [t, b], [2])
              let w = sketch.parameter("w", [2, 2])
              let boundary = sketch.input("boundary", [b], by == 1 ? [2] : [by, 2])
              let before = sketch.state(operation, initial: boundary)
              let h = sketch.unary(.tanh, sketch.add(x, sketch.times(before, w)))
              sketch.next(before, h)
              return sketch.multiply(h, before)
            },
          ]
        }
      }
    } + [
      OperationCase("a delay of what comes later without a cycle") { sketch in
        let t = sketch.axis("t", .time, 3)
        let before = sketch.state(.delay(t, by: 1, truncation: 0), initial: sketch.parameter("initial"))
        let y = sketch.unary(.sin, before)
        sketch.next(before, sketch.unary(.tanh, sketch.input("x", [t])))
        return y
      },
      OperationCase("two states that feed each other through later nodes") { sketch in
        let t = sketch.axis("t", .time, 4)
        let x = sketch.input("x", [t], [2])
        let a = sketch.state(.delay(t, by: 1, truncation: 0), initial: sketch.parameter("a0", [2]))
        let b = sketch.state(.delay(t, by: 2, truncation: 0), initial: sketch.parameter("b0", [2, 2]))
        let nextA = sketch.unary(.tanh, sketch.add(x, sketch.multiply(b, a)))
        let nextB = sketch.unary(.sigmoid, sketch.add(nextA, b))
        sketch.next(b, nextB)
        sketch.next(a, nextA)
        // A delay inside the cycle that reads an earlier node.
        return sketch.add(sketch(.delay(t, by: 1, truncation: 0), nextA, sketch.constant(0, [2])), nextB)
      },
      OperationCase("both directions") { sketch in
        let t = sketch.axis("t", .time, 4)
        let x = sketch.input("x", [t])
        let past = sketch.state(.delay(t, by: 1, truncation: 0), initial: sketch.constant(0))
        let forward = sketch.unary(.tanh, sketch.add(past, x))
        sketch.next(past, forward)
        let future = sketch.state(.advance(t, by: 1), initial: sketch.constant(0))
        let backward = sketch.unary(.sigmoid, sketch.add(future, forward))
        sketch.next(future, backward)
        return sketch.multiply(forward, backward)
      },
    ]
}
