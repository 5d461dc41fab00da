internal import EbbGraph

/// Bursts: the steps of a sweep that each of its instructions takes before the next instruction begins.
///
/// A sweep runs all its instructions for one step, then for the next. In a recurrence of elementwise work alone, such as a
/// diagonal state space, no instruction reads what a later one wrote at an earlier step. There each can take several steps
/// at once (*loop distribution*, Kennedy & McKinley 1990), and a program goes through them tile by tile: what it carries
/// from step to step, and what is the same at each of them, stays in the nearest cache. A step of few numbers is also spared
/// the preparation of its calls. No bit depends on it.
///
/// What one instruction leaves to another is then kept for a whole burst, so a burst is as long as these values fit a cache.
package struct Bursts: Sendable {
  /// For each stage, the steps of a burst; 1 where each step waits for the one before.
  package let steps: [Int]
  /// For each value, the fewest places of its ring.
  private let places: [Int]

  /// The most steps of a burst: the preparation of a call is a small part of it then.
  private static let most = 16
  /// Fewer are not worth the way that values make through a farther cache.
  private static let fewest = 4
  /// Bytes of all values between instructions in a burst: half of a second-level cache.
  private static let between = 512 << 10

  /// No bursts.
  static func none(_ plan: Plan) -> Bursts {
    Bursts(steps: plan.stages.map { _ in 1 }, places: plan.values.map { _ in 1 })
  }

  private init(steps: [Int], places: [Int]) {
    self.steps = steps
    self.places = places
  }

  init(_ plan: Plan, lengths: [Int]) {
    var steps: [Int] = []
    var places = plan.values.map { _ in 1 }
    for stage in plan.stages {
      guard let order = BurstOrder(plan, stage) else {
        steps.append(1)
        continue
      }
      let bytes = order.shared.keys.reduce(0) { total, index in
        let value = plan.values[index]
        let layout = ValueLayout(value, plan.axes, lengths, held: .ring(1))
        return total + layout.count / layout.slots * value.storage.bytes
      }
      var burst = plan.burstSteps ?? Self.most
      if plan.burstSteps == nil {
        while burst * bytes > Self.between { burst /= 2 }
        if burst < Self.fewest { burst = 1 }
      }
      steps.append(burst)
      guard burst > 1 else { continue }
      for (value, reach) in order.shared {
        while places[value] < burst + reach { places[value] *= 2 }
      }
    }
    self.init(steps: steps, places: places)
  }

  /// A value with a ring that holds a burst.
  func widened(_ value: Value, at index: Int) -> Value {
    guard case .ring(let steps) = value.lifetime else { return value }
    var result = value
    result.lifetime = .ring(max(steps, places[index]))
    return result
  }
}

/// Whether the instructions of a sweep may run one after the other, each for several steps.
private struct BurstOrder {
  /// The values that several instructions touch, with the distance between the indices that they touch at a step.
  let shared: [Int: Int]

  private struct Touch {
    var instruction: Int
    var access: Access
  }

  /// Nil if some instruction waits for a later one's result of an earlier step, or if no program would gain.
  init?(_ plan: Plan, _ stage: Stage) {
    guard let sweep = stage.sweep, sweep.outer.isEmpty, stage.instructions.contains(where: { plan.goesTileByTile($0) })
    else { return nil }
    var touches: [Access.Memory: [Touch]] = [:]
    for (index, instruction) in stage.instructions.enumerated() {
      for access in plan.accesses(of: instruction) {
        touches[access.memory, default: []].append(Touch(instruction: index, access: access))
      }
    }
    var shared: [Int: Int] = [:]
    for (memory, touches) in touches {
      guard touches.contains(where: { $0.instruction != touches[0].instruction }) else { continue }
      guard case .value(let value) = memory, plan.values[value].axes.first == sweep.axis else {
        // Without steps, it must not change.
        if touches.contains(where: \.access.isWrite) { return nil }
        continue
      }
      guard
        touches.allSatisfy({ first in
          !first.access.isWrite || touches.allSatisfy { Self.keepOrder(first, $0, sweep) }
        })
      else { return nil }
      let shifts = touches.map(\.access.shift)
      shared[value] = (shifts.max() ?? 0) - (shifts.min() ?? 0)
    }
    self.shared = shared
  }

  /// Whether a write and another touch of the same number keep their order, when each instruction takes several steps.
  private static func keepOrder(_ write: Touch, _ other: Touch, _ sweep: Stage.Sweep) -> Bool {
    if write.instruction == other.instruction { return true }
    for access in [write.access, other.access] {
      if access.everywhere.contains(sweep.axis) || access.fixed?.axis == sweep.axis || access.boundary != 0 {
        return false
      }
    }
    // How many steps after the write the other touch of a number comes.
    let distance = write.access.shift - other.access.shift
    let later = sweep.isBackward ? -distance : distance
    return write.instruction < other.instruction ? later >= 0 : later <= 0
  }
}

extension Plan {
  /// Whether a program can take several steps of a tile before the next tile: of what it writes, it reads at most the
  /// same places, or those of other steps.
  package func goesTileByTile(_ program: ElementwiseProgram) -> Bool {
    let views = program.operands.compactMap(\.source.view)
    let written = program.operands.filter(\.writes).compactMap(\.source.view)
    return written.allSatisfy { result in
      views.allSatisfy { $0.value != result.value || isSamePlace($0, result) || areApart($0, result) }
    }
  }

  private func isSamePlace(_ view: View, _ other: View) -> Bool {
    var moved = view
    (moved.shift, moved.node) = (other.shift, other.node)
    return moved == other
  }

  /// Whether two views of a value have no panel in common.
  private func areApart(_ view: View, _ other: View) -> Bool {
    func panels(_ view: View) -> Range<Int> {
      view.panel..<view.panel + view.features.panels(values[view.value].storage.lanes)
    }
    return !panels(view).overlaps(panels(other))
  }

  fileprivate func goesTileByTile(_ instruction: Instruction) -> Bool {
    guard case .program(let program) = instruction.kernel else { return false }
    return goesTileByTile(program)
  }
}
