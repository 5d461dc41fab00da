internal import EbbGraph
internal import EbbPlanning

/// Neighbouring instructions that can run together for a part of an axis: each reads the others' results only at its
/// own indices.
struct InstructionGroup {
  let axis: Axis?
  private(set) var instructions: [Instruction]
  private(set) var cost: Int
  private let binder: Binder
  private var touched: [Access.Memory: [Access]] = [:]

  init(_ binder: Binder, _ first: Instruction) {
    self.binder = binder
    axis = Self.axis(binder, first)
    instructions = []
    cost = 0
    append(first)
  }

  var label: String { Set(instructions.map(\.kind)).sorted().joined(separator: ", ") }

  /// A boundary is written at once, and a sum is cut in its own way.
  private static func axis(_ binder: Binder, _ instruction: Instruction) -> Axis? {
    if case .boundary = instruction.kernel { nil } else { binder.plan.outermostAxis(instruction) }
  }

  func canTake(_ instruction: Instruction) -> Bool {
    guard !instruction.isSum, Self.axis(binder, instruction) == axis else { return false }
    guard let axis else { return cost + binder.cost(instruction) <= Partition.grain / 2 }
    return binder.plan.accesses(of: instruction).allSatisfy { access in
      (touched[access.memory] ?? []).allSatisfy { other in
        !(access.isWrite || other.isWrite) || (isAligned(access, axis) && isAligned(other, axis))
      }
    }
  }

  private func isAligned(_ access: Access, _ axis: Axis) -> Bool {
    guard case .value(let index) = access.memory, binder.plan.values[index].axes.contains(axis) else { return false }
    return access.shift == 0 && access.fixed == nil && access.boundary == 0 && !access.everywhere.contains(axis)
  }

  mutating func append(_ instruction: Instruction) {
    instructions.append(instruction)
    cost += binder.cost(instruction)
    for access in binder.plan.accesses(of: instruction) { touched[access.memory, default: []].append(access) }
  }
}
