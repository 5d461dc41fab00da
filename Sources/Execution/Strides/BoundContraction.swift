internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// C[i, j] = Σ_k A[i, k] B[k, j], for each index of the axes that are left.
struct BoundContraction: BitwiseCopyable {
  /// A call for a run of rows, of columns and of k, with its distance from the operands' first numbers.
  struct Part: BitwiseCopyable {
    var call: ebb_contraction
    var a: Int
    var b: Int
    var c: Int
  }

  var kernel: @convention(c) (UnsafePointer<ebb_contraction>) -> Void
  var parts: Table<Part>
  var addresses: Table<Address>
  /// The operand that is A, and the one that is B.
  var left: Int
  var right: Int
  var loops: OuterLoops
  /// Loops over what is left of k, whose terms are added.
  var sums: OuterLoops
  /// The bytes in which the kernel writes B, if its columns are not contiguous; else 0.
  var packed: Int

  @inline(__always)
  func run(_ step: Int) {
    if packed == 0 {
      run(step, packed: nil)
    } else {
      withUnsafeTemporaryAllocation(byteCount: packed, alignment: 128) { run(step, packed: $0.baseAddress) }
    }
  }

  @inline(__always)
  private func run(_ step: Int, packed: UnsafeMutableRawPointer?) {
    let (a, b, c) = (addresses[left](step), addresses[right](step), addresses[2](step))
    withScratch(0, count: 3) { offsets in
      withScratch(0, count: 3) { terms in
        loops.forEach(offsets) {
          for index in parts.indices {
            let part = parts.start + index
            let add = part.pointee.call.add
            sums.forEach(terms) {
              part.pointee.call.a = (a + (part.pointee.a + offsets[left] + terms[left])).readOnly
              part.pointee.call.b = (b + (part.pointee.b + offsets[right] + terms[right])).readOnly
              part.pointee.call.c = (c + (part.pointee.c + offsets[2])).pointer
              part.pointee.call.packed = packed
              kernel(&part.pointee.call)
              part.pointee.call.add = 1
            }
            part.pointee.call.add = add
          }
        }
      }
    }
  }
}

extension StridedBinding {
  /// The dimensions of a product by their role: which of the operands has them.
  private struct Roles {
    /// Of the left operand and the result, of the right one and the result, of both operands: each a list of runs.
    var rows: [[StridedDimension]] = []
    var columns: [[StridedDimension]] = []
    var inner: [[StridedDimension]] = []
    /// Of all three.
    var batch: [StridedDimension] = []
  }

  func contraction(_ contraction: Contraction, _ over: Domain) -> BoundContraction {
    var roles = roles(contraction, over)
    var (a, b) = (0, 1)
    // The columns are the operand's whose numbers lie side by side in the result too.
    let isInResult = { (runs: [StridedDimension]) in self.isSideBySide(runs, 2, 2) }
    let isSwapped =
      !roles.columns.contains { isSideBySide($0, 1, 2) }
      && (roles.rows.contains { isSideBySide($0, 0, 2) }
        || !roles.columns.contains(where: isInResult) && roles.rows.contains(where: isInResult))
    if isSwapped {
      swap(&roles.rows, &roles.columns)
      (a, b) = (1, 0)
    }
    let columns = take(&roles.columns) {
      (self.isSideBySide($0, b, 2) ? 2 : isInResult($0) ? 1 : 0, self.count($0))
    }
    let areColumns = isSideBySide(columns, b, 2)
    let inner = take(&roles.inner) { (!areColumns && self.isSideBySide($0, a, b) ? 1 : 0, self.count($0)) }
    let rows = take(&roles.rows) { (0, self.count($0)) }
    // Vectors of features that are not the kernel's own: each number is a call.
    let rest = (roles.rows + roles.columns).flatMap { $0 }
    var parts: [BoundContraction.Part] = []
    for column in columns {
      for row in rows.flatMap(\.singleRuns) {
        for (index, k) in inner.enumerated() { parts.append(part(row, column, k, a, b, isFirst: index == 0)) }
      }
    }
    // A copy of B pays if many rows read it.
    let panels = columns.reduce(0) { max($0, ($1.countOfAll + lanes - 1) / lanes) }
    let room = panels * inner.reduce(0) { max($0, $1.count) } * 128
    let isPacked = !areColumns && isInResult(columns) && count(rows) >= 8 && room <= Self.mostPackedBytes
    return BoundContraction(
      kernel: kernels.contract, parts: binder.arena.table(parts), addresses: addresses, left: a, right: b,
      loops: loops(roles.batch + rest), sums: loops(roles.inner.flatMap { $0 }), packed: isPacked ? room : 0)
  }

  /// What a second-level cache holds beside the rest.
  private static let mostPackedBytes = 1 << 18

  private func part(
    _ row: StridedDimension, _ column: StridedDimension, _ k: StridedDimension, _ a: Int, _ b: Int, isFirst: Bool
  ) -> BoundContraction.Part {
    let column = column.inPanels(lanes)
    let call = ebb_contraction(
      a: UnsafeRawPointer(base(a)), a_row: row.strides[a] / bytes, a_k: k.strides[a] / bytes,
      a_k_panel: k.panelStrides[a] / bytes, b: UnsafeRawPointer(base(b)), b_k: k.strides[b] / bytes,
      b_k_panel: k.panelStrides[b] / bytes, b_lane: column.strides[b] / bytes, b_panel: column.panelStrides[b] / bytes,
      c: base(2), c_row: row.strides[2] / bytes, c_lane: column.strides[2] / bytes,
      c_panel: column.panelStrides[2] / bytes, rows: row.length, panels: column.panels, last: column.last,
      k_panels: k.panels, k_lanes: k.length, k_last: k.last, add: isFirst ? 0 : 1, packed: nil)
    return BoundContraction.Part(
      call: call, a: row.start[a] + column.start[a] + k.start[a], b: row.start[b] + column.start[b] + k.start[b],
      c: row.start[2] + column.start[2] + k.start[2])
  }

  // MARK: Roles

  private func roles(_ contraction: Contraction, _ over: Domain) -> Roles {
    var roles = Roles()
    let (left, right) = (equation.operands[0].type.shape, equation.operands[1].type.shape)
    let nowhere = { (count: Int) in Array(repeating: 0, count: count) }
    let result = equation.type.shape
    var position = 0
    for dimension in 0..<left.rank {
      if case .dimensions(dimension, let j) = contraction {
        let count = left[dimension]
        roles.inner.append(runs([places(0, left, dimension), places(1, right, j), nowhere(count)]))
      } else {
        roles.rows.append(runs([places(0, left, dimension), nowhere(left[dimension]), places(2, result, position)]))
        position += 1
      }
    }
    for dimension in 0..<right.rank {
      if case .dimensions(_, dimension) = contraction { continue }
      roles.columns.append(runs([nowhere(right[dimension]), places(1, right, dimension), places(2, result, position)]))
      position += 1
    }
    for axis in axes {
      let dimension = dimension(axis)
      switch (dimension.strides[0] != 0, dimension.strides[1] != 0) {
      case (true, false): roles.rows.append([dimension])
      case (false, true): roles.columns.append([dimension])
      case (true, true), (false, false): roles.batch.append(dimension)
      }
    }
    for axis in over { roles.inner.append([dimension(axis)]) }
    return roles
  }

  private func runs(_ places: [[Int]]) -> [StridedDimension] { StridedDimension.runs(places, lanes: lanes) }

  /// The places of the entries along one feature dimension of an operand.
  private func places(_ operand: Int, _ shape: Shape, _ dimension: Int) -> [Int] {
    let all = operands[operand].places(shape.count)
    let step = shape.array[(dimension + 1)...].reduce(1, *)
    return (0..<shape[dimension]).map { all[$0 * step] }
  }

  // MARK: The kernel's dimensions

  /// The numbers of a dimension. The kernel's dimensions, and so the bits, must not depend on the slice of an axis.
  private func count(_ runs: [StridedDimension]) -> Int { runs.reduce(0) { $0 + $1.countOfAll } }

  /// Whether the numbers of a dimension lie side by side in two operands.
  private func isSideBySide(_ runs: [StridedDimension], _ first: Int, _ second: Int) -> Bool {
    count(runs) > 1 && runs.contains { $0.strides[first] == bytes && $0.strides[second] == bytes }
  }

  /// Removes the best dimension from a list, of which every other is a single run; a vector always comes first.
  private func take(
    _ dimensions: inout [[StridedDimension]], _ rank: ([StridedDimension]) -> (Int, Int)
  ) -> [StridedDimension] {
    let isVector = dimensions.indices.filter { dimensions[$0].count > 1 || dimensions[$0][0].panels > 1 }
    let candidates = isVector.isEmpty ? Array(dimensions.indices) : isVector
    guard let best = candidates.max(by: { rank(dimensions[$0]) < rank(dimensions[$1]) }) else {
      let none = operands.map { _ in 0 }
      return [StridedDimension(length: 1, strides: none, start: none)]
    }
    return dimensions.remove(at: best)
  }
}
