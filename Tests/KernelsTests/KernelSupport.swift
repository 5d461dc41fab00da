import EbbKernels

/// An instruction set that this machine has kernels for.
struct InstructionSet: Sendable, CustomStringConvertible {
  let rawValue: UInt32

  var value: ebb_isa { ebb_isa(rawValue: rawValue) }
  var description: String { String(cString: ebb_isa_name(value)) }
  /// Whether products are rounded together with the sum they are added to.
  var fuses: Bool { value != EBB_BASELINE }

  static let available = [EBB_BASELINE, EBB_AVX2, EBB_AVX512, EBB_NEON]
    .filter { ebb_isa_available($0) == 1 }
    .map { InstructionSet(rawValue: $0.rawValue) }

  func kernels<Element>(_ type: Element.Type) -> ebb_kernels {
    guard let table = ebb_kernels_for(value, Int32(MemoryLayout<Element>.size)) else {
      preconditionFailure("no \(self) kernels for \(type)")
    }
    return table.pointee
  }

  /// a · b + c as this instruction set rounds it.
  func multiplyAdd<Element: BinaryFloatingPoint>(_ a: Element, _ b: Element, _ c: Element) -> Element {
    fuses ? c.addingProduct(a, b) : a * b + c
  }
}

/// Lanes of a panel.
func panelLanes<Element>(_ type: Element.Type) -> Int { Int(EBB_PANEL_BYTES) / MemoryLayout<Element>.size }

/// A small deterministic generator (SplitMix64).
struct Generator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From -1 to 1.
  mutating func uniform<Element: BinaryFloatingPoint>(_ type: Element.Type = Element.self) -> Element {
    Element(Double(bits() >> 11) * 0x1p-53 * 2 - 1)
  }

  mutating func matrix<Element: BinaryFloatingPoint>(_ rows: Int, _ columns: Int) -> Matrix<Element> {
    Matrix(rows: rows, columns: columns) { _, _ in uniform() }
  }
}

/// A dense matrix, the form in which references compute.
struct Matrix<Element: BinaryFloatingPoint> {
  let rows: Int
  let columns: Int
  var elements: [Element]

  init(rows: Int, columns: Int, _ element: (Int, Int) -> Element) {
    self.rows = rows
    self.columns = columns
    elements = []
    for r in 0..<rows {
      for c in 0..<columns { elements.append(element(r, c)) }
    }
  }

  subscript(_ r: Int, _ c: Int) -> Element {
    get { elements[r * columns + c] }
    set { elements[r * columns + c] = newValue }
  }
}

/// Where lanes lie: see the header.
enum Layout: CaseIterable, Sendable {
  case panelMajor
  case rowMajor
  /// Panel-major with rows further apart than they need to be.
  case spread
}

/// A value in panels, with NaN in all padding.
struct Panels<Element: BinaryFloatingPoint> {
  let lanes: [UInt16]
  let rows: Int
  let panel: Int
  let row: Int
  var storage: [Element]

  init(rows: Int, lanes: [Int], layout: Layout) {
    let width = panelLanes(Element.self)
    self.lanes = lanes.map { UInt16($0) }
    self.rows = rows
    switch layout {
    case .panelMajor:
      row = width
      panel = rows * width
    case .rowMajor:
      row = lanes.count * width
      panel = width
    case .spread:
      row = width + 3
      panel = rows * (width + 3) + 5
    }
    let last = (lanes.count - 1) * panel + (rows - 1) * row + width
    storage = Array(repeating: .nan, count: max(last, 1))
  }

  init(_ matrix: Matrix<Element>, lanes: [Int], layout: Layout) {
    self.init(rows: matrix.rows, lanes: lanes, layout: layout)
    precondition(matrix.columns == lanes.reduce(0, +), "lanes must cover the matrix")
    for r in 0..<rows {
      for (n, offset) in offsets.enumerated() { storage[offset + r * row] = matrix[r, n] }
    }
  }

  /// For each used lane, its offset in a row.
  var offsets: [Int] {
    lanes.enumerated().flatMap { p, used in (0..<Int(used)).map { p * panel + $0 } }
  }

  var matrix: Matrix<Element> {
    let offsets = offsets
    return Matrix(rows: rows, columns: offsets.count) { r, n in storage[offsets[n] + r * row] }
  }

  /// Calls `body` with rows from ..< rows as the kernels see them.
  func withRows<Result>(from: Int = 0, _ body: (ebb_rows) -> Result) -> Result {
    storage.withUnsafeBufferPointer { storage in
      lanes.withUnsafeBufferPointer { lanes in
        body(
          ebb_rows(
            base: storage.baseAddress! + from * row, panel: panel, row: row, lanes: lanes.baseAddress!,
            panels: lanes.count))
      }
    }
  }
}

/// Lane counts of panels with every kind of end, partial panels also in the middle: 32 lanes means a whole panel.
func laneCases<Element>(_ type: Element.Type) -> [[Int]] {
  let whole = panelLanes(type)
  return [[1], [whole - 1], [whole], [whole, whole], [3, whole, 5], [whole, 1, whole - 1, 7, whole]]
}

/// Whether two values have the same bits, where all NaNs count as one.
func same<Element: BinaryFloatingPoint>(_ a: Element, _ b: Element) -> Bool {
  a.isNaN ? b.isNaN : a == b && a.sign == b.sign
}

func same<Element: BinaryFloatingPoint>(_ a: [Element], _ b: [Element]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
}
