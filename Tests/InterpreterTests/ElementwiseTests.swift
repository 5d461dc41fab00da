import EbbGraph
import EbbTensors
import Testing

/// Functions of the features of one point, against values computed elsewhere.
struct ElementwiseTests {
  /// Values to twenty digits, from series and tables rather than from the same functions of libm.
  static let values: [(UnaryFunction, Double, Double)] = [
    (.negate, 2.5, -2.5), (.absolute, -2.5, 2.5), (.sign, -3, -1), (.sign, 0, 0), (.sign, 0.1, 1),
    (.relu, -1, 0), (.relu, 0, 0), (.relu, 1.5, 1.5), (.square, -3, 9), (.floor, -1.5, -2), (.floor, 1.5, 1),
    (.sqrt, 2, 1.41421356237309504880), (.reciprocal, 4, 0.25), (.reciprocal, 0, .infinity),
    (.exp, 1, 2.71828182845904523536), (.exp, -1000, 0), (.exp, 1000, .infinity),
    (.expm1, 1e-12, 1.0000000000005e-12), (.expm1, 1, 1.71828182845904523536),
    (.log, 2, 0.69314718055994530942), (.log, 0, -.infinity), (.log1p, 1e-12, 9.999999999995e-13),
    (.log2, 8, 3), (.log2, 0x1p-1074, -1074), (.log2, 3, 1.58496250072115618145), (.log2, 0, -.infinity),
    (.tanh, 1, 0.76159415595576488812), (.tanh, 400, 1), (.tanh, -400, -1),
    (.sigmoid, 0, 0.5), (.sigmoid, 1, 0.73105857863000487926), (.sigmoid, -40, 4.2483542552915889772e-18),
    (.sigmoid, 800, 1), (.sigmoid, -800, 0),
    (.softplus, 0, 0.69314718055994530942), (.softplus, 800, 800), (.softplus, -40, 4.2483542552915889682e-18),
    (.softplus, .infinity, .infinity), (.softplus, -.infinity, 0),
    (.sin, 1, 0.84147098480789650665), (.cos, 1, 0.54030230586813971740),
    (.erf, 0.5, 0.52049987781304653768), (.erf, -2, -0.99532226501895273416),
  ]

  @Test(arguments: values)
  func functionsOfOneNumber(_ function: UnaryFunction, _ x: Double, _ expected: Double) throws {
    let found = try vector(.unary(function), [x])[0]
    #expect(found == expected || abs(found - expected) <= 2e-16 * abs(expected), "\(function)(\(x)) = \(found)")
  }

  @Test func undefinedNumbersStayUndefined() throws {
    for function in UnaryFunction.allCases where function != .isFinite && function != .not {
      #expect(try vector(.unary(function), [.nan])[0].isNaN, "\(function)")
    }
    for function in [BinaryFunction.add, .subtract, .multiply, .divide, .maximum, .minimum, .atan2] {
      #expect(try vector(.binary(function), [.nan, 1], [1, .nan]).allSatisfy(\.isNaN), "\(function)")
    }
  }

  @Test func functionsOfTwoNumbers() throws {
    #expect(try vector(.binary(.add), [1, 2], [10, 20]) == [11, 22])
    #expect(try vector(.binary(.subtract), [1, 2], [10, 20]) == [-9, -18])
    #expect(try vector(.binary(.multiply), [3, .infinity], [4, 2]) == [12, .infinity])
    #expect(try vector(.binary(.multiply), [.infinity], [0])[0].isNaN)
    #expect(try vector(.binary(.divide), [1, -1, 6], [4, 0, 3]) == [0.25, -.infinity, 2])
    #expect(try vector(.binary(.maximum), [1, 5, -.infinity], [3, 2, 0]) == [3, 5, 0])
    #expect(try vector(.binary(.minimum), [1, 5, -.infinity], [3, 2, 0]) == [1, 2, -.infinity])
    #expect(try vector(.binary(.power), [2, 9, 5], [10, 0.5, 0]) == [1024, 3, 1])
  }

  /// IEC 60559, F.10.1.4 of the C standard: y, x and the angle in units of π.
  static let angles: [(Double, Double, Double)] = [
    (0, 0, 0), (-0.0, 0, -0.0), (0, -0.0, 1), (-0.0, -0.0, -1), (0, 2, 0), (-0.0, 2, -0.0), (0, -2, 1), (-0.0, -2, -1),
    (3, 0, 0.5), (3, -0.0, 0.5), (-3, 0, -0.5), (-3, -0.0, -0.5), (1, 1, 0.25), (1, -1, 0.75), (-1, -1, -0.75),
    (3, .infinity, 0), (-3, .infinity, -0.0), (3, -.infinity, 1), (-3, -.infinity, -1), (.infinity, 3, 0.5),
    (-.infinity, 3, -0.5), (.infinity, .infinity, 0.25), (-.infinity, .infinity, -0.25),
    (.infinity, -.infinity, 0.75), (-.infinity, -.infinity, -0.75),
  ]

  @Test(arguments: angles)
  func angle(_ y: Double, _ x: Double, _ expected: Double) throws {
    let found = try vector(.binary(.atan2), [y], [x])[0]
    #expect(found.sign == expected.sign && abs(found - expected * .pi) <= 5e-16, "atan2(\(y), \(x)) = \(found)")
  }

  @Test func integersAreExact() throws {
    let (x, y): ([Int32], [Int32]) = ([7, -7, 7, -7, 5], [2, 2, -2, -2, 0])
    #expect(try integerVector(.binary(.floorDivide), x, y) == [3, -4, -4, 3, 0])
    #expect(try integerVector(.binary(.remainder), x, y) == [1, 1, -1, -1, 0])
    #expect(try integerVector(.binary(.multiply), [46341], [46340]) == [2_147_441_940])
    #expect(try integerVector(.binary(.add), [Int32.max - 1], [1]) == [2_147_483_647])
    #expect(try integerVector(.binary(.maximum), [Int32.min], [3]) == [3])
    #expect(try integerVector(.unary(.negate), [4]) == [-4])
    #expect(try integerVector(.unary(.absolute), [-4]) == [4])
    #expect(try integerVector(.unary(.square), [-4]) == [16])
    #expect(try integerVector(.unary(.sign), [-4, 0, 9]) == [-1, 0, 1])
  }

  @Test func truthValues() throws {
    let (x, y) = ([false, false, true, true], [false, true, false, true])
    #expect(try truthVector(.binary(.and), x, y) == [0, 0, 0, 1])
    #expect(try truthVector(.binary(.or), x, y) == [0, 1, 1, 1])
    #expect(try truthVector(.binary(.xor), x, y) == [0, 1, 1, 0])
    #expect(try truthVector(.unary(.not), x) == [1, 1, 0, 0])
    #expect(try vector(.unary(.isFinite), [1, .nan, .infinity, -.infinity, 0]) == [1, 0, 0, 0, 1])
  }

  @Test func comparisons() throws {
    let (x, y): ([Double], [Double]) = ([1, 2, 3, .nan], [2, 2, 2, 2])
    let expected: [(Comparison, [Double])] = [
      (.equal, [0, 1, 0, 0]), (.notEqual, [1, 0, 1, 1]), (.less, [1, 0, 0, 0]), (.lessOrEqual, [1, 1, 0, 0]),
      (.greater, [0, 0, 1, 0]), (.greaterOrEqual, [0, 1, 1, 0]),
    ]
    for (comparison, result) in expected {
      #expect(try vector(.compare(comparison), x, y) == result, "\(comparison)")
    }
  }

  @Test func selectIgnoresTheOtherSide() throws {
    var sample = Sample()
    let condition = sample.value([2], .bool([true, false]))
    let result = try sample.run(.select, condition, sample.floats([2], [1, .nan]), sample.floats([2], [.nan, 2]))
    #expect(result == Tensor([2], [1.0, 2]))
  }

  @Test func conversions() throws {
    let x = [1.9, -1.9, 0, .nan, 1e300, -1e300]
    #expect(try vector(.convert(.int32), x) == [1, -1, 0, 0, 2_147_483_647, -2_147_483_648])
    #expect(try vector(.convert(.bool), x) == [1, 1, 0, 1, 1, 1])
    #expect(try integerVector(.convert(.float64), [3]) == [3])
    #expect(try vector(.convert(.float32), [0.1]) == [0.1])
    #expect(try truthVector(.convert(.int32), [true, false]) == [1, 0])
  }

  @Test func scalarsAreRepeatedOverFeaturesAndOperandsOverAxes() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    let row = sample.floats([batch], [2, 2], [1, 2, 3, 4])
    let step = sample.floats([time], [3], [10, 20, 30])
    let sum = try sample.run(.binary(.add), row, step)
    #expect(sum == Tensor([3, 2, 2], [11.0, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34]))
  }

  @Test func identitiesKeepTheValue() throws {
    #expect(try vector(.stopGradient, [1, -2]) == [1, -2])
    #expect(try vector(.clipGradient(.norm(0.1)), [1, -2]) == [1, -2])
    #expect(try vector(.clipGradient(.value(0.1)), [1, -2]) == [1, -2])
  }

  @Test func aFloat32ValueIsReadExactlyAndComputedInFloat64() throws {
    var sample = Sample()
    let x = sample.value([1], .float32([0.1]))
    let result = try sample.run(.unary(.square), x)
    #expect(result == Tensor([1], [Double(Float(0.1)) * Double(Float(0.1))]))
  }
}
