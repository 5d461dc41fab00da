import EbbKernels
import Testing

/// How an operand lies in memory.
private enum Kind: CaseIterable {
  case contiguous, spreadRows, spreadMiddle, spreadOuter, bias, biasOfMiddle, biasOfOuter, matrix, matrixOfOuter
  case column, columnOfOuter, scalar, scalarOfMiddle, scalarOfOuter

  typealias Strides = (outer: Int, middle: Int, row: Int, lane: Int)

  func strides(_ space: ebb_space) -> Strides {
    let (middle, rows, width) = (space.middle, space.rows, space.width)
    return switch self {
    case .contiguous: (middle * rows * width, rows * width, width, 1)
    case .spreadRows: (middle * rows * (width + 3), rows * (width + 3), width + 3, 1)
    case .spreadMiddle: (middle * (rows * width + 5), rows * width + 5, width, 1)
    case .spreadOuter: (middle * rows * width + 7, rows * width, width, 1)
    case .bias: (0, 0, 0, 1)
    case .biasOfMiddle: (0, width, 0, 1)
    case .biasOfOuter: (width, 0, 0, 1)
    case .matrix: (0, 0, width, 1)
    case .matrixOfOuter: (rows * width, 0, width, 1)
    case .column: (middle * rows, rows, 1, 0)
    case .columnOfOuter: (rows, 0, 1, 0)
    case .scalar: (0, 0, 0, 0)
    case .scalarOfMiddle: (0, 1, 0, 0)
    case .scalarOfOuter: (1, 0, 0, 0)
    }
  }

  /// Kinds that hold each element once, so that they can be written.
  static let writable: [Kind] = [.contiguous, .spreadRows, .spreadMiddle, .spreadOuter]
}

/// An operand with memory of its own, in either format, exactly as long as needed.
private final class Operand<Element: BinaryFloatingPoint> {
  let strides: Kind.Strides
  let reads: Bool
  let writes: Bool
  private let floats: UnsafeMutableBufferPointer<Float>
  private let doubles: UnsafeMutableBufferPointer<Double>
  /// Whether it is stored as Double; else as Float.
  private let isDouble: Bool

  init(
    _ kind: Kind, isOther: Bool, reads: Bool, writes: Bool, space: ebb_space,
    random: inout Generator
  ) {
    strides = kind.strides(space)
    (self.reads, self.writes) = (reads, writes)
    isDouble = (Element.self == Double.self) != isOther
    let count =
      (space.outer - 1) * strides.outer + (space.middle - 1) * strides.middle + (space.rows - 1) * strides.row
      + (space.width - 1) * strides.lane + 1
    floats = .allocate(capacity: isDouble ? 0 : count)
    doubles = .allocate(capacity: isDouble ? count : 0)
    // Values that both formats hold exactly, so that reading them does not round.
    for i in 0..<count {
      let value = (random.uniform(Float.self) * 1024).rounded() / 256
      if isDouble { doubles.initializeElement(at: i, to: Double(value)) }
      if !isDouble { floats.initializeElement(at: i, to: value) }
    }
  }

  deinit {
    floats.deallocate()
    doubles.deallocate()
  }

  func offset(_ index: Index) -> Int {
    index.outer * strides.outer + index.middle * strides.middle + index.row * strides.row + index.lane * strides.lane
  }

  /// What memory holds, in the program's format.
  var memory: [Element] { isDouble ? doubles.map { Element($0) } : floats.map { Element($0) } }

  /// What memory will hold of a result.
  func stored(_ value: Element) -> Element { isDouble ? Element(Double(value)) : Element(Float(value)) }

  var operand: ebb_operand {
    ebb_operand(
      base: isDouble ? UnsafeMutableRawPointer(doubles.baseAddress!) : UnsafeMutableRawPointer(floats.baseAddress!),
      outer: strides.outer, middle: strides.middle, row: strides.row, lane: UInt8(strides.lane),
      other: isDouble == (Element.self == Double.self) ? 0 : 1, reads: reads ? 1 : 0, writes: writes ? 1 : 0)
  }
}

private typealias Index = (outer: Int, middle: Int, row: Int, lane: Int)

extension ebb_space {
  fileprivate func forEach(_ body: (Index) -> Void) {
    for o in 0..<outer {
      for m in 0..<middle { for r in 0..<rows { for j in 0..<width { body((o, m, r, j)) } } }
    }
  }
}

@Suite struct ProgramTests {
  @Test(arguments: InstructionSet.available)
  func operandsOfEveryKind(isa: InstructionSet) {
    operandsOfEveryKind(Float.self, isa)
    operandsOfEveryKind(Double.self, isa)
  }

  /// d = a b + c, then e = (a − d) e in place, over spaces of every shape. All numbers are small multiples of 2⁻⁸, so
  /// that d is exact with and without FMA.
  private func operandsOfEveryKind<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    var random = Generator(9)
    let spaces = [
      (1, 1, 1, 1), (1, 1, 1, 3), (1, 1, 1, 64), (1, 1, 1, 513), (1, 1, 1, 1300), (1, 1, 7, 1), (3, 1, 5, 1),
      (1, 1, 600, 1), (4, 1, 1, 1), (1, 1, 3, 32), (2, 1, 16, 32), (2, 1, 17, 32), (3, 1, 1, 32), (2, 1, 5, 31),
      (2, 1, 3, 100), (1, 1, 2, 700), (3, 1, 9, 63), (2, 1, 40, 20), (1, 3, 1, 1), (2, 3, 5, 1), (2, 8, 8, 32),
      (2, 7, 3, 32), (1, 5, 8, 64), (2, 3, 1, 48), (2, 5, 3, 64), (1, 4, 20, 32), (2, 3, 40, 20), (1, 2, 2, 600),
      (2, 5, 7, 9), (1, 6, 2, 64), (2, 4, 2, 64), (2, 6, 2, 96), (1, 8, 3, 64),
    ].map { ebb_space(outer: $0.0, middle: $0.1, rows: $0.2, width: $0.3) }
    let instructions: [(ebb_op, Int, Int, Int, Int)] = [
      (EBB_FMA, 3, 0, 1, 2), (EBB_SUB, 5, 0, 3, 0), (EBB_MUL, 4, 5, 4, 0),
    ]
    for space in spaces {
      for _ in 0..<10 {
        var kinds = (0..<3).map { _ in Kind.allCases[Int(random.bits() % UInt64(Kind.allCases.count))] }
        kinds += (0..<2).map { _ in Kind.writable[Int(random.bits() % UInt64(Kind.writable.count))] }
        let operands = kinds.indices.map { i in
          Operand<Element>(
            kinds[i], isOther: random.bits() % 4 == 0, reads: i != 3, writes: i >= 3, space: space, random: &random)
        }
        var expected = operands.map(\.memory)
        space.forEach { index in
          let at = operands.map { $0.offset(index) }
          let (a, b, c) = (expected[0][at[0]], expected[1][at[1]], expected[2][at[2]])
          let d = a * b + c
          expected[3][at[3]] = operands[3].stored(d)
          expected[4][at[4]] = operands[4].stored((a - d) * expected[4][at[4]])
        }
        run(instructions, operands, temporaries: 1, space, isa)
        for i in operands.indices {
          #expect(same(operands[i].memory, expected[i]), "\(type) space \(space) kinds \(kinds) operand \(i)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func asManyRegistersAsThereCanBe(isa: InstructionSet) {
    asManyRegistersAsThereCanBe(Float.self, isa)
    asManyRegistersAsThereCanBe(Double.self, isa)
  }

  /// Operand 63 = the sum of the others, by a tree through all temporaries; every operand needs scratch.
  private func asManyRegistersAsThereCanBe<Element: BinaryFloatingPoint>(
    _ type: Element.Type, _ isa: InstructionSet
  ) {
    var random = Generator(10)
    let space = ebb_space(outer: 2, middle: 3, rows: 5, width: 100)
    let last = Int(EBB_MAX_OPERANDS) - 1
    let operands = (0...last).map { i in
      Operand<Element>(.spreadRows, isOther: true, reads: i < last, writes: i == last, space: space, random: &random)
    }
    // Temporary i holds the sum of operands 0 … i.
    var instructions: [(ebb_op, Int, Int, Int, Int)] = [(EBB_COPY, last + 1, 0, 0, 0)]
    for i in 1..<last { instructions.append((EBB_ADD, last + 1 + i, last + i, i, 0)) }
    instructions.append((EBB_COPY, last, 2 * last, 0, 0))
    instructions.append((EBB_COPY, last + Int(EBB_MAX_TEMPORARIES), 0, 0, 0))
    var expected = operands[last].memory
    let memories = operands[0..<last].map(\.memory)
    space.forEach { index in
      let at = operands[0].offset(index)
      expected[at] = memories.reduce(0) { $0 + $1[at] }
    }
    run(instructions, operands, temporaries: Int(EBB_MAX_TEMPORARIES), space, isa)
    #expect(same(operands[last].memory, expected))
  }

  private func run<Element: BinaryFloatingPoint>(
    _ instructions: [(ebb_op, Int, Int, Int, Int)], _ operands: [Operand<Element>], temporaries: Int,
    _ space: ebb_space, _ isa: InstructionSet
  ) {
    let code = instructions.map { operation, dst, a, b, c in
      ebb_instruction(op: UInt16(operation.rawValue), dst: UInt16(dst), a: UInt16(a), b: UInt16(b), c: UInt16(c))
    }
    code.withUnsafeBufferPointer { code in
      var program = ebb_program(
        instructions: code.baseAddress!, count: Int32(code.count), operands: Int32(operands.count),
        temporaries: Int32(temporaries))
      isa.kernels(Element.self).program(&program, operands.map(\.operand), space)
    }
    // The operands' memory outlives the call.
    withExtendedLifetime(operands) {}
  }
}
