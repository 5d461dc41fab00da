import EbbKernels
import Testing

@Suite struct OuterTests {
  @Test(arguments: InstructionSet.available)
  func everyBitAndNoNeighbour(isa: InstructionSet) {
    everyBitAndNoNeighbour(Float.self, isa)
    everyBitAndNoNeighbour(Double.self, isa)
  }

  /// C[k, n] (+)= Σ_r A[r, k] B[r, n]; C is a block inside a larger matrix whose other elements must stay.
  private func everyBitAndNoNeighbour<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    for (i, aLanes) in laneCases(type).enumerated() {
      for (j, bLanes) in laneCases(type).enumerated() {
        for add in [false, true] {
          let layouts = (Layout.allCases[i % 3], Layout.allCases[j % 3])
          check(type, rows: (i * 5 + j) % 7, aLanes, bLanes, layouts, add: add, isa)
        }
      }
    }
    // So many rows that panels of A are taken in groups.
    for rows in [300, 700] {
      check(type, rows: rows, [2, 1, 3, 1, 2], [3, 1], (.panelMajor, .rowMajor), add: rows == 700, isa)
    }
  }

  private func check<Element: BinaryFloatingPoint>(
    _ type: Element.Type, rows: Int, _ aLanes: [Int], _ bLanes: [Int], _ layouts: (Layout, Layout), add: Bool,
    _ isa: InstructionSet
  ) {
    let kernels = isa.kernels(type)
    var random = Generator(UInt64(3 + rows))
    let a: Matrix<Element> = random.matrix(rows, aLanes.reduce(0, +))
    let b: Matrix<Element> = random.matrix(rows, bLanes.reduce(0, +))
    let aPanels = Panels(a, lanes: aLanes, layout: layouts.0)
    let bPanels = Panels(b, lanes: bLanes, layout: layouts.1)
    let before: Matrix<Element> = random.matrix(a.columns + 2, b.columns + 2)
    var c = before
    aPanels.withRows { aRows in
      bPanels.withRows { bRows in
        c.elements.withUnsafeMutableBufferPointer { elements in
          var q = ebb_outer(
            a: aRows, b: bRows, rows: rows, c: elements.baseAddress! + before.columns + 1, ldc: before.columns,
            add: add ? 1 : 0)
          kernels.outer(&q)
        }
      }
    }
    let expected = Matrix<Element>(rows: before.rows, columns: before.columns) { row, column in
      let (k, n) = (row - 1, column - 1)
      guard (0..<a.columns).contains(k), (0..<b.columns).contains(n) else { return before[row, column] }
      var sum: Element = 0
      for r in 0..<rows { sum = isa.multiplyAdd(a[r, k], b[r, n], sum) }
      return add ? before[row, column] + sum : sum
    }
    #expect(same(c.elements, expected.elements), "\(type) rows \(rows) A \(aLanes) B \(bLanes) add \(add)")
  }
}
