internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// Equations of values with any strides: which kernel computes them, and through which dimensions it steps.
extension Binder {
  /// The work of such an equation.
  func strided(_ equation: GeneralCall, sweep: Axis?, slice: Slice?) -> Work {
    let binding = StridedBinding(self, equation, sweep: sweep, slice: slice)
    switch equation.operation {
    case .product(let contraction, let over):
      return .kernel(.contraction(arena.stored(binding.contraction(contraction, over))))
    case .reduceAxes(let reduction, let over):
      return .kernel(.axisReduction(arena.stored(binding.reduction(reduction, over))))
    case .reduceFeatures(let reduction, let dimension):
      return .kernel(.axisReduction(arena.stored(binding.reduction(reduction, dimension: dimension))))
    case .transpose, .broadcast, .slice, .concatenate, .pad, .axisToFeature, .featureToAxis:
      return .kernel(.rearrangement(arena.stored(binding.rearrangement())))
    case .argmaxFeatures(let dimension):
      return .kernel(.argmax(arena.stored(binding.argmax(dimension: dimension))))
    case .argmaxAxis(let axis):
      return .kernel(.argmax(arena.stored(binding.argmax(axis: axis))))
    case .accumulate(let dimension, let isReversed):
      return .kernel(
        .accumulation(arena.stored(binding.accumulation(dimension: dimension, isReversed: isReversed))))
    case .gatherFeatures(let dimension):
      return .kernel(.entries(arena.stored(binding.gathering(dimension: dimension))))
    case .scatterFeatures(let dimension, _):
      return .kernel(.entries(arena.stored(binding.scattering(dimension: dimension))))
    case .argsortFeatures(let dimension, let isDescending):
      return .kernel(.order(arena.stored(binding.order(dimension: dimension, isDescending: isDescending))))
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select,
      .convert, .reshape, .gather, .scatterAdd, .pick, .place, .spread, .delay, .advance, .stopGradient, .clipGradient,
      .literal, .matrix, .history, .historySum, .declaredGradient, .incomingAdjoint:
      preconditionFailure("no kernel takes \(equation.operation.keyword) in strides")
    }
  }
}

/// The operands of an equation, and the dimensions of its result, while it is bound. The result comes last.
struct StridedBinding {
  let binder: Binder
  let equation: GeneralCall
  let operands: [Binder.Operand]
  /// The axes through which a call steps.
  let axes: [Axis]
  let slice: Slice?

  init(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    self.binder = binder
    self.equation = equation
    self.slice = slice
    let result = binder.operand(equation.result)
    var operands = equation.operands.map { binder.operand($0.source, result.storage) } + [result]
    // Moves the addresses to the slice's first index and the sweep's step.
    _ = binder.iteration(.empty, order: [], sweep: sweep, slice: slice, &operands)
    self.operands = operands
    axes = equation.type.domain.filter { $0 != sweep }
  }

  var storage: StorageType { operands[operands.count - 1].storage }
  var bytes: Int { storage.bytes }
  var lanes: Int { storage.lanes }
  var kernels: ebb_kernels { binder.instructionSet.kernels(storage) }
  var addresses: Table<Address> { binder.arena.table(operands.map(\.address)) }

  /// Where an operand's numbers begin before a run moves to its step: in a ring or a segment that may lie outside.
  func base(_ operand: Int) -> UnsafeMutableRawPointer { operands[operand].address.base.address }

  /// An axis as a dimension.
  func dimension(_ axis: Axis) -> StridedDimension {
    let run = binder.indices(of: axis, in: slice)
    return StridedDimension(
      length: run.high - run.low, strides: operands.map { $0.strides[axis.index] }, start: operands.map { _ in 0 },
      of: binder.lengths[axis.index])
  }

  /// Dimensions of one run each, outermost first; those that follow one another evenly are one.
  func merged(_ dimensions: [StridedDimension]) -> [StridedDimension] {
    var merged: [StridedDimension] = []
    for dimension in dimensions where dimension.length != 1 {
      if let outer = merged.last, zip(outer.strides, dimension.strides).allSatisfy({ $0 == $1 * dimension.length }) {
        merged[merged.count - 1] = StridedDimension(
          length: outer.length * dimension.length, strides: dimension.strides, start: outer.start)
      } else {
        merged.append(dimension)
      }
    }
    return merged
  }

  /// Loops over dimensions of one run each, outermost first.
  func loops(_ dimensions: [StridedDimension]) -> OuterLoops {
    let merged = merged(dimensions)
    return OuterLoops(
      depth: merged.count, lengths: binder.arena.table(merged.map(\.length)),
      strides: binder.arena.table(merged.flatMap(\.strides)), operands: operands.count)
  }
}
