import EbbKernels
import Foundation
import Testing

/// Numbers whose last one lies right before memory that nobody may touch: who does ends the process.
final class Guarded<Element: BinaryFloatingPoint> {
  let numbers: UnsafeMutablePointer<Element>
  private let pages: UnsafeMutableRawPointer
  private let forbidden: UnsafeMutableRawPointer

  init(_ count: Int) {
    let page = Int(getpagesize())
    let bytes = count * MemoryLayout<Element>.stride
    let size = (bytes + page - 1) / page * page
    pages = .allocate(byteCount: size + page, alignment: page)
    forbidden = pages + size
    numbers = (forbidden - bytes).bindMemory(to: Element.self, capacity: count)
    for index in 0..<count { (numbers + index).initialize(to: Element(index % 7) - 2) }
    precondition(mprotect(forbidden, page, PROT_NONE) == 0, "the page behind the numbers cannot be guarded")
  }

  deinit {
    mprotect(forbidden, Int(getpagesize()), PROT_READ | PROT_WRITE)
    pages.deallocate()
  }

  /// Rows of one number, one beside the other.
  func rows(_ lanes: UnsafePointer<UInt16>) -> ebb_rows {
    ebb_rows(base: numbers, panel: 1000, row: 1, lanes: lanes, panels: 1)
  }
}

/// What the header promises of the memory that kernels touch.
@Suite struct TouchTests {
  /// A value of one feature has no padding: its rows lie side by side, and behind the last one lies anything.
  @Test(arguments: InstructionSet.available)
  func nothingBesideOneNumberIsTouched(isa: InstructionSet) {
    besideOneNumber(Float.self, isa)
    besideOneNumber(Double.self, isa)
  }

  private func besideOneNumber<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    let width = panelLanes(type)
    let one: [UInt16] = [1]
    one.withUnsafeBufferPointer { lanes in
      let lane = lanes.baseAddress!
      for count in [1, 2, 3, 5, 8, 19, 70] {
        let source = Guarded<Element>(count)
        let expected = (0..<count).reduce(Element(0)) { $0 + source.numbers[$1] }
        // The sum of all rows, and of each row.
        let sum = Guarded<Element>(1)
        var columns = ebb_column_reduction(a: source.rows(lane), rows: count, out: sum.numbers, rest: nil, add: 0)
        kernels.column_sum(&columns)
        #expect(sum.numbers[0] == expected)
        kernels.column_max(&columns)
        #expect(sum.numbers[0] == (0..<count).map { source.numbers[$0] }.max())
        let result = Guarded<Element>(count)
        var rows = ebb_row_reduction(
          a: source.rows(lane), b: nil, b_panel: 0, b_row: 0, rows: count, out: result.numbers, out_row: 1)
        for reduction in [kernels.row_sum, kernels.row_max, kernels.row_mean] {
          reduction(&rows)
          #expect((0..<count).allSatisfy { result.numbers[$0] == source.numbers[$0] })
        }
        // The other factor, too, is one number in each row.
        let factor = Guarded<Element>(count)
        rows.b = UnsafeRawPointer(factor.numbers)
        rows.b_panel = 1000
        rows.b_row = 1
        for reduction in [kernels.row_sum, kernels.row_mean] {
          reduction(&rows)
          #expect((0..<count).allSatisfy { result.numbers[$0] == source.numbers[$0] * factor.numbers[$0] })
        }
        rows.b = nil
        kernels.row_norm(&rows)
        #expect((0..<count).allSatisfy { result.numbers[$0] == abs(source.numbers[$0]) })
        // Σ a ⊗ b.
        let square = Guarded<Element>(1)
        var outer = ebb_outer(
          a: source.rows(lane), b: source.rows(lane), rows: count, c: square.numbers, ldc: 1, add: 0)
        kernels.outer(&outer)
        #expect(square.numbers[0] == (0..<count).reduce(Element(0)) { $0 + source.numbers[$1] * source.numbers[$1] })
        // Rows times a matrix of one row; the result's rows are whole panels.
        let weights = Guarded<Element>(width)
        let panels = Guarded<Element>(count * width)
        var product = ebb_product(
          a: source.rows(lane), w: weights.numbers, init: nil, init_panel: 0, init_row: 0, c: panels.numbers,
          c_panel: count * width, c_row: width, rows: count, n_panels: 1)
        for kernel in [kernels.product, kernels.product_reversed] {
          kernel(&product)
          #expect(
            (0..<count * width).allSatisfy {
              panels.numbers[$0] == source.numbers[$0 / width] * weights.numbers[$0 % width]
            })
        }
      }
    }
  }

  /// Lines beside one another, and numbers of one line, end where they end.
  @Test(arguments: InstructionSet.available)
  func nothingBehindALineIsTouched(isa: InstructionSet) {
    behindALine(Float.self, isa)
    behindALine(Double.self, isa)
  }

  private func behindALine<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    let none = ebb_places(table: nil, step: 0)
    for count in [1, 3, 5, 8, 19, 70] {
      let source = Guarded<Element>(count)
      let place = Guarded<Double>(1)
      var line = ebb_argmax(
        a: source.numbers, a_row: 0, a_lane: 0, a_k: ebb_places(table: nil, step: 1), run: count, out: place.numbers,
        out_row: 0, out_lane: 0, rows: 1, lanes: 1, count: count)
      kernels.argmax(&line)
      #expect(place.numbers[0] == Double(min(count - 1, 6)))
      let places = Guarded<Double>(count)
      var lines = ebb_argmax(
        a: source.numbers, a_row: 0, a_lane: 1, a_k: none, run: 1, out: places.numbers, out_row: 0, out_lane: 1,
        rows: 1, lanes: count, count: 1)
      kernels.argmax(&lines)
      #expect((0..<count).allSatisfy { places.numbers[$0] == 0 })
      let sums = Guarded<Element>(count)
      var sum = ebb_accumulation(
        a: source.numbers, a_row: 0, a_lane: 1, a_k: none, b: source.numbers, b_row: 0, b_lane: 1, b_k: none,
        y: sums.numbers, y_row: 0, y_lane: 1, y_k: none, rows: 1, lanes: count, count: 1)
      kernels.accumulate(&sum)
      #expect((0..<count).allSatisfy { sums.numbers[$0] == source.numbers[$0] })
      let drawn = Guarded<Element>(count)
      var draw = ebb_draw(key: (1, 2), counter: (3, 4, 5), first: 0, count: count, out: drawn.numbers)
      kernels.uniforms(&draw)
      #expect((0..<count).allSatisfy { (0..<1).contains(drawn.numbers[$0]) })
      kernels.normals(&draw)
      #expect((0..<count).allSatisfy { drawn.numbers[$0].isFinite })
    }
  }

  /// Programs touch their iteration space alone, and packing the matrix.
  @Test(arguments: InstructionSet.available)
  func nothingBehindAnOperandIsTouched(isa: InstructionSet) {
    behindAnOperand(Float.self, isa)
    behindAnOperand(Double.self, isa)
  }

  private func behindAnOperand<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    let width = panelLanes(type)
    let negate = [ebb_instruction(op: UInt16(EBB_NEGATE.rawValue), dst: 1, a: 0, b: 0, c: 0)]
    for (rows, columns) in [(1, 1), (1, 5), (3, 7), (2, 70), (9, width), (700, 1), (1, 3000)] {
      let (source, result) = (Guarded<Element>(rows * columns), Guarded<Element>(rows * columns))
      negate.withUnsafeBufferPointer { instructions in
        var program = ebb_program(instructions: instructions.baseAddress!, count: 1, operands: 2, temporaries: 0)
        let operands = [
          ebb_operand(base: source.numbers, outer: 0, middle: 0, row: columns, lane: 1, other: 0, reads: 1, writes: 0),
          ebb_operand(base: result.numbers, outer: 0, middle: 0, row: columns, lane: 1, other: 0, reads: 0, writes: 1),
        ]
        kernels.program(&program, operands, ebb_space(outer: 1, middle: 1, rows: rows, width: columns))
      }
      #expect((0..<rows * columns).allSatisfy { result.numbers[$0] == -source.numbers[$0] })
      // The same numbers as weights, by rows and by columns.
      for (depth, kStride, nStride) in [(rows, columns, 1), (columns, 1, columns)] {
        let used =
          Array(repeating: UInt16(width), count: (rows * columns / depth - 1) / width) + [
            UInt16((rows * columns / depth - 1) % width + 1)
          ]
        let packed = Guarded<Element>(used.count * depth * width)
        used.withUnsafeBufferPointer { lanes in
          var pack = ebb_pack(
            w: source.numbers, k_stride: kStride, n_stride: nStride, k: depth, n_lanes: lanes.baseAddress!,
            n_panels: used.count, out: packed.numbers)
          kernels.pack(&pack)
        }
        #expect(packed.numbers[0] == source.numbers[0])
      }
    }
  }
}
