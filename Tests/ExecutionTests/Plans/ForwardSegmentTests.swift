import EbbCells
import EbbExecution
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// Programs that only run forward take segments of steps under a memory budget, each computed once, and the same bits.
@Suite struct ForwardSegmentTests {
  enum Loss: CaseIterable {
    case last, all, outputs
  }

  private func recording(_ loss: Loss) throws -> Recording {
    try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [3], over: [time, batch])
      let y = scope.over(time).run(LSTM(units: 8), x)
      switch loss {
      case .last: scope.output("loss", mean(square(last(y, along: time))))
      case .all: scope.output("loss", mean(square(y)))
      case .outputs:
        scope.output("y", y)
        scope.output("loss", mean(square(last(y, along: time)) + mean(y, over: [time])))
      }
    }
  }

  @Test(arguments: Loss.allCases)
  func budgetsChangeNoBit(loss: Loss) throws {
    let recording = try recording(loss)
    let plan = Plan(try Passes.optimized(recording.graph))
    let (length, batch) = (203, 5)
    let stream = RandomStream(seed: 3, stream: 1)
    var bindings = Bindings(recording.initialValues(seed: 1))
    bindings.values["x"] = Tensor(
      [length, batch, 3],
      (0..<length * batch * 3).map { stream.value(.normal, at: [UInt32($0), 0, 0], element: 0) }, as: .float32)
    let lengths = try plan.graph.lengths(for: bindings)
    let whole = MemoryPlan(plan, lengths: lengths)
    let expected = try outputs(plan, bindings, ExecutionOptions())
    var met = 0
    for share in [0.9, 0.7, 0.5, 0.3, 0.2] {
      let budget = Int(share * Double(whole.bytes))
      guard let memory = try? MemoryPlan(plan, lengths: lengths, budget: budget) else { continue }
      met += 1
      #expect(memory.bytes <= budget)
      // Nothing is computed again, so nothing is kept for that.
      #expect(try #require(memory.tiling.segment).snapshots == 0)
      for threads in [1, 3] {
        let found = try outputs(plan, bindings, ExecutionOptions(threads: threads, memoryBudget: budget))
        #expect(found == expected, "\(loss), \(share), \(threads) threads")
      }
    }
    // What is an output is kept whole, but for the rest of the values.
    #expect(met >= (loss == .outputs ? 1 : 3))
  }

  private func outputs(
    _ plan: Plan, _ bindings: Bindings, _ options: ExecutionOptions
  ) throws -> [String: Tensor] {
    let session = try Session(plan, lengths: plan.graph.lengths(for: bindings), options: options)
    try session.set(bindings)
    // Twice, as what one run leaves in the segments must not matter to the next.
    session.run()
    session.run()
    return session.outputs()
  }
}
