import EbbKernels
import Testing

@Suite struct ReductionTests {
  @Test(arguments: InstructionSet.available)
  func rows(isa: InstructionSet) {
    rows(Float.self, isa)
    rows(Double.self, isa)
  }

  private func rows<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    for (a, panels) in cases(type, seed: 6) {
      func reduce(_ kernel: (UnsafePointer<ebb_row_reduction>) -> Void) -> [Element] {
        var out = [Element](repeating: 7, count: 2 * a.rows)
        panels.withRows { rows in
          out.withUnsafeMutableBufferPointer { out in
            var q = ebb_row_reduction(
              a: rows, b: nil, b_panel: 0, b_row: 0, rows: a.rows, out: out.baseAddress!, out_row: 2)
            kernel(&q)
          }
        }
        #expect((0..<a.rows).allSatisfy { out[2 * $0 + 1] == 7 })
        return (0..<a.rows).map { out[2 * $0] }
      }
      let lanes = panels.lanes.map { Int($0) }
      let context = "\(type) \(a.rows) rows of \(lanes)"
      let matrixRows = (0..<a.rows).map { r in (0..<a.columns).map { a[r, $0] } }
      #expect(same(reduce(kernels.row_sum), matrixRows.map { sumByPanels($0, lanes) }), "sum \(context)")
      #expect(same(reduce(kernels.row_max), matrixRows.map { maximum($0) }), "max \(context)")
    }
  }

  /// Σ a ⊙ b has the bits of the products stored and then reduced, wherever the factors lie.
  @Test(arguments: InstructionSet.available)
  func rowsOfProducts(isa: InstructionSet) {
    rowsOfProducts(Float.self, isa)
    rowsOfProducts(Double.self, isa)
  }

  private func rowsOfProducts<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    var random = Generator(8)
    for (a, panels) in cases(type, seed: 9) {
      let lanes = panels.lanes.map { Int($0) }
      var b: Matrix<Element> = random.matrix(a.rows, a.columns)
      // A sum that overflows where no product does; its mean does not.
      for c in 0..<b.columns { b[5, c] = .greatestFiniteMagnitude / (a[5, c].magnitude + 1) }
      for layout in Layout.allCases {
        for isOneRow in [false, true] {
          let factors = Panels(b, lanes: lanes, layout: layout)
          let products = Matrix(rows: a.rows, columns: a.columns) { a[$0, $1] * b[isOneRow ? 0 : $0, $1] }
          let stored = Panels(products, lanes: lanes, layout: .panelMajor)
          for (name, kernel) in [("sum", kernels.row_sum), ("mean", kernels.row_mean)] {
            let found = panels.withRows { left in
              factors.withRows { right in
                reduced(left, times: right.base, right.panel, isOneRow ? 0 : right.row, rows: a.rows, type, kernel)
              }
            }
            let expected = stored.withRows { reduced($0, rows: a.rows, type, kernel) }
            #expect(same(found, expected), "\(name) of \(type) \(a.rows) rows of \(lanes), one row: \(isOneRow)")
            if name == "sum" {
              let sums = (0..<a.rows).map { r in sumByPanels((0..<a.columns).map { products[r, $0] }, lanes) }
              #expect(same(found, sums), "\(type) \(a.rows) rows of \(lanes)")
            }
          }
        }
      }
    }
  }

  private func reduced<Element: BinaryFloatingPoint>(
    _ a: ebb_rows, times b: UnsafeRawPointer? = nil, _ panel: Int = 0, _ row: Int = 0, rows: Int, _ type: Element.Type,
    _ kernel: (UnsafePointer<ebb_row_reduction>) -> Void
  ) -> [Element] {
    var out = [Element](repeating: 7, count: rows)
    out.withUnsafeMutableBufferPointer { out in
      var q = ebb_row_reduction(
        a: a, b: b, b_panel: panel, b_row: row, rows: rows, out: out.baseAddress!, out_row: 1)
      kernel(&q)
    }
    return out
  }

  @Test(arguments: InstructionSet.available)
  func columns(isa: InstructionSet) {
    columns(Float.self, isa)
    columns(Double.self, isa)
  }

  private func columns<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    for (a, panels) in cases(type, seed: 7) {
      for add in [false, true] {
        func reduce(_ kernel: (UnsafePointer<ebb_column_reduction>) -> Void) -> [Element] {
          var out = [Element](repeating: 0.25, count: a.columns + 1)
          panels.withRows { rows in
            out.withUnsafeMutableBufferPointer { out in
              var q = ebb_column_reduction(a: rows, rows: a.rows, out: out.baseAddress!, rest: nil, add: add ? 1 : 0)
              kernel(&q)
            }
          }
          #expect(out.removeLast() == 0.25)
          return out
        }
        let context = "\(type) \(a.rows) rows of \(panels.lanes) add \(add)"
        let matrixColumns = (0..<a.columns).map { c in (0..<a.rows).map { a[$0, c] } }
        let sums = matrixColumns.map { column in (add ? 0.25 : 0) + column.reduce(0, +) }
        let maxima = matrixColumns.map { column in maximum(add ? [0.25] + column : column) }
        #expect(same(reduce(kernels.column_sum), sums), "sum \(context)")
        #expect(same(reduce(kernels.column_max), maxima), "max \(context)")
      }
    }
  }

  /// Matrices with ties, infinities and a NaN here and there, in all layouts.
  private func cases<Element: BinaryFloatingPoint>(
    _ type: Element.Type, seed: UInt64
  ) -> [(Matrix<Element>, Panels<Element>)] {
    var random = Generator(seed)
    var cases: [(Matrix<Element>, Panels<Element>)] = []
    for lanes in laneCases(type) {
      for layout in Layout.allCases {
        var matrix: Matrix<Element> = random.matrix(6, lanes.reduce(0, +))
        for c in 0..<matrix.columns {
          matrix[1, c] = (matrix[1, c] * 4).rounded()
          matrix[2, c] = -.infinity
          matrix[3, c] = c % 5 == 3 ? .nan : matrix[3, c]
          matrix[4, c] = c == matrix.columns - 1 ? .infinity : matrix[4, c]
        }
        cases.append((matrix, Panels(matrix, lanes: lanes, layout: layout)))
      }
    }
    return cases
  }

  /// Lane j of all panels ascending, then the partial sums pairwise: j with j + half.
  private func sumByPanels<Element: BinaryFloatingPoint>(_ row: [Element], _ lanes: [Int]) -> Element {
    var partial = [Element](repeating: 0, count: panelLanes(Element.self))
    var first = 0
    for used in lanes {
      for j in 0..<used { partial[j] += row[first + j] }
      first += used
    }
    while partial.count > 1 {
      let half = partial.count / 2
      partial = (0..<half).map { partial[$0] + partial[$0 + half] }
    }
    return partial[0]
  }

  private func maximum<Element: BinaryFloatingPoint>(_ values: [Element]) -> Element {
    values.contains { $0.isNaN } ? .nan : values.max() ?? -.infinity
  }
}
