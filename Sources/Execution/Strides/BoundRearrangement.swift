internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// The operands' numbers in other places.
struct BoundRearrangement: BitwiseCopyable {
  /// A call for a run of an operand's numbers, with its distance from the first numbers of both sides.
  struct Part: BitwiseCopyable {
    var call: ebb_rearrangement
    var operand: Int
    var from: Int
    var to: Int
  }

  var kernel: @convention(c) (UnsafePointer<ebb_rearrangement>) -> Void
  var parts: Table<Part>
  var addresses: Table<Address>
  var loops: OuterLoops

  @inline(__always)
  func run(_ step: Int) {
    let result = addresses.count - 1
    let to = addresses[result](step)
    withScratch(0, count: addresses.count) { offsets in
      loops.forEach(offsets) {
        for index in parts.indices {
          let part = parts.start + index
          let operand = part.pointee.operand
          let from = addresses[operand](step)
          part.pointee.call.a = (from + (part.pointee.from + offsets[operand])).readOnly
          part.pointee.call.out = (to + (part.pointee.to + offsets[result])).pointer
          kernel(&part.pointee.call)
        }
      }
    }
  }
}

extension StridedBinding {
  func rearrangement() -> BoundRearrangement {
    let result = operands.count - 1
    var loose: [StridedDimension] = []
    for axis in axes {
      if case .featureToAxis(axis) = equation.operation { continue }
      loose.append(dimension(axis))
    }
    loose = merged(loose)
    // The longest axis is the kernel's rows.
    let rows = loose.indices.max { loose[$0].length < loose[$1].length }.map { loose.remove(at: $0) }
    let parts = operands.indices.dropLast().flatMap { operand in
      StridedDimension.runs(places(operand), lanes: lanes, ofAnyLength: true).map { run in
        let run = run.inPanels(lanes)
        return BoundRearrangement.Part(
          call: ebb_rearrangement(
            a: UnsafeRawPointer(base(operand)), a_row: (rows?.strides[operand] ?? 0) / bytes,
            a_lane: run.strides[0] / bytes, a_panel: run.panelStrides[0] / bytes,
            out: base(result), out_row: (rows?.strides[result] ?? 0) / bytes,
            out_lane: run.strides[1] / bytes, out_panel: run.panelStrides[1] / bytes, rows: rows?.length ?? 1,
            panels: run.panels, lanes: run.length, last: run.last), operand: operand, from: run.start[0],
          to: run.start[1])
      }
    }
    return BoundRearrangement(
      kernel: kernels.rearrange, parts: binder.arena.table(parts), addresses: addresses, loops: loops(loose))
  }

  /// The places of an operand's numbers, and those to which they go, in the order of the result's.
  private func places(_ operand: Int) -> [[Int]] {
    let from = operands[operand].places(equation.operands[operand].type.shape.count)
    let to = operands[operands.count - 1].places(equation.type.shape.count)
    if case .axisToFeature(let axis) = equation.operation {
      let step = operands[operand].strides[axis.index]
      return [(0..<equation.type.shape[0]).flatMap { row in from.map { $0 + row * step } }, to]
    }
    if case .featureToAxis(let axis) = equation.operation {
      let run = dimension(axis)
      let first = binder.indices(of: axis, in: slice).low
      let width = to.count
      return [
        Array(from[first * width..<(first + run.length) * width]),
        (0..<run.length).flatMap { row in to.map { $0 + row * run.strides[1] } },
      ]
    }
    if case .concatenate(let dimension) = equation.operation {
      let before = equation.operands[..<operand].reduce(0) { $0 + $1.type.shape[dimension] }
      return [from, moved(operand, along: dimension, by: before).map { to[$0] }]
    }
    if case .pad(let dimension, let before, _) = equation.operation {
      return [from, moved(operand, along: dimension, by: before).map { to[$0] }]
    }
    return [sources.map { from[$0] }, to]
  }

  /// For each feature of an operand, the result's to which it goes: so many further along a dimension.
  private func moved(_ operand: Int, along dimension: Int, by distance: Int) -> [Int] {
    let shape = equation.operands[operand].type.shape
    return (0..<shape.count).map { feature in
      var index = shape.indices(of: feature)
      index[dimension] += distance
      return equation.type.shape.position(of: index)
    }
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
