internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// out[j] = Σ_k or max_k a[k, j], along axes or a feature dimension, for each index of the axes that are left.
struct BoundAxisReduction: BitwiseCopyable {
  /// A call for a run of columns, with its distance from the operands' first numbers.
  struct Part: BitwiseCopyable {
    var call: ebb_axis_reduction
    var from: Int
    var to: Int
    /// Whether it goes on with what another call wrote.
    var adds = false
  }

  var kernel: @convention(c) (UnsafePointer<ebb_axis_reduction>) -> Void
  var parts: Table<Part>
  var addresses: Table<Address>
  var loops: OuterLoops
  /// Loops over what is left of k, whose results are combined.
  var terms: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let (from, to) = (addresses[0](step), addresses[1](step))
    withScratch(0, count: 2) { offsets in
      withScratch(0, count: 2) { inner in
        loops.forEach(offsets) {
          for index in parts.indices {
            let part = parts.start + index
            part.pointee.call.add = part.pointee.adds ? 1 : 0
            terms.forEach(inner) {
              part.pointee.call.a = (from + (part.pointee.from + offsets[0] + inner[0])).readOnly
              part.pointee.call.out = (to + (part.pointee.to + offsets[1])).pointer
              kernel(&part.pointee.call)
              part.pointee.call.add = 1
            }
          }
        }
      }
    }
  }
}

extension StridedBinding {
  func reduction(_ reduction: AxisReduction, _ over: Domain) -> BoundAxisReduction {
    let features = equation.type.shape.count
    let columns: [StridedDimension]
    var kept = axes.map { dimension($0) }
    if features > 1 {
      columns = StridedDimension.runs(operands.map { $0.places(features) }, lanes: lanes)
    } else if let place = kept.firstIndex(where: { $0.strides == [bytes, bytes] && $0.countOfAll > 1 }) {
      // Numbers that lie side by side along an axis, also where a slice has only one: its chain would be another.
      columns = [kept.remove(at: place)]
    } else {
      columns = [StridedDimension(length: 1, strides: [0, 0], start: [0, 0])]
    }
    var reduced = over.map { dimension($0) }
    let areColumns = columns.contains { $0.strides == [bytes, bytes] && $0.countOfAll > 1 }
    let first = areColumns ? nil : reduced.firstIndex { $0.strides[0] == bytes }
    let best = first ?? reduced.indices.max { reduced[$0].length < reduced[$1].length }
    let inner = best.map { reduced.remove(at: $0) } ?? StridedDimension(length: 1, strides: [0, 0], start: [0, 0])
    let rows = kept.indices.max { kept[$0].length < kept[$1].length }.map { kept.remove(at: $0) }
    let parts = columns.map { run in
      let column = run.inPanels(lanes)
      let call = ebb_axis_reduction(
        a: UnsafeRawPointer(base(0)), a_row: (rows?.strides[0] ?? 0) / bytes, a_lane: column.strides[0] / bytes,
        a_panel: column.panelStrides[0] / bytes, a_k: inner.strides[0] / bytes, out: base(1),
        out_row: (rows?.strides[1] ?? 0) / bytes, out_lane: column.strides[1] / bytes,
        out_panel: column.panelStrides[1] / bytes, rows: rows?.length ?? 1, panels: column.panels, last: column.last,
        count: inner.length, add: 0)
      return BoundAxisReduction.Part(call: call, from: column.start[0], to: column.start[1])
    }
    return bound(reduction, parts, kept, terms: reduced)
  }

  /// Along a feature dimension. Where a line's numbers do not lie evenly, it is one call for each run of them.
  func reduction(_ reduction: FeatureReduction, dimension: Int) -> BoundAxisReduction {
    let shape = equation.operands[0].type.shape
    let lines = lines(
      shape, along: dimension, [operands[0].places(shape.count), operands[1].places(equation.type.shape.count)])
    var kept = merged(axes.map { self.dimension($0) })
    let rows = kept.indices.max { kept[$0].length < kept[$1].length }.map { kept.remove(at: $0) }
    let parts = lines.flatMap { line in
      let columns = StridedDimension(length: line.count, strides: line.strides, start: line.start).inPanels(lanes)
      let runs = StridedDimension.runs([line.steps[0]], lanes: lanes).flatMap(\.singleRuns)
      return runs.enumerated().map { place, run in
        let call = ebb_axis_reduction(
          a: UnsafeRawPointer(base(0)), a_row: (rows?.strides[0] ?? 0) / bytes, a_lane: columns.strides[0] / bytes,
          a_panel: columns.panelStrides[0] / bytes, a_k: run.strides[0] / bytes, out: base(1),
          out_row: (rows?.strides[1] ?? 0) / bytes, out_lane: columns.strides[1] / bytes,
          out_panel: columns.panelStrides[1] / bytes, rows: rows?.length ?? 1, panels: columns.panels,
          last: columns.last, count: run.length, add: 0)
        return BoundAxisReduction.Part(
          call: call, from: line.start[0] + run.start[0], to: line.start[1], adds: place > 0)
      }
    }
    switch reduction {
    case .sum: return bound(.sum, parts, kept)
    case .max: return bound(.max, parts, kept)
    case .mean, .norm: preconditionFailure("no kernel takes the \(reduction) of a dimension in strides")
    }
  }

  private func bound(
    _ reduction: AxisReduction, _ parts: [BoundAxisReduction.Part], _ kept: [StridedDimension],
    terms: [StridedDimension] = []
  ) -> BoundAxisReduction {
    let kernel =
      switch reduction {
      case .sum: kernels.axis_sum
      case .max: kernels.axis_max
      }
    return BoundAxisReduction(
      kernel: kernel, parts: binder.arena.table(parts), addresses: addresses, loops: loops(kept), terms: loops(terms))
  }
}
