internal import EbbGraph
internal import EbbPlanning
internal import EbbTensors

/// Writes the boundary values of a delay or an advance one number at a time:
/// delay: node[t] = initial[t] for t < by; advance: node[t] = final[t + by − length] for t ≥ length − by.
struct Boundary {
  private let evaluator: Evaluator
  let carrier: (axis: Axis, by: Int, isAdvance: Bool)
  /// In a sweep over a ragged axis each row ends at a step of its own.
  private let everyStep: Bool
  private let slice: Slice?

  init(_ binder: Binder, _ equation: Equation, everyStep: Bool, slice: Slice?) {
    guard let carrier = equation.operation.carrier else {
      preconditionFailure("\(equation.operation.keyword) has no boundary")
    }
    self.carrier = carrier
    evaluator = Evaluator(binder, equation, sweep: nil)
    self.everyStep = everyStep
    self.slice = slice
  }

  func run(_ step: Int) {
    let count = evaluator.binder.lengths.count
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(count, 1)) { buffer in
      buffer.initialize(repeating: 0)
      let indices = buffer.start
      let axes = evaluator.type.domain.filter { $0 != carrier.axis }
      evaluator.forEach(axes, indices, slice: slice) {
        let length = evaluator.length(carrier.axis, indices)
        let first = carrier.isAdvance ? length - carrier.by : 0
        for place in 0..<carrier.by {
          let index = first + place
          guard index >= 0, index < length, !everyStep || index == step else { continue }
          indices[carrier.axis.index] = index
          write(indices, place)
        }
      }
    }
  }

  private func write(_ indices: UnsafePointer<Int>, _ place: Int) {
    let count = evaluator.type.shape.count
    for feature in 0..<count {
      let source = carrier.by == 1 ? feature : place * count + feature
      evaluator.result.store(evaluator.operands[0].load(indices, source), indices, feature)
    }
  }
}
