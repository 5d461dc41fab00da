internal import EbbGraph
internal import EbbTensors
internal import EbbKernels
internal import EbbPlanning

/// One arm for each kernel: the arguments of its call.
extension Binder {
  func program(_ program: ElementwiseProgram, sweep: Axis?, slice: Slice?) -> BoundProgram {
    var operands = program.operands.map { operand($0.source, program.storage) }
    let order = program.result.map { plan.memoryAxes($0) } ?? []
    let iteration = self.iteration(program.domain, order: order, sweep: sweep, slice: slice, &operands)
    let lanes = program.storage.lanes
    let panels = program.features.panels(lanes)
    let (loops, middle, middleStrides) = iteration.loops.takingInnermost()
    let shape: (outer: Int, rows: Int, width: Int)
    var kernelOperands: [ebb_operand] = []
    func add(_ index: Int, outer: Int, row: Int, lane: Int) {
      let (operand, use) = (operands[index], program.operands[index])
      kernelOperands.append(
        ebb_operand(
          base: operand.address.base.address, outer: outer, middle: middleStrides[index] / operand.storage.bytes,
          row: row, lane: UInt8(lane), other: operand.storage == program.storage ? 0 : 1, reads: use.reads ? 1 : 0,
          writes: use.writes ? 1 : 0))
    }
    let rowStrides = operands.indices.map { iteration.rowStrides[$0] / operands[$0].storage.bytes }
    if program.features.isScalar {
      // Rows of scalars are lanes if every operand steps through them by one number or not at all.
      let isFlat = rowStrides.allSatisfy { $0 == 0 || $0 == 1 }
      shape = isFlat ? (1, 1, iteration.rows) : (1, iteration.rows, 1)
      for index in operands.indices {
        let row = rowStrides[index]
        if isFlat {
          add(index, outer: 0, row: 0, lane: row)
        } else {
          add(index, outer: 0, row: row, lane: row == 0 ? 0 : 1)
        }
      }
    } else if program.domain.isEmpty {
      shape = (1, 1, program.features.count)
      for index in operands.indices { add(index, outer: 0, row: 0, lane: isUniform(operands[index]) ? 0 : 1) }
    } else {
      // Features that are contiguous form one wide row.
      let isWide = operands.allSatisfy { isUniform($0) || $0.panelStride == lanes }
      shape = isWide ? (1, iteration.rows, panels * lanes) : (panels, iteration.rows, lanes)
      for (index, operand) in operands.enumerated() {
        let isUniform = isUniform(operand)
        add(index, outer: isUniform ? 0 : operand.panelStride, row: rowStrides[index], lane: isUniform ? 0 : 1)
      }
    }
    let steps = program.steps.map { step in
      let arguments = step.opcode.argumentCount
      return ebb_instruction(
        op: UInt16(step.opcode.kernel.rawValue), dst: UInt16(step.destination), a: UInt16(step.a),
        b: arguments > 1 ? UInt16(step.b) : 0, c: arguments > 2 ? UInt16(step.c) : 0)
    }
    let call = ebb_program(
      instructions: arena.table(steps).readOnly, count: Int32(steps.count), operands: Int32(operands.count),
      temporaries: Int32(program.temporaries))
    return BoundProgram(
      kernel: instructionSet.kernels(program.storage).program, program: arena.stored(call),
      operands: arena.table(kernelOperands), addresses: arena.table(operands.map(\.address)),
      space: ebb_space(outer: shape.outer, middle: middle, rows: shape.rows, width: shape.width), loops: loops,
      burst: sweep != nil && plan.goesTileByTile(program) ? burst(operands, program.storage) : nil)
  }

  private func burst(_ operands: [Operand], _ storage: StorageType) -> BoundProgram.Burst {
    BoundProgram.Burst(
      kernel: instructionSet.kernels(storage).program_burst, steps: arena.table(operands.map(\.address.steps)))
  }

  /// One number for all features of a row.
  private func isUniform(_ operand: Operand) -> Bool { operand.isRepeated || operand.features.isScalar }

  /// A copy of rows as a program of one operation.
  func copy(_ source: Operand, to target: Operand, _ domain: Domain, order: [Axis], sweep: Axis?, slice: Slice?)
    -> BoundProgram
  {
    var operands = [source, target]
    let iteration = self.iteration(domain, order: order, sweep: sweep, slice: slice, &operands)
    let isScalar = target.features.isScalar
    let lanes = target.storage.lanes
    let (loops, middle, middleStrides) = iteration.loops.takingInnermost()
    let kernelOperands = operands.enumerated().map { index, operand in
      let isUniform = isUniform(operand)
      return ebb_operand(
        base: operand.address.base.address, outer: isUniform ? 0 : operand.panelStride,
        middle: middleStrides[index] / operand.storage.bytes, row: iteration.rowStrides[index] / operand.storage.bytes,
        lane: isScalar || !isUniform ? 1 : 0,
        other: operand.storage == target.storage ? 0 : 1, reads: index == 0 ? 1 : 0, writes: index == 1 ? 1 : 0)
    }
    let steps = [ebb_instruction(op: UInt16(EBB_COPY.rawValue), dst: 1, a: 0, b: 0, c: 0)]
    return BoundProgram(
      kernel: instructionSet.kernels(target.storage).program,
      program: arena.stored(
        ebb_program(instructions: arena.table(steps).readOnly, count: 1, operands: 2, temporaries: 0)),
      operands: arena.table(kernelOperands), addresses: arena.table(operands.map(\.address)),
      space: ebb_space(
        outer: isScalar ? 1 : target.features.panels(lanes), middle: middle, rows: iteration.rows,
        width: isScalar ? 1 : lanes),
      loops: loops, burst: nil)
  }

  func product(
    _ result: View, _ rows: View, _ weights: Int, _ addend: View?, sweep: Axis?, slice: Slice?
  ) -> BoundProduct {
    let packing = plan.weights[weights]
    var operands = [operand(rows), operand(result)]
    if let addend { operands.append(operand(addend)) }
    let axes = plan.memoryAxes(result)
    let iteration = self.iteration(Domain(axes), order: axes, sweep: sweep, slice: slice, &operands)
    let bytes = packing.storage.bytes
    let lanes = packing.storage.lanes
    let left = operands[0]
    let call = ebb_product(
      a: self.rows(left, iteration.rowStrides[0], packing.storage),
      w: self.weights(weights).readOnly, init: nil,
      init_panel: operands.count > 2 ? operands[2].panelStride : 0,
      init_row: operands.count > 2 ? iteration.rowStrides[2] / bytes : 0, c: operands[1].address.base.address,
      c_panel: operands[1].panelStride, c_row: iteration.rowStrides[1] / bytes, rows: iteration.rows,
      n_panels: packing.columns.panels(lanes))
    let kernels = instructionSet.kernels(packing.storage)
    return BoundProduct(
      kernel: kernels.product, reversed: kernels.product_reversed, call: arena.stored(call),
      rows: left.address, result: operands[1].address, start: operands.count > 2 ? operands[2].address : nil,
      loops: iteration.loops)
  }

  /// The sums for some panels of the right operand, over some steps.
  func outer(_ result: View, _ left: View, _ right: View, _ over: Domain, _ part: SumPart) -> BoundOuter {
    let result = operand(result)
    let storage = result.storage
    var operands = [operand(left), operand(right)]
    let iteration = self.iteration(
      over, order: plan.memoryAxes(left), sweep: nil, slice: part.slice, &operands)
    let panels = part.panels
    let (a, b) = (operands[0], operands[1])
    let column = b.features.lanesInUse(storage.lanes)[..<panels.lowerBound].reduce(0) { $0 + Int($1) }
    let width = b.features.count
    let call = ebb_outer(
      a: rows(a, iteration.rowStrides[0], storage), b: rows(b, iteration.rowStrides[1], storage, panels),
      rows: 0, c: (result.address.base + column * storage.bytes).pointer, ldc: width, add: 0)
    return BoundOuter(
      kernel: instructionSet.kernels(storage).outer, call: arena.stored(call), left: a.address.base,
      right: b.address.base + panels.lowerBound * b.panelStride * storage.bytes, leftRow: iteration.rowStrides[0],
      rightRow: iteration.rowStrides[1],
      chunks: chunks(over, iteration, part))
  }

  func reduceRows(
    _ result: View, _ from: View, _ factor: View?, _ reduction: FeatureReduction, sweep: Axis?, slice: Slice?
  ) -> BoundReduceRows {
    var operands = [operand(from), operand(result)]
    let storage = operands[1].storage
    if let factor { operands.append(operand(factor)) }
    let axes = plan.memoryAxes(result)
    let iteration = self.iteration(Domain(axes), order: axes, sweep: sweep, slice: slice, &operands)
    let source = operands[0]
    let call = ebb_row_reduction(
      a: rows(source, iteration.rowStrides[0], storage), b: nil,
      b_panel: operands.count > 2 ? operands[2].panelStride : 0,
      b_row: operands.count > 2 ? iteration.rowStrides[2] / storage.bytes : 0, rows: iteration.rows,
      out: operands[1].address.base.address, out_row: iteration.rowStrides[1] / storage.bytes)
    let kernels = instructionSet.kernels(storage)
    let kernel =
      switch reduction {
      case .sum: kernels.row_sum
      case .mean: kernels.row_mean
      case .max: kernels.row_max
      case .norm: kernels.row_norm
      }
    return BoundReduceRows(
      kernel: kernel, call: arena.stored(call), source: source.address, result: operands[1].address,
      factor: operands.count > 2 ? operands[2].address : nil, loops: iteration.loops)
  }

  /// The sums of some panels, over some steps.
  func sumColumns(_ result: View, _ from: View, _ over: Domain, _ part: SumPart) -> BoundSumColumns {
    let result = operand(result)
    let storage = result.storage
    var operands = [operand(from)]
    let iteration = self.iteration(
      over, order: plan.memoryAxes(from), sweep: nil, slice: part.slice, &operands)
    let panels = part.panels
    let source = operands[0]
    let column = source.features.lanesInUse(storage.lanes)[..<panels.lowerBound].reduce(0) { $0 + Int($1) }
    let base = source.address.base + panels.lowerBound * source.panelStride * storage.bytes
    let call = ebb_column_reduction(
      a: rows(source, iteration.rowStrides[0], storage, panels), rows: 0,
      out: (result.address.base + column * storage.bytes).pointer,
      rest: (result.address.base + (result.features.count + column) * storage.bytes).pointer, add: 0)
    return BoundSumColumns(
      kernel: instructionSet.kernels(storage).column_sum, call: arena.stored(call), source: base,
      row: iteration.rowStrides[0],
      chunks: chunks(over, iteration, part))
  }

  /// Rows of an operand for a kernel, with these panels, by default all. A run sets their start.
  private func rows(_ operand: Operand, _ stride: Int, _ storage: StorageType, _ panels: Range<Int>? = nil) -> ebb_rows
  {
    let lanes = operand.features.lanesInUse(storage.lanes)
    let used = Array(lanes[panels ?? lanes.indices])
    return ebb_rows(
      base: operand.address.base.address, panel: operand.panelStride, row: stride / storage.bytes,
      lanes: arena.table(used).start, panels: used.count)
  }

  func pack(_ index: Int) -> BoundPack {
    let packing = plan.weights[index]
    let lanes = packing.storage.lanes
    let bytes = packing.storage.bytes
    var calls: [ebb_pack] = []
    var panel = 0
    var column = 0
    // A panel belongs to one piece of the columns; several rectangles may share it, stacked vertically.
    for used in packing.columns.lanesInUse(lanes) {
      for piece in packing.pieces {
        let low = max(piece.column, column)
        let high = min(piece.column + piece.columns, column + Int(used))
        guard low < high else { continue }
        precondition(low == column && high == column + Int(used), "a panel of weights is split between matrices")
        let source = base(piece.value) + (piece.offset + (low - piece.column) * piece.columnStride) * bytes
        let target = weights(index) + (panel * packing.rows + piece.row) * lanes * bytes
        calls.append(
          ebb_pack(
            w: source.readOnly, k_stride: piece.rowStride, n_stride: piece.columnStride, k: piece.rows,
            n_lanes: arena.table([used]).start, n_panels: 1, out: target.pointer))
      }
      panel += 1
      column += Int(used)
    }
    return BoundPack(kernel: instructionSet.kernels(packing.storage).pack, calls: arena.table(calls))
  }

  func assembly(_ result: View, _ width: Int, _ pieces: [MatrixPart]) -> BoundAssembly {
    let target = operand(result)
    let bytes = target.storage.bytes
    let parts = pieces.map { piece in
      BoundAssembly.Part(
        source: base(piece.value) + piece.offset * bytes,
        target: target.address.base + (piece.row * width + piece.column) * bytes, rows: piece.rows,
        columns: piece.columns, sourceRow: piece.rowStride * bytes, sourceColumn: piece.columnStride * bytes,
        targetRow: width * bytes, element: bytes)
    }
    return BoundAssembly(parts: arena.table(parts))
  }

  // MARK: Parts of a sum

  /// The part of a sum over all indices that one call computes: some panels of its columns, over some steps.
  struct SumPart {
    var panels: Range<Int>
    var slice: Slice?
    /// Whether the steps are added from the last to the first.
    var isDescending: Bool
    var isFirst: Bool
  }

  /// The panels of a sum's columns.
  func summedPanels(_ sum: Instruction) -> Int {
    guard let columns = sum.summed?.columns else { preconditionFailure("no sum over all indices") }
    return columns.features.panels(plan.values[columns.value].storage.lanes)
  }

  private func chunks(_ domain: Domain, _ iteration: Iteration, _ part: SumPart) -> ChunkedRows {
    let steps = plan.chunkSteps(over: domain, lengths: lengths)
    return ChunkedRows(
      rows: iteration.rows, block: steps * plan.stepRows(domain, lengths: lengths), chunk: Plan.chunkRows,
      loops: part.isDescending ? iteration.loops.reversed(arena) : iteration.loops, isDescending: part.isDescending,
      isFirst: part.isFirst)
  }
}
