import EbbKernels
import Testing

/// A program that takes several steps of a tile before the next tile gives the bits of one that goes step by step.
@Suite struct BurstTests {
  /// How an operand lies in memory, and where its steps lie.
  private struct Layout {
    var outer: Int, middle: Int, row: Int, lane: Int
    var stride: Int
    var mask: Int
    var slots: Int

    /// All elements of a step side by side; of a sequence, a ring, or one step for all.
    static func whole(_ space: ebb_space, slots: Int, isRing: Bool = false) -> Layout {
      let step = space.outer * space.middle * space.rows * space.width
      return Layout(
        outer: space.middle * space.rows * space.width, middle: space.rows * space.width, row: space.width, lane: 1,
        stride: slots == 1 ? 0 : step, mask: isRing ? slots - 1 : -1, slots: slots)
    }
    /// The panels of a sequence: each with all its steps.
    static func panels(_ space: ebb_space, slots: Int, isRing: Bool = false) -> Layout {
      let step = space.middle * space.rows * space.width
      return Layout(
        outer: slots * step + space.width, middle: space.rows * space.width, row: space.width, lane: 1,
        stride: slots == 1 ? 0 : step, mask: isRing ? slots - 1 : -1, slots: slots)
    }
    /// One row for all rows and middles, such as a parameter, or at each step.
    static func bias(_ space: ebb_space, slots: Int) -> Layout {
      Layout(
        outer: slots * space.width, middle: 0, row: 0, lane: 1, stride: slots == 1 ? 0 : space.width, mask: -1,
        slots: slots)
    }
    /// A number for each row, at each step.
    static func column(_ space: ebb_space, slots: Int) -> Layout {
      Layout(outer: 0, middle: space.rows, row: 1, lane: 0, stride: space.middle * space.rows, mask: -1, slots: slots)
    }
    /// A vector for each row, repeated over the middles, at each step.
    static func repeated(_ space: ebb_space, slots: Int) -> Layout {
      Layout(
        outer: slots * space.rows * space.width, middle: 0, row: space.width, lane: 1, stride: space.rows * space.width,
        mask: -1, slots: slots)
    }

    func count(_ space: ebb_space) -> Int {
      space.outer * abs(outer) + space.middle * middle + space.rows * row + space.width + slots * stride
    }
  }

  @Test(arguments: InstructionSet.available)
  func burstsChangeNoBit(isa: InstructionSet) {
    burstsChangeNoBit(Float.self, isa)
    burstsChangeNoBit(Double.self, isa)
  }

  /// s ← a s' + u with s' that of the step before, in a ring of two; c ← c + s s'; y = s d, where d is kept in the other
  /// width and c in place.
  private func burstsChangeNoBit<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    var random = Generator(12)
    let spaces = [
      (1, 1, 1, 1), (1, 1, 1, 37), (1, 1, 1, 64), (1, 1, 1, 700), (2, 1, 8, 32), (2, 8, 8, 32), (1, 3, 5, 1),
      (3, 2, 1, 20),
      (1, 1, 40, 64), (2, 3, 9, 31), (1, 1, 300, 1),
    ].map { ebb_space(outer: $0.0, middle: $0.1, rows: $0.2, width: $0.3) }
    let instructions: [(ebb_op, Int, Int, Int, Int)] = [
      (EBB_FMA, 1, 2, 0, 3), (EBB_FMA, 4, 0, 1, 4), (EBB_MUL, 6, 1, 5, 0), (EBB_MUL, 7, 6, 6, 0),
    ]
    let steps = 11
    for space in spaces {
      for (by, count) in [(1, 4), (-1, 3), (1, 11), (-1, 1)] {
        for isPanels in [false, true] {
          let layout = isPanels ? Layout.panels : Layout.whole
          let state = layout(space, 2, true)
          let scale = isPanels ? Layout.bias(space, slots: 1) : .repeated(space, slots: steps)
          let drive = isPanels ? Layout.column(space, slots: steps) : .bias(space, slots: steps)
          let layouts = [
            state, state, scale, drive, layout(space, 1, false), layout(space, steps, false),
            layout(space, steps, false),
          ]
          let others = [false, false, false, random.bits() % 2 == 0, false, true, random.bits() % 2 == 0]
          let writes = [false, true, false, false, true, false, true]
          let bytes = layouts.indices.map { index in
            let size = MemoryLayout<Element>.size
            return layouts[index].count(space) * (others[index] ? 12 - size : size)
          }
          func memory(_ index: Int) -> [UInt8] {
            var random = Generator(UInt64(index))
            let numbers = layouts[index].count(space)
            let isDouble = others[index] != (MemoryLayout<Element>.size == 8)
            return isDouble
              ? (0..<numbers).flatMap { _ in withUnsafeBytes(of: random.uniform(Double.self)) { Array($0) } }
              : (0..<numbers).flatMap { _ in withUnsafeBytes(of: random.uniform(Float.self)) { Array($0) } }
          }
          /// All memory after some steps, `count` of them at a time; 0 for calls of the other kernel.
          func result(_ count: Int) -> [[UInt8]] {
            let blocks = layouts.indices.map { index in
              let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes[index], alignment: 64)
              block.copyBytes(from: memory(index))
              return block
            }
            defer { for block in blocks { block.deallocate() } }
            let code = instructions.map { operation, dst, a, b, c in
              ebb_instruction(
                op: UInt16(operation.rawValue), dst: UInt16(dst), a: UInt16(a), b: UInt16(b), c: UInt16(c))
            }
            code.withUnsafeBufferPointer { code in
              var program = ebb_program(instructions: code.baseAddress!, count: 4, operands: 7, temporaries: 1)
              var first = 0
              while first < steps {
                let taken = min(max(count, 1), steps - first)
                let index = by > 0 ? first : steps - 1 - first
                let moves = layouts.indices.map { place in
                  let size = others[place] ? 12 - MemoryLayout<Element>.size : MemoryLayout<Element>.size
                  return ebb_steps(
                    stride: layouts[place].stride * size, index: place == 0 ? index - by : index, by: by,
                    mask: layouts[place].mask)
                }
                var operands = layouts.indices.map { place in
                  let layout = layouts[place]
                  let block = blocks[place == 0 ? 1 : place]
                  return ebb_operand(
                    base: block.baseAddress!, outer: layout.outer, middle: layout.middle, row: layout.row,
                    lane: UInt8(layout.lane), other: others[place] ? 1 : 0, reads: place == 1 || place == 6 ? 0 : 1,
                    writes: writes[place] ? 1 : 0)
                }
                if count > 0 {
                  isa.kernels(Element.self).program_burst(&program, operands, moves, taken, space)
                } else {
                  for place in operands.indices {
                    operands[place].base += (moves[place].index & moves[place].mask) * moves[place].stride
                  }
                  isa.kernels(Element.self).program(&program, operands, space)
                }
                first += taken
              }
            }
            return blocks.map { Array($0) }
          }
          #expect(result(count) == result(0), "\(type) space \(space), \(count) steps by \(by), panels: \(isPanels)")
        }
      }
    }
  }
}
