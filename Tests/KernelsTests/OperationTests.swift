import EbbKernels
import Foundation
import Testing

/// What each operation that is not a transcendental function means.
private func meaning<Element: BinaryFloatingPoint>(
  _ operation: ebb_op, _ a: Element, _ b: Element, _ c: Element, _ isa: InstructionSet
) -> Element {
  func truth(_ condition: Bool) -> Element { condition ? 1 : 0 }
  return switch operation {
  case EBB_COPY: a
  case EBB_NEGATE: -a
  case EBB_ABS: abs(a)
  case EBB_SIGN: a > 0 ? 1 : a < 0 ? -1 : a
  case EBB_RELU: a.isNaN ? a : a > 0 ? a : 0
  case EBB_SQRT: a.squareRoot()
  case EBB_RECIPROCAL: 1 / a
  case EBB_FLOOR: a.rounded(.down)
  case EBB_TRUNC: a.rounded(.towardZero)
  case EBB_SQUARE: a * a
  case EBB_NOT: truth(a == 0)
  case EBB_IS_FINITE: truth(a.isFinite)
  case EBB_ONE_MINUS: 1 - a
  case EBB_ADD: a + b
  case EBB_SUB: a - b
  case EBB_MUL: a * b
  case EBB_DIV: a / b
  case EBB_MAX: a.isNaN || b.isNaN ? .nan : a >= b ? a : b
  case EBB_MIN: a.isNaN || b.isNaN ? .nan : a <= b ? a : b
  case EBB_FLOOR_MOD: floorMod(a, b)
  case EBB_FLOOR_DIV: floorDiv(a, b)
  case EBB_AND: truth(a != 0 && b != 0)
  case EBB_OR: truth(a != 0 || b != 0)
  case EBB_XOR: truth((a != 0) != (b != 0))
  case EBB_EQ: truth(a == b)
  case EBB_NE: truth(a != b)
  case EBB_LT: truth(a < b)
  case EBB_LE: truth(a <= b)
  case EBB_GT: truth(a > b)
  case EBB_GE: truth(a >= b)
  case EBB_TANH_GRADIENT: a * isa.multiplyAdd(-b, b, 1)
  case EBB_SIGMOID_GRADIENT: a * (b * (1 - b))
  case EBB_SELECT: a != 0 ? b : c
  case EBB_FMA: isa.multiplyAdd(a, b, c)
  case EBB_FNMA: isa.multiplyAdd(-a, b, c)
  case EBB_FMS: isa.multiplyAdd(a, b, -c)
  default: .nan  // an imported C enum: Swift knows no end of its cases
  }
}

private func floorMod<Element: BinaryFloatingPoint>(_ a: Element, _ b: Element) -> Element {
  let remainder = a.truncatingRemainder(dividingBy: b)
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
}

/// ⌊a / b⌋, also where a / b would round up to the next integer.
private func floorDiv<Element: BinaryFloatingPoint>(_ a: Element, _ b: Element) -> Element {
  guard b != 0 else { return a / b }
  let remainder = a.truncatingRemainder(dividingBy: b)
  let quotient = ((a - remainder) / b).rounded()
  return remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient
}

private let exactOperations: [ebb_op] = [
  EBB_COPY, EBB_NEGATE, EBB_ABS, EBB_SIGN, EBB_RELU, EBB_SQRT, EBB_RECIPROCAL, EBB_FLOOR, EBB_TRUNC, EBB_SQUARE,
  EBB_NOT, EBB_IS_FINITE, EBB_ONE_MINUS, EBB_ADD, EBB_SUB, EBB_MUL, EBB_DIV, EBB_MAX, EBB_MIN, EBB_FLOOR_DIV,
  EBB_FLOOR_MOD, EBB_AND, EBB_OR, EBB_XOR, EBB_EQ, EBB_NE, EBB_LT, EBB_LE, EBB_GT, EBB_GE, EBB_TANH_GRADIENT,
  EBB_SIGMOID_GRADIENT, EBB_SELECT, EBB_FMA, EBB_FNMA, EBB_FMS,
]

@Suite struct OperationTests {
  @Test(arguments: InstructionSet.available)
  func exactOperationsOnEveryKindOfValue(isa: InstructionSet) {
    check(Float.self, isa)
    check(Double.self, isa)
  }

  private func check<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kinds: [Element] = [
      0, -0.0, 1, -1, 2.5, -7, 0.1, 3, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    var (a, b, c): ([Element], [Element], [Element]) = ([], [], [])
    for (i, x) in kinds.enumerated() {
      for (j, y) in kinds.enumerated() {
        a.append(x)
        b.append(y)
        c.append(kinds[(3 * i + 5 * j) % kinds.count])
      }
    }
    for operation in exactOperations {
      let result = run(operation, a, b, c, isa)
      for i in a.indices {
        let expected = meaning(operation, a[i], b[i], c[i], isa)
        #expect(
          same(result[i], expected),
          "operation \(operation.rawValue) of \(a[i]), \(b[i]), \(c[i]) gave \(result[i]), not \(expected)")
      }
    }
  }

  /// Signed zeros, infinities and NaN of both.
  @Test(arguments: InstructionSet.available)
  func angle(isa: InstructionSet) {
    let kinds = [0, -0.0, 1, -1, 2.5, -7, 0x1p-126, -0x1p-130, 1e30, .infinity, -.infinity, .nan]
    let y = kinds.flatMap { Array(repeating: $0, count: kinds.count) }
    let x = kinds.flatMap { _ in kinds }
    let double = run(EBB_ATAN2, y, x, x, isa)
    let float = run(EBB_ATAN2, y.map { Float($0) }, x.map { Float($0) }, x.map { Float($0) }, isa)
    for i in y.indices {
      #expect(same(double[i], atan2(y[i], x[i])), "atan2(\(y[i]), \(x[i])) = \(double[i])")
      let expected = Float(atan2(y[i], x[i]))
      let isNear = float[i].sign == expected.sign && abs(float[i] - expected) <= 2 * expected.ulp
      #expect(same(float[i], expected) || isNear, "atan2(\(y[i]), \(x[i])) = \(float[i])")
    }
  }

  @Test(arguments: InstructionSet.available)
  func power(isa: InstructionSet) {
    let a: [Double] = [2, 0.5, 10, 0, -2, -8, 3, .infinity, 1.5, 7]
    let b: [Double] = [10, -3, 0.25, 0, 3, 1.0 / 3, .nan, -1, 100.5, -2]
    let double = run(EBB_POW, a, b, b, isa)
    let float = run(EBB_POW, a.map { Float($0) }, b.map { Float($0) }, b.map { Float($0) }, isa)
    for i in a.indices {
      #expect(same(double[i], pow(a[i], b[i])))
      let expected = Float(pow(Double(Float(a[i])), Double(Float(b[i]))))
      #expect(same(float[i], expected) || abs(float[i] - expected) <= expected.ulp)
    }
  }

  private func run<Element: BinaryFloatingPoint>(
    _ operation: ebb_op, _ a: [Element], _ b: [Element], _ c: [Element], _ isa: InstructionSet
  ) -> [Element] {
    var memory = [a, b, c, [Element](repeating: 7, count: a.count)].flatMap { $0 }
    let count = a.count
    let instructions = [ebb_instruction(op: UInt16(operation.rawValue), dst: 3, a: 0, b: 1, c: 2)]
    memory.withUnsafeMutableBufferPointer { memory in
      instructions.withUnsafeBufferPointer { instructions in
        var program = ebb_program(instructions: instructions.baseAddress!, count: 1, operands: 4, temporaries: 0)
        let operands = (0..<4).map { i in
          ebb_operand(
            base: memory.baseAddress! + i * count, outer: 0, middle: 0, row: 0, lane: 1, other: 0,
            reads: i < 3 ? 1 : 0, writes: i < 3 ? 0 : 1)
        }
        isa.kernels(Element.self).program(
          &program, operands, ebb_space(outer: 1, middle: 1, rows: 1, width: count))
      }
    }
    return Array(memory[(3 * count)...])
  }
}
