import EbbKernels
import Testing

/// Products, reductions and rearrangements at any strides, against sums one number at a time.
@Suite struct StridedKernelTests {
  /// Which of an operand's dimensions is contiguous.
  private enum Order: CaseIterable { case rows, columns, neither }

  /// A matrix in memory, with `gap` numbers between its runs that no kernel may touch.
  private struct Strided<Element: BinaryFloatingPoint> {
    var row: Int
    var column: Int
    var storage: [Element]

    init(_ matrix: Matrix<Element>, _ order: Order, gap: Int = 3) {
      switch order {
      case .rows: (row, column) = (matrix.columns + gap, 1)
      case .columns: (row, column) = (1, matrix.rows + gap)
      case .neither: (row, column) = (2 * matrix.columns + gap, 2)
      }
      storage = Array(repeating: .nan, count: (matrix.rows - 1) * row + (matrix.columns - 1) * column + 1)
      for r in 0..<matrix.rows {
        for c in 0..<matrix.columns { storage[r * row + c * column] = matrix[r, c] }
      }
    }

    func matrix(_ rows: Int, _ columns: Int) -> Matrix<Element> {
      Matrix(rows: rows, columns: columns) { storage[$0 * row + $1 * column] }
    }

    /// Numbers between the runs that are no longer NaN.
    func touched(_ rows: Int, _ columns: Int) -> Int {
      var isOwn = Array(repeating: false, count: storage.count)
      for r in 0..<rows {
        for c in 0..<columns { isOwn[r * row + c * column] = true }
      }
      return zip(storage, isOwn).filter { !$0.isNaN && !$1 }.count
    }
  }

  @Test(arguments: InstructionSet.available)
  func products(isa: InstructionSet) {
    products(Float.self, isa)
    products(Double.self, isa)
  }

  private func products<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let width = panelLanes(type)
    let kernels = isa.kernels(type)
    var random = Generator(31)
    for (rows, count, columns) in [
      (1, 1, 1), (1, 40, 9 * width + 3), (9, 33, width), (20, 7, 2 * width + 5), (3, 70, 4),
    ] {
      let a: Matrix<Element> = random.matrix(rows, count)
      let b: Matrix<Element> = random.matrix(count, columns)
      let start: Matrix<Element> = random.matrix(rows, columns)
      for left in Order.allCases {
        for right in Order.allCases {
          for (result, add) in [(Order.rows, false), (.rows, true), (.columns, false), (.neither, true)] {
            // k in runs of a panel, as features lie; with and without room for a copy of B.
            for (run, isPacked) in [(count, false), (min(count, 8), false), (count, true), (min(count, 8), true)] {
              let (x, y) = (Strided(a, left), Strided(b, right))
              var z = Strided(start, result)
              let (panels, runs) = ((columns + width - 1) / width, (count + run - 1) / run)
              var room = Array(repeating: Element.nan, count: panels * count * width)
              z.storage.withUnsafeMutableBufferPointer { c in
                room.withUnsafeMutableBufferPointer { room in
                  var q = ebb_contraction(
                    a: x.storage.withUnsafeBufferPointer { $0.baseAddress! }, a_row: x.row, a_k: x.column,
                    a_k_panel: run * x.column, b: y.storage.withUnsafeBufferPointer { $0.baseAddress! }, b_k: y.row,
                    b_k_panel: run * y.row, b_lane: y.column, b_panel: width * y.column, c: c.baseAddress!,
                    c_row: z.row,
                    c_lane: z.column, c_panel: width * z.column, rows: rows, panels: panels,
                    last: columns - (panels - 1) * width, k_panels: runs, k_lanes: run,
                    k_last: count - (runs - 1) * run, add: add ? 1 : 0, packed: isPacked ? room.baseAddress : nil)
                  withExtendedLifetime((x, y)) { kernels.contract(&q) }
                }
              }
              let found = z.matrix(rows, columns)
              let context = "\(type) \(rows) × \(count) × \(columns), \(left) \(right) \(result), runs of \(run)"
              #expect(z.touched(rows, columns) == 0, "\(context)")
              // Where columns are contiguous, or nothing is, it is one chain; where k is, several.
              let areColumns = result == .rows && (right == .rows || isPacked)
              let isChain = areColumns || !(left == .rows && right == .columns)
              for i in 0..<rows {
                for j in 0..<columns {
                  var chain = add ? start[i, j] : 0
                  for k in 0..<count { chain = isa.multiplyAdd(a[i, k], b[k, j], chain) }
                  let isRight =
                    isChain
                    ? same(found[i, j], chain)
                    : (found[i, j] - chain).magnitude <= Element(count + 1) * Element.ulpOfOne * 4
                  if !isRight {
                    Issue.record("\(context), packed \(isPacked): \(found[i, j]) at \(i), \(j), not \(chain)")
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func reductions(isa: InstructionSet) {
    reductions(Float.self, isa)
    reductions(Double.self, isa)
  }

  private func reductions<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let width = panelLanes(type)
    let kernels = isa.kernels(type)
    var random = Generator(32)
    for (count, columns) in [(1, 1), (40, 2 * width + 3), (5, width), (200, 3)] {
      let a: Matrix<Element> = random.matrix(count, columns)
      let start: Matrix<Element> = random.matrix(1, columns)
      for order in Order.allCases {
        for (result, add) in [(Order.rows, false), (.neither, true)] {
          let x = Strided(a, order)
          func reduced(_ kernel: (UnsafePointer<ebb_axis_reduction>) -> Void) -> [Element] {
            var z = Strided(start, result)
            z.storage.withUnsafeMutableBufferPointer { out in
              let panels = (columns + width - 1) / width
              var q = ebb_axis_reduction(
                a: x.storage.withUnsafeBufferPointer { $0.baseAddress! }, a_row: 0, a_lane: x.column,
                a_panel: width * x.column, a_k: x.row, out: out.baseAddress!, out_row: 0, out_lane: z.column,
                out_panel: width * z.column, rows: 1, panels: panels, last: columns - (panels - 1) * width,
                count: count, add: add ? 1 : 0)
              withExtendedLifetime(x) { kernel(&q) }
            }
            #expect(z.touched(1, columns) == 0)
            return (0..<columns).map { z.matrix(1, columns)[0, $0] }
          }
          let (sums, maxima) = (reduced(kernels.axis_sum), reduced(kernels.axis_max))
          for j in 0..<columns {
            let numbers = (0..<count).map { a[$0, j] }
            let sum = numbers.reduce(add ? start[0, j] : 0, +)
            let largest = (numbers + (add ? [start[0, j]] : [])).max() ?? -.infinity
            #expect((sums[j] - sum).magnitude <= Element(count + 1) * Element.ulpOfOne * 4)
            #expect(maxima[j] == largest)
          }
        }
      }
    }
  }

  /// A NaN anywhere makes a maximum NaN, in whole vectors and in the rest.
  @Test(arguments: InstructionSet.available)
  func maximaKeepNaN(isa: InstructionSet) {
    let kernels = isa.kernels(Float.self)
    for place in [0, 15, 63, 66] {
      var numbers = (0..<67).map { Float($0) }
      numbers[place] = .nan
      var out: [Float] = [0]
      numbers.withUnsafeBufferPointer { numbers in
        out.withUnsafeMutableBufferPointer { out in
          var q = ebb_axis_reduction(
            a: numbers.baseAddress!, a_row: 0, a_lane: 0, a_panel: 0, a_k: 1, out: out.baseAddress!, out_row: 0,
            out_lane: 0, out_panel: 0, rows: 1, panels: 1, last: 1, count: 67, add: 0)
          kernels.axis_max(&q)
        }
      }
      #expect(out[0].isNaN, "at \(place)")
    }
  }

  @Test(arguments: InstructionSet.available)
  func rearrangements(isa: InstructionSet) {
    let kernels = isa.kernels(Float.self)
    var random = Generator(33)
    let (rows, columns) = (5, 71)
    let a: Matrix<Float> = random.matrix(rows, columns)
    for from in Order.allCases {
      for to in Order.allCases {
        for lanes in [1, 3, 4, 8, 16, 17, 32] {
          let panels = (columns + lanes - 1) / lanes
          let x = Strided(a, from)
          var z = Strided(random.matrix(rows, columns) as Matrix<Float>, to)
          z.storage.withUnsafeMutableBufferPointer { out in
            var q = ebb_rearrangement(
              a: x.storage.withUnsafeBufferPointer { $0.baseAddress! }, a_row: x.row, a_lane: x.column,
              a_panel: lanes * x.column, out: out.baseAddress!, out_row: z.row, out_lane: z.column,
              out_panel: lanes * z.column, rows: rows, panels: panels, lanes: lanes,
              last: columns - (panels - 1) * lanes)
            withExtendedLifetime(x) { kernels.rearrange(&q) }
          }
          #expect(z.matrix(rows, columns).elements == a.elements && z.touched(rows, columns) == 0, "panels of \(lanes)")
        }
      }
    }
  }
}
