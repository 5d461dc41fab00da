import EbbKernels
import Testing

/// C[r, n] = init[r, n] + Σ_k A[r, k] W[k, n], in one ascending chain for each element.
private func referenceProduct<Element: BinaryFloatingPoint>(
  _ a: Matrix<Element>, _ w: Matrix<Element>, _ initial: Matrix<Element>, _ isa: InstructionSet
) -> Matrix<Element> {
  Matrix(rows: a.rows, columns: w.columns) { r, n in
    var sum = initial[r, n]
    for k in 0..<a.columns { sum = isa.multiplyAdd(a[r, k], w[k, n], sum) }
    return sum
  }
}

private func packed<Element: BinaryFloatingPoint>(
  _ w: Matrix<Element>, lanes: [Int], isa: InstructionSet
) -> [Element] {
  let kernels = isa.kernels(Element.self)
  var out = [Element](repeating: .nan, count: lanes.count * w.rows * panelLanes(Element.self))
  w.elements.withUnsafeBufferPointer { w0 in
    lanes.map { UInt16($0) }.withUnsafeBufferPointer { lanes in
      out.withUnsafeMutableBufferPointer { out in
        var q = ebb_pack(
          w: w0.baseAddress!, k_stride: w.columns, n_stride: 1, k: w.rows, n_lanes: lanes.baseAddress!,
          n_panels: lanes.count, out: out.baseAddress!)
        kernels.pack(&q)
      }
    }
  }
  return out
}

private enum Start { case zeros, bias, values, inPlace }

private enum Direction: CaseIterable { case forwards, backwards }

/// Runs the kernel on rows from ..< from + count, panels of the result at a time as given by `split`.
private func product<Element: BinaryFloatingPoint>(
  _ a: Panels<Element>, _ w: [Element], initial: Panels<Element>, start: Start, into c: inout Panels<Element>,
  rows: Range<Int>, split: Int, _ direction: Direction = .forwards, isa: InstructionSet
) {
  let kernels = isa.kernels(Element.self)
  let depth = a.lanes.reduce(0) { $0 + Int($1) }
  let row = c.row
  let panel = c.panel
  a.withRows(from: rows.lowerBound) { aRows in
    w.withUnsafeBufferPointer { w in
      initial.storage.withUnsafeBufferPointer { initialStorage in
        c.storage.withUnsafeMutableBufferPointer { storage in
          for p in stride(from: 0, to: c.lanes.count, by: split) {
            let result = storage.baseAddress! + p * panel + rows.lowerBound * row
            let values = initialStorage.baseAddress! + p * initial.panel
            let from: UnsafePointer<Element>? =
              switch start {
              case .zeros: nil
              case .bias: values
              case .values: values + rows.lowerBound * initial.row
              case .inPlace: UnsafePointer(result)
              }
            var q = ebb_product(
              a: aRows, w: w.baseAddress! + p * depth * panelLanes(Element.self), init: from,
              init_panel: start == .inPlace ? panel : initial.panel,
              init_row: start == .bias ? 0 : start == .inPlace ? row : initial.row,
              c: result, c_panel: panel, c_row: row, rows: rows.count, n_panels: min(split, c.lanes.count - p))
            switch direction {
            case .forwards: kernels.product(&q)
            case .backwards: kernels.product_reversed(&q)
            }
          }
        }
      }
    }
  }
}

@Suite struct ProductKernelTests {
  @Test(arguments: InstructionSet.available)
  func everyBitOfTheChain(isa: InstructionSet) {
    everyBitOfTheChain(Float.self, isa)
    everyBitOfTheChain(Double.self, isa)
  }

  private func everyBitOfTheChain<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    var random = Generator(1)
    let layouts = Layout.allCases
    for (i, aLanes) in laneCases(type).enumerated() {
      for (j, cLanes) in laneCases(type).enumerated() {
        let rows = 1 + (i * 6 + j) % 20
        let a: Matrix<Element> = random.matrix(rows, aLanes.reduce(0, +))
        let w: Matrix<Element> = random.matrix(a.columns, cLanes.reduce(0, +))
        let values: Matrix<Element> = random.matrix(rows, w.columns)
        let packedW = packed(w, lanes: cLanes, isa: isa)
        let aPanels = Panels(a, lanes: aLanes, layout: layouts[i % 3])
        for start in [Start.zeros, .bias, .values, .inPlace] {
          let initial = Matrix<Element>(rows: rows, columns: w.columns) { r, n in
            switch start {
            case .zeros: 0
            case .bias: values[0, n]
            case .values, .inPlace: values[r, n]
            }
          }
          let initialPanels = Panels(values, lanes: cLanes, layout: layouts[(i + j) % 3])
          var c =
            start == .inPlace
            ? Panels(values, lanes: cLanes, layout: layouts[j % 3])
            : Panels(rows: rows, lanes: cLanes, layout: layouts[j % 3])
          product(
            aPanels, packedW, initial: initialPanels, start: start, into: &c, rows: 0..<rows, split: cLanes.count,
            isa: isa)
          #expect(
            same(c.matrix.elements, referenceProduct(a, w, initial, isa).elements),
            "\(type) rows \(rows) A \(aLanes) C \(cLanes) start \(start)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func bitsDoNotDependOnRowsOrSplits(isa: InstructionSet) {
    bitsDoNotDependOnRowsOrSplits(Float.self, isa)
    bitsDoNotDependOnRowsOrSplits(Double.self, isa)
  }

  private func bitsDoNotDependOnRowsOrSplits<Element: BinaryFloatingPoint>(
    _ type: Element.Type, _ isa: InstructionSet
  ) {
    var random = Generator(2)
    let lanes = [panelLanes(type), 5]
    let columns = Array(repeating: panelLanes(type), count: 5)
    let rows = 17
    let a: Matrix<Element> = random.matrix(rows, lanes.reduce(0, +))
    let w: Matrix<Element> = random.matrix(a.columns, columns.reduce(0, +))
    let packedW = packed(w, lanes: columns, isa: isa)
    let aPanels = Panels(a, lanes: lanes, layout: .panelMajor)
    let values = Panels<Element>(random.matrix(rows, w.columns), lanes: columns, layout: .panelMajor)
    var whole = Panels<Element>(rows: rows, lanes: columns, layout: .panelMajor)
    product(
      aPanels, packedW, initial: values, start: .values, into: &whole, rows: 0..<rows, split: 5, isa: isa)
    for block in 1...16 {
      var parts = Panels<Element>(rows: rows, lanes: columns, layout: .rowMajor)
      for from in stride(from: 0, to: rows, by: block) {
        product(
          aPanels, packedW, initial: values, start: .values, into: &parts, rows: from..<min(from + block, rows),
          split: 1 + block % 5, block % 2 == 0 ? .backwards : .forwards, isa: isa)
      }
      #expect(same(parts.matrix.elements, whole.matrix.elements), "\(type) blocks of \(block) rows")
    }
  }

  @Test(arguments: InstructionSet.available)
  func fewRowsInEitherDirection(isa: InstructionSet) {
    fewRowsInEitherDirection(Float.self, isa)
    fewRowsInEitherDirection(Double.self, isa)
  }

  /// Every number of rows and of panels for which panels are grouped in another way.
  private func fewRowsInEitherDirection<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    var random = Generator(3)
    let whole = panelLanes(type)
    for rows in 1...9 {
      for panels in 1...7 {
        let depth = [whole, (rows * 7 + panels) % whole + 1]
        let columns = (1..<panels).map { _ in whole } + [1 + panels]
        let a: Matrix<Element> = random.matrix(rows, depth.reduce(0, +))
        let w: Matrix<Element> = random.matrix(a.columns, columns.reduce(0, +))
        let values: Matrix<Element> = random.matrix(rows, w.columns)
        let expected = referenceProduct(a, w, values, isa).elements
        for direction in Direction.allCases {
          var c = Panels<Element>(rows: rows, lanes: columns, layout: .panelMajor)
          product(
            Panels(a, lanes: depth, layout: .panelMajor), packed(w, lanes: columns, isa: isa),
            initial: Panels(values, lanes: columns, layout: .panelMajor), start: .values, into: &c, rows: 0..<rows,
            split: panels, direction, isa: isa)
          #expect(same(c.matrix.elements, expected), "\(type) rows \(rows) panels \(panels) \(direction)")
        }
      }
    }
  }
}
