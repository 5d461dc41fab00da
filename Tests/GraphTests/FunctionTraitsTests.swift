import EbbGraph
import EbbTensors
import Testing

/// What the table says about functions against their values.
struct FunctionTraitsTests {
  /// Some numbers of a domain.
  private func samples(_ domain: AcceptedElements) -> [Double] {
    switch domain {
    case .floats: [-2.5, -1, -0.25, 0, 0.5, 1, 3]
    case .integers, .numbers: [-7, -2, -1, 0, 1, 2, 5]
    case .truths: [0, 1]
    }
  }

  @Test(arguments: UnaryFunction.allCases)
  func functionsOfFunctions(_ f: UnaryFunction) {
    guard !f.traits.yieldsTruth else { return }
    let x = samples(f.traits.domain)
    let isInvolution = x.allSatisfy { f(f($0)) == $0 }
    let isIdempotent = x.allSatisfy { f(f($0)) == f($0) || f($0).isNaN }
    switch f.traits.twice {
    case .x: #expect(isInvolution)
    case .f: #expect(isIdempotent)
    // 1 / (1 / x) is x but for rounding, and for 0.
    case .another: #expect(f == .reciprocal || !isInvolution && !isIdempotent)
    }
  }

  @Test(arguments: BinaryFunction.allCases)
  func neutralAndEqualOperands(_ f: BinaryFunction) {
    let x = samples(f.traits.domain)
    if let n = f.traits.rightNeutral { #expect(x.allSatisfy { f($0, n) == $0 }) }
    if let n = f.traits.leftNeutral { #expect(x.allSatisfy { f(n, $0) == $0 }) }
    #expect(x.allSatisfy { f($0, $0) == $0 } == f.traits.isIdempotent)
    let isSymmetric = x.allSatisfy { x in samples(f.traits.domain).allSatisfy { f(x, $0) == f($0, x) } }
    #expect(isSymmetric == f.traits.marks.isEmpty, "operands whose order matters are marked in drawings")
  }

  /// Functions of floats alone need no entry here.
  private static let floats: Set<ElementType> = [.float32, .float64]
  private static let numbers = floats.union([.int32])
  private static let unary: [UnaryFunction: Set<ElementType>] = [
    .negate: numbers, .absolute: numbers, .sign: numbers, .square: numbers, .not: [.bool],
  ]
  private static let binary: [BinaryFunction: Set<ElementType>] = [
    .add: numbers, .subtract: numbers, .multiply: numbers, .maximum: numbers, .minimum: numbers,
    .floorDivide: [.int32], .remainder: [.int32], .and: [.bool], .or: [.bool], .xor: [.bool],
  ]

  @Test func elementTypes() {
    for function in UnaryFunction.allCases {
      #expect(accepted(.unary(function), operands: 1) == Self.unary[function] ?? Self.floats, "\(function)")
    }
    for function in BinaryFunction.allCases {
      #expect(accepted(.binary(function), operands: 2) == Self.binary[function] ?? Self.floats, "\(function)")
    }
  }

  /// The element types that an operation takes.
  private func accepted(_ operation: EbbGraph.Operation, operands: Int) -> Set<ElementType> {
    Set(
      ElementType.allCases.filter { element in
        (try? Graph().inferType(operation, Array(repeating: NodeType(element), count: operands))) != nil
      })
  }
}
