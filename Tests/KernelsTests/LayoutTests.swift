import EbbKernels
import Testing

@Suite struct LayoutTests {
  @Test(arguments: InstructionSet.available)
  func packInEitherDirection(isa: InstructionSet) {
    packInEitherDirection(Float.self, isa)
    packInEitherDirection(Double.self, isa)
  }

  private func packInEitherDirection<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    let whole = panelLanes(type)
    var random = Generator(4)
    for lanes in laneCases(type) {
      for depth in [1, 3, 4, 17, 35] {
        let columns = lanes.reduce(0, +)
        let w: Matrix<Element> = random.matrix(depth, columns)
        let transposed = Matrix<Element>(rows: columns, columns: depth) { n, k in w[k, n] }
        let spread = Matrix<Element>(rows: depth, columns: 2 * columns) { k, n in n % 2 == 0 ? w[k, n / 2] : .nan }
        let sources = [(w, columns, 1), (transposed, 1, depth), (spread, 2 * columns, 2)]
        for (source, kStride, nStride) in sources {
          var out = [Element](repeating: .nan, count: lanes.count * depth * whole)
          source.elements.withUnsafeBufferPointer { elements in
            lanes.map { UInt16($0) }.withUnsafeBufferPointer { lanes in
              out.withUnsafeMutableBufferPointer { out in
                var q = ebb_pack(
                  w: elements.baseAddress!, k_stride: kStride, n_stride: nStride, k: depth,
                  n_lanes: lanes.baseAddress!, n_panels: lanes.count, out: out.baseAddress!)
                kernels.pack(&q)
              }
            }
          }
          var expected: [Element] = []
          var first = 0
          for used in lanes {
            for k in 0..<depth {
              for j in 0..<whole { expected.append(j < used ? w[k, first + j] : 0) }
            }
            first += used
          }
          #expect(same(out, expected), "\(type) lanes \(lanes) depth \(depth) strides \(kStride) \(nStride)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func panelsAndBack(isa: InstructionSet) {
    panelsAndBack(Float.self, isa)
    panelsAndBack(Double.self, isa)
  }

  private func panelsAndBack<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    var random = Generator(5)
    for lanes in laneCases(type) {
      for layout in Layout.allCases {
        let rows = 3
        let columns = lanes.reduce(0, +)
        // One column more than there are lanes: ld is not the width.
        let dense: Matrix<Element> = random.matrix(rows, columns + 1)
        var panels = Panels<Element>(rows: rows, lanes: lanes, layout: layout)
        let (panel, row) = (panels.panel, panels.row)
        dense.elements.withUnsafeBufferPointer { dense in
          panels.lanes.withUnsafeBufferPointer { lanes in
            panels.storage.withUnsafeMutableBufferPointer { storage in
              var q = ebb_to_panels(
                dense: dense.baseAddress!, ld: columns + 1, base: storage.baseAddress!, panel: panel, row: row,
                lanes: lanes.baseAddress!, panels: lanes.count, rows: rows)
              kernels.to_panels(&q)
            }
          }
        }
        #expect(
          same(panels.matrix.elements, Matrix(rows: rows, columns: columns) { dense[$0, $1] }.elements),
          "\(type) \(lanes) \(layout)")
        for (p, used) in lanes.enumerated() {
          for r in 0..<rows {
            let start = p * panel + r * row
            let padding = panels.storage[start + used..<start + panelLanes(type)]
            #expect(padding.allSatisfy { $0 == 0 }, "\(type) \(lanes) \(layout)")
          }
        }
        var back = Matrix<Element>(rows: rows, columns: columns + 1) { _, _ in 7 }
        panels.withRows { a in
          back.elements.withUnsafeMutableBufferPointer { back in
            var q = ebb_from_panels(a: a, dense: back.baseAddress!, ld: columns + 1, rows: rows)
            kernels.from_panels(&q)
          }
        }
        let expected = Matrix<Element>(rows: rows, columns: columns + 1) { $1 < columns ? dense[$0, $1] : 7 }
        #expect(same(back.elements, expected.elements), "\(type) \(lanes) \(layout)")
      }
    }
  }
}
