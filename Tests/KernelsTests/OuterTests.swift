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
    let kernels = isa.kernels(type)
    var random = Generator(3)
    for (i, aLanes) in laneCases(type).enumerated() {
      for (j, bLanes) in laneCases(type).enumerated() {
        for add in [false, true] {
          let rows = (i * 5 + j) % 7
          let a: Matrix<Element> = random.matrix(rows, aLanes.reduce(0, +))
          let b: Matrix<Element> = random.matrix(rows, bLanes.reduce(0, +))
          let aPanels = Panels(a, lanes: aLanes, layout: Layout.allCases[i % 3])
          let bPanels = Panels(b, lanes: bLanes, layout: Layout.allCases[j % 3])
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
          #expect(
            same(c.elements, expected.elements), "\(type) rows \(rows) A \(aLanes) B \(bLanes) add \(add)")
        }
      }
    }
  }
}
