import EbbGraph
import EbbKernels
import EbbTestSupport
import Foundation
import Testing

/// A function of one variable, in the format under test and in a wider one that serves as the truth.
private struct MathFunction<Wide: EbbTestSupport.Wide>: Sendable {
  let name: String
  let operation: UInt32
  /// Most units in the last place between the kernel and the truth.
  let bound: Double
  /// The same with AVX-512, where it looks numbers up in tables.
  var boundByTables: Double? = nil
  let truth: @Sendable (Wide) -> Wide
}

/// The functions that are not correctly rounded, found among the kernels' operations by their names.
private func functions<Wide: EbbTestSupport.Wide>(
  _: Wide.Type, _ bound: (UnaryReference<Wide>) -> Double?
) -> [MathFunction<Wide>] {
  let operations = (0..<EBB_OP_COUNT.rawValue).map { String(cString: ebb_op_name(ebb_op(rawValue: $0))) }
  return UnaryFunction.allCases.compactMap { function in
    guard let reference = function.reference(Wide.self), let bound = bound(reference) else { return nil }
    guard let operation = operations.firstIndex(of: "\(function)".uppercased()) else {
      preconditionFailure("the kernels have no operation named \(function)")
    }
    return MathFunction(
      name: "\(function)", operation: UInt32(operation), bound: bound,
      boundByTables: Wide.self == Double.self ? reference.ulpsByTables : nil, truth: reference.value)
  }
}

/// |value − truth| in units in the last place of `Element` at the truth; infinite where one is special and the other
/// is not the same.
private func distance<Element: BinaryFloatingPoint, Wide: BinaryFloatingPoint>(_ value: Element, _ truth: Wide)
  -> Double
{
  let rounded = Element(truth)
  if rounded.isNaN || value.isNaN { return rounded.isNaN && value.isNaN ? 0 : .infinity }
  if rounded.isInfinite || value.isInfinite { return rounded == value ? 0 : .infinity }
  if rounded == 0 && value == 0 { return rounded.sign == value.sign ? 0 : .infinity }
  let least = Int(Element.leastNormalMagnitude.exponent)
  let exponent = truth == 0 ? least : max(Int(truth.exponent), least)
  let unit = Wide(sign: .plus, exponent: Wide.Exponent(exponent - Element.significandBitCount), significand: 1)
  return Double(abs(Wide(value) - truth) / unit)
}

private func apply<Element: BinaryFloatingPoint>(_ operation: UInt32, _ x: [Element], _ isa: InstructionSet)
  -> [Element]
{
  var y = [Element](repeating: 0, count: x.count)
  var x = x
  let instructions = [ebb_instruction(op: UInt16(operation), dst: 1, a: 0, b: 0, c: 0)]
  x.withUnsafeMutableBufferPointer { x in
    y.withUnsafeMutableBufferPointer { y in
      instructions.withUnsafeBufferPointer { instructions in
        var program = ebb_program(instructions: instructions.baseAddress!, count: 1, operands: 2, temporaries: 0)
        let operands = [
          ebb_operand(base: x.baseAddress!, outer: 0, middle: 0, row: 0, lane: 1, other: 0, reads: 1, writes: 0),
          ebb_operand(base: y.baseAddress!, outer: 0, middle: 0, row: 0, lane: 1, other: 0, reads: 0, writes: 1),
        ]
        isa.kernels(Element.self).program(
          &program, operands, ebb_space(outer: 1, middle: 1, rows: 1, width: x.count))
      }
    }
  }
  return y
}

/// Every kind of value, with emphasis on moderate ones.
private func samples<Element: BinaryFloatingPoint>(
  _ type: Element.Type, _ fromBits: (UInt64) -> Element
) -> [Element] {
  var random = Generator(8)
  let least = Element.leastNonzeroMagnitude
  var x: [Element] = [0, 1, 2, 0.5, 9, 88.72, 88.73, 103.97, 104, 200, 709.78, 709.79, 745.13, 745.14, 1000]
  x += [least, 3 * least, Element.leastNormalMagnitude, Element.leastNormalMagnitude - least, .infinity, .nan]
  x += [Element.greatestFiniteMagnitude, 1 + Element.ulpOfOne, 1 - Element.ulpOfOne / 2, Element.ulpOfOne]
  x += x.map { -$0 }
  for _ in 0..<1000 { x.append(fromBits(random.bits())) }
  // Just below a power of two, a unit in the last place is smallest: tanh near 2⁻⁴, sigmoid near 2⁻⁵.
  for _ in 0..<1500 {
    x.append(0.061 + random.uniform(type) * 0.0015)
    x.append(-3.45 + random.uniform(type) * 0.015)
  }
  for i in 0..<2500 {
    let scale = Element(sign: .plus, exponent: Element.Exponent(i % 24 - 17), significand: 1)
    x.append(random.uniform(type) * scale)
  }
  return x
}

@Suite struct VectorMathTests {
  @Test(arguments: InstructionSet.available)
  func float(isa: InstructionSet) {
    let x = samples(Float.self) { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    for function in functions(Double.self, { $0.ulps?.single }) { check(function, x, isa) }
  }

  #if arch(x86_64)
    @Test(arguments: InstructionSet.available)
    func double(isa: InstructionSet) {
      let x = samples(Double.self) { Double(bitPattern: $0) }
      for function in functions(Float80.self, { $0.ulps?.double }) {
        check(function, x, isa)
      }
    }
  #endif

  private func check<Element: BinaryFloatingPoint, Wide: EbbTestSupport.Wide>(
    _ function: MathFunction<Wide>, _ x: [Element], _ isa: InstructionSet
  ) {
    var worst = (distance: -1.0, x: Element.nan, y: Element.nan)
    for (x, y) in zip(x, apply(function.operation, x, isa)) {
      let distance = distance(y, function.truth(Wide(x)))
      if distance > worst.distance { worst = (distance, x, y) }
    }
    let bound = isa.value == EBB_AVX512 ? function.boundByTables ?? function.bound : function.bound
    #expect(worst.distance <= bound, "\(function.name)(\(worst.x)) = \(worst.y)")
  }

  /// Where exp is normal, what rounding took from each of the sixteen powers that are looked up is given back.
  @Test func expGivesBackWhatRoundingTookFromPowers() throws {
    guard let isa = InstructionSet.available.first(where: { $0.value == EBB_AVX512 }) else { return }
    let x = (-20_000..<20_000).map { Float($0) / 250 }
    let worst = zip(x, apply(EBB_EXP.rawValue, x, isa)).map { distance($1, exp(Double($0))) }.max()!
    #expect(worst <= 0.6)
  }

  /// The value at x does not depend on what stands beside it, nor on its place in a vector.
  @Test(arguments: InstructionSet.available)
  func bitsDoNotDependOnPlace(isa: InstructionSet) {
    let x = samples(Float.self) { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    for operation in EBB_COPY.rawValue..<EBB_ADD.rawValue {
      let whole = apply(operation, x, isa)
      for length in [1, 7, 33] {
        let start = 11 * length
        let part = apply(operation, Array(x[start..<start + length]), isa)
        #expect(same(part, Array(whole[start..<start + length])), "operation \(operation), \(length) elements")
      }
    }
  }
}
