import EbbGraph
import Testing

@testable import EbbPlanning

/// The instructions of a plan.
@Suite struct EmitterTests {
  /// A write of whole rows: where, and in which instruction. Boundaries lie beside the steps, and sums are begun and added
  /// to.
  private struct Write {
    var instruction: Int
    var view: View
  }

  private func writes(_ plan: Plan) -> [Write] {
    plan.instructions.enumerated().flatMap { index, instruction -> [Write] in
      switch instruction.kernel {
      case .boundary, .pack: return []
      case .copy(.constant, _, _): return []
      case .program(let program):
        return program.operands.filter { $0.writes && !$0.reads }.compactMap(\.source.view).map {
          Write(instruction: index, view: $0)
        }
      case .product, .outer, .reduceRows, .sumColumns, .assemble, .copy, .strided, .general:
        return instruction.kernel.written.map { Write(instruction: index, view: $0) }
      }
    }
  }

  /// Every panel is written by one instruction, and what is given by none.
  @Test func everyNumberHasOneWriter() throws {
    for planned in try PlannedGraph.all.get() {
      let plan = planned.plan
      let given = Set(plan.inputs.map(\.view.value))
      var written: [Int: [Range<Int>]] = [:]
      for write in writes(plan) {
        let view = write.view
        #expect(!given.contains(view.value), "\(planned.name): v\(view.value) is given\n\(plan)")
        let lanes = plan.values[view.value].storage.lanes
        let panels = view.panel..<view.panel + view.features.panels(lanes)
        let overlap = (written[view.value] ?? []).contains { $0.overlaps(panels) }
        #expect(!overlap, "\(planned.name): v\(view.value) is written twice\n\(plan)")
        written[view.value, default: []].append(panels)
      }
    }
  }

  /// The instructions compute every node that has a kernel, each once: its view is written, by a kernel of its kind.
  @Test func everyExecutedNodeHasOneKernel() throws {
    for planned in try PlannedGraph.all.get() {
      let (plan, kernels) = (planned.plan, planned.kernels)
      var kinds: [NodeID: [Instruction]] = [:]
      for write in writes(plan) {
        if let node = write.view.node { kinds[node, default: []].append(plan.instructions[write.instruction]) }
      }
      for node in planned.schedules.order where planned.schedules.needsStorage(node) {
        if case .leaf = kernels[node] { continue }
        let found = kinds[node] ?? []
        #expect(found.count == 1, "\(planned.name), %\(node.index)\n\(plan)")
        guard let kernel = found.first?.kernel else { continue }
        let kind = kernels[node]
        let isRight =
          switch kernel {
          case .program: kind == .elementwise
          case .product: if case .product = kind { true } else { kind == .elementwise }
          case .outer: kind == .outer
          case .reduceRows(_, _, _, let reduction): kind == .reduceRows(reduction)
          case .sumColumns: kind == .sumColumns
          case .assemble: if case .build = kind { true } else { false }
          case .strided: kind == .strided
          case .general: kind == .general
          case .pack, .copy, .boundary: false
          }
        #expect(isRight, "\(planned.name), %\(node.index)\n\(plan)")
      }
    }
  }

  /// Weights are packed once, before they are read, and no two matrices are the same.
  @Test func weightsArePackedOnce() throws {
    var packed = 0
    for planned in try PlannedGraph.all.get() {
      let plan = planned.plan
      #expect(Set(plan.weights).count == plan.weights.count, "\(planned.name)")
      var counts = plan.weights.map { _ in 0 }
      for instruction in plan.instructions {
        switch instruction.kernel {
        case .pack(let index): counts[index] += 1
        case .product(_, _, let index, _): #expect(counts[index] == 1, "\(planned.name), w\(index)\n\(plan)")
        case .program, .outer, .reduceRows, .sumColumns, .assemble, .copy, .boundary, .strided, .general: break
        }
      }
      #expect(counts.allSatisfy { $0 == 1 }, "\(planned.name)")
      packed += counts.count
    }
    #expect(packed > 30)
  }

  /// The kernels take 64 operands, and a program names registers that it has.
  @Test func programsFitTheirKernel() throws {
    for planned in try PlannedGraph.all.get() {
      for case .program(let program) in planned.plan.instructions.map(\.kernel) {
        #expect(program.operands.count <= 64, "\(planned.name)")
        let registers = 0..<program.operands.count + program.temporaries
        for step in program.steps {
          #expect([step.destination, step.a, step.b, step.c].allSatisfy { registers.contains($0) }, "\(planned.name)")
        }
      }
    }
  }

  /// A sweep whose rows are told apart reads no row of its results but its own. What earlier stages have computed, it
  /// may read at any row.
  @Test func slicedRowsDoNotMeet() throws {
    var sliced = 0
    for planned in try PlannedGraph.all.get() {
      for stage in planned.plan.stages {
        guard let axis = stage.sliced, let swept = stage.sweep?.axis else {
          #expect(stage.sliced == nil, "\(planned.name)")
          continue
        }
        sliced += 1
        #expect(axis != swept)
        let accesses = stage.instructions.flatMap { planned.plan.accesses(of: $0) }
        let written = Set(accesses.filter(\.isWrite).map(\.memory))
        for access in accesses where written.contains(access.memory) {
          let isApart = !access.everywhere.contains(axis) && access.fixed?.axis != axis
          #expect(isApart, "\(planned.name)\n\(planned.plan)")
          if access.isWrite, case .value(let value) = access.memory {
            #expect(planned.plan.values[value].axes.contains(axis), "\(planned.name)\n\(planned.plan)")
          }
        }
      }
    }
    #expect(sliced > 10)
  }
}
