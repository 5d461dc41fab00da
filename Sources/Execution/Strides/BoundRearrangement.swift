internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// The operand's numbers in other places.
struct BoundRearrangement: BitwiseCopyable {
  /// A call for a run of numbers, with its distance from the operands' first numbers.
  struct Part: BitwiseCopyable {
    var call: ebb_rearrangement
    var from: Int
    var to: Int
  }

  var kernel: @convention(c) (UnsafePointer<ebb_rearrangement>) -> Void
  var parts: Table<Part>
  var addresses: Table<Address>
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let (from, to) = (addresses[0](step), addresses[1](step))
    withScratch(0, count: 2) { offsets in
      loops.forEach(offsets) {
        for index in parts.indices {
          let part = parts.start + index
          part.pointee.call.a = (from + (part.pointee.from + offsets[0])).readOnly
          part.pointee.call.out = (to + (part.pointee.to + offsets[1])).pointer
          kernel(&part.pointee.call)
        }
      }
    }
  }
}

extension StridedBinding {
  func rearrangement() -> BoundRearrangement {
    let from = operands[0].places(equation.operands[0].type.shape.count)
    let to = operands[1].places(equation.type.shape.count)
    var loose: [StridedDimension] = []
    for axis in axes {
      if case .featureToAxis(axis) = equation.operation { continue }
      loose.append(dimension(axis))
    }
    // The places of the numbers on both sides, in the order of the result's.
    var places: [[Int]]
    if case .axisToFeature(let axis) = equation.operation {
      let step = operands[0].strides[axis.index]
      places = [(0..<equation.type.shape[0]).flatMap { row in from.map { $0 + row * step } }, to]
    } else if case .featureToAxis(let axis) = equation.operation {
      let run = dimension(axis)
      let first = binder.indices(of: axis, in: slice).low
      let width = to.count
      places = [
        Array(from[first * width..<(first + run.length) * width]),
        (0..<run.length).flatMap { row in to.map { $0 + row * run.strides[1] } },
      ]
    } else {
      places = [sources.map { from[$0] }, to]
    }
    let parts = StridedDimension.runs(places, lanes: lanes).map { run in
      let run = run.inPanels(lanes)
      return BoundRearrangement.Part(
        call: ebb_rearrangement(
          a: operands[0].address.base.readOnly, a_row: 0, a_lane: run.strides[0] / bytes,
          a_panel: run.panelStrides[0] / bytes, out: operands[1].address.base.pointer, out_row: 0,
          out_lane: run.strides[1] / bytes, out_panel: run.panelStrides[1] / bytes, rows: 1, panels: run.panels,
          last: run.last), from: run.start[0], to: run.start[1])
    }
    // The longest axis is the kernel's rows.
    let rows = loose.indices.max { loose[$0].length < loose[$1].length }.map { loose.remove(at: $0) }
    let table = binder.arena.table(parts)
    if let rows {
      for index in table.indices {
        table[index].call.rows = rows.length
        table[index].call.a_row = rows.strides[0] / bytes
        table[index].call.out_row = rows.strides[1] / bytes
      }
    }
    return BoundRearrangement(kernel: kernels.rearrange, parts: table, addresses: addresses, loops: loops(loose))
  }

  /// For each feature of the result, the operand's from which it comes.
  private var sources: [Int] {
    let result = equation.type.shape
    let operand = equation.operands[0].type.shape
    return (0..<result.count).map { feature in
      var index = result.indices(of: feature)
      if case .transpose(let i, let j) = equation.operation {
        index.swapAt(i, j)
      } else if case .broadcast(let dimension, _) = equation.operation {
        index.remove(at: dimension)
      } else if case .slice(let dimension, let start, _) = equation.operation {
        index[dimension] += start
      } else {
        preconditionFailure("\(equation.operation.keyword) does not rearrange features")
      }
      return operand.position(of: index)
    }
  }
}

extension Shape {
  /// The indices of the entry at this row-major position.
  fileprivate func indices(of position: Int) -> [Int] {
    var rest = position
    return array.reversed().map { length in
      defer { rest /= length }
      return rest % length
    }.reversed()
  }

  /// The row-major position of the entry at these indices.
  fileprivate func position(of indices: [Int]) -> Int { zip(array, indices).reduce(0) { $0 * $1.0 + $1.1 } }
}
