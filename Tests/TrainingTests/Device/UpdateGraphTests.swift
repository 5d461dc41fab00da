import EbbCompiler
import EbbExecution
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTestSupport
import Testing

@testable import EbbTraining

/// The graph of a whole training step, run by Ebb's own kernels: what a device computes.
@Suite struct UpdateGraphTests {
  private static func graph(_ test: StepCase, _ trainer: Trainer, _ rule: some ElementwiseOptimizer) -> UpdateGraph {
    UpdateGraph(
      trainer.gradientGraph, loss: trainer.loss, trained: trainer.trainedParameters,
      buffers: trainer.recording.parameters.filter { $0.update != nil }.map(\.name),
      penalties: trainer.regularizers.count, rule: rule, clipping: trainer.clipping, groups: trainer.groups,
      averages: trainer.averaging != nil, carried: trainer.carried?.states.map(\.name) ?? [])
  }

  /// Everything that the step keeps, as the trainer has it.
  private static func values(_ step: UpdateGraph, _ trainer: Trainer) -> [String: Tensor] {
    let state = trainer.state
    var values = state.parameters.merging(state.carried ?? [:]) { $1 }
    for name in step.parameters {
      for (index, slot) in step.slots.enumerated() {
        values[UpdateGraph.slot(slot, of: name)] = state.optimizer.slots[name]?[index]
      }
      values[UpdateGraph.mean(of: name)] = state.average?.values[name]
    }
    return values
  }

  private static func factors(_ step: UpdateGraph, _ rule: some ElementwiseOptimizer, _ number: Int, _ weight: Double)
    -> [Double]
  { step.factors(rule, step: number, meanWeight: weight) }

  @Test(arguments: StepCase.all)
  func aStepIsThatOfTheTrainer(test: StepCase) throws {
    let trainer = try test.trainer(.float64)
    let step = Self.graph(test, trainer, test.optimizer)
    let program = try Executable(compiling: step.graph)
    var kept: [String: Tensor] = [:]
    var average = AveragedWeights()
    for number in 1...5 {
      var batch = test.batch(number, .float64)
      let given = Self.values(step, trainer)
      let zeros = try trainer.carried?.zeros(batch) ?? [:]
      if trainer.carried != nil { batch[StateCarrying.begins] = Tensor([], [number == 1]) }
      let weight = test.averaging.flatMap { average.count($0, update: number) } ?? 0
      let factors = Self.factors(step, test.optimizer, number, weight)
      batch[UpdateGraph.factors] = Tensor([factors.count], factors)
      for item in step.kept {
        guard kept[item.input] == nil, given[item.input] == nil else { continue }
        // What begins with the first update is 0 before it.
        let shape = step.graph.node(named: item.input).map { step.graph.type($0).shape } ?? []
        kept[item.input] = zeros[item.input] ?? Tensor(shape.array, [Double](repeating: 0, count: shape.count))
      }
      let known = Set(program.plan.graph.nodes.compactMap { program.plan.graph.name($0) })
      let bindings = Bindings(
        given.merging(kept) { $1 }.merging(batch) { $1 }.filter { known.contains($0.key) }, seed: trainer.seed,
        run: UInt64(trainer.state.run))
      let outputs = try program.run(bindings)
      let result = try trainer.step(test.batch(number, .float64))
      let report = step.layout.report(try #require(outputs[UpdateGraph.report]).doubles)
      #expect(report.isSound && report.undefined.isEmpty)
      for (found, expected) in [
        (report.loss, result.loss), (report.clip.normBefore, result.gradientNorm),
        (report.clip.normAfter, result.clip.normAfter), (report.clip.factor, result.clip.factor),
      ] + zip(report.penalties, result.penalties) {
        #expect(abs(found - expected) <= 1e-9 * max(1, abs(expected)), "\(number): \(found), not \(expected)")
      }
      for item in step.kept { kept[item.input] = outputs[item.output] }
      for (name, expected) in Self.values(step, trainer) {
        guard let found = kept[name] else { continue }
        #expect(maximumRelativeError(found, expected, floor: 1e-3) < 1e-8, "\(number), \(name)")
      }
    }
    #expect(trainer.state.parameters != (try test.trainer(.float64)).state.parameters)
  }

  /// A step whose loss is not finite leaves everything as it was, and says which gradients it was.
  @Test func aStepThatDoesNotCount() throws {
    let test = StepCase(description: "mean", averaging: .uniform())
    let trainer = try test.trainer(.float64)
    let step = Self.graph(test, trainer, test.optimizer)
    var batch = test.batch(0, .float64)
    batch["x"] = batch["x"].map { Tensor($0.dimensions, $0.doubles.map { $0 * .nan }) }
    let factors = step.factors(Adam(), step: 1, meanWeight: 1)
    batch[UpdateGraph.factors] = Tensor([factors.count], factors)
    var values = trainer.state.parameters
    for item in step.kept where values[item.input] == nil {
      let shape = step.graph.node(named: item.input).map { step.graph.type($0).shape } ?? []
      values[item.input] = Tensor(shape.array, (0..<shape.count).map { 1 + Double($0) })
    }
    let outputs = try Executable(compiling: step.graph).run(Bindings(values.merging(batch) { $1 }))
    let report = step.layout.report(try #require(outputs[UpdateGraph.report]).doubles)
    #expect(!report.isSound && report.loss.isNaN && report.undefined == step.layout.parameters)
    for item in step.kept { #expect(outputs[item.output] == values[item.input], "\(item.input)") }
  }
}
