import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

@testable import EbbApplications

/// A task with answers at every step: whether the number that was read is above 0, judged at the last two steps.
private struct Signs: SequenceTask {
  let length = 4
  let name = "signs"
  let features = 1
  let answer = TaskAnswer.labels(classes: 2)
  let baseline = TaskBaseline(loss: log(2), accuracy: 0.5, strategy: "either")
  let criterion = SuccessCriterion.wrongSequencesBelow(0.02)

  func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose) -> [String: Tensor] {
    let random = RandomStream(seed: seed, run: UInt64(step), stream: purpose == .training ? 1 : 2)
    let x = (0..<length * size).map { random.value(.normal, at: [UInt32($0), 0, 0], element: 0) }
    return [
      "x": Tensor([length, size, 1], x, as: .float32),
      "target": Tensor([length, size], x.map { $0 > 0 ? Int32(1) : 0 }),
      "judged": Tensor([length, size], x.indices.map { $0 >= 2 * size }),
    ]
  }
}

/// The outputs of a trainer computed again from its predictions.
private func check(_ task: any SequenceTask) throws {
  let trainer = try TaskTrainer(GRU(units: 4), task, TaskSettings(seed: 3))
  let size = 30
  let batch = task.batch(size: size, seed: 9, step: 0, for: .heldOut)
  let outputs = try trainer.trainer.evaluate(batch)
  let (predictions, targets) = (outputs["prediction"]!.doubles, batch["target"]!.doubles)
  let judged = batch["judged"]?.doubles ?? targets.map { _ in 1 }
  var loss = 0.0
  var isRight: [Bool] = []
  for (position, target) in targets.enumerated() {
    switch task.answer {
    case .number(let tolerance):
      let error = predictions[position] - target
      loss += error * error
      isRight.append(abs(error) <= tolerance)
    case .label(let classes), .labels(let classes):
      let logits = Array(predictions[position * classes..<(position + 1) * classes])
      loss += log(logits.reduce(0) { $0 + exp($1) }) - logits[Int(target)]
      isRight.append(logits.firstIndex(of: logits.max() ?? 0) == Int(target))
    }
  }
  let asked = judged.indices.filter { judged[$0] == 1 }
  let wrong = Set(asked.filter { !isRight[$0] }.map { $0 % size })
  #expect(abs(outputs["loss"]!.doubles[0] - loss / Double(targets.count)) < 1e-5)
  #expect(
    abs(outputs["accuracy"]!.doubles[0] - Double(asked.count { isRight[$0] }) / Double(asked.count)) < 1e-6)
  #expect(abs(outputs["wrong"]!.doubles[0] - Double(wrong.count) / Double(size)) < 1e-6)
}

@Suite struct TaskTrainerTests {
  @Test(arguments: smallTasks + [Signs()])
  func lossAndAccuracyAreThoseOfThePredictions(task: any SequenceTask) throws {
    try check(task)
  }

  @Test func aTaskIsSolvedAndThenTrainingEnds() throws {
    let settings = TaskSettings(
      steps: 400, optimizer: Adam(learningRate: 0.03), evaluationInterval: 50, evaluationSequences: 300, seed: 2)
    let result = try TaskTrainer(GRU(units: 6), Signs(), settings).train()
    let solved = try #require(result.solvedAfter)
    #expect(result.isSolved && solved > 0 && solved < 400 && result.run.losses.count == solved)
    #expect(result.final.step == solved && result.final.wrongSequences < 0.02 && result.final.sequences == 300)
    #expect(result.evaluations.map(\.step) == Array(stride(from: 0, through: solved, by: 50)))
    #expect(result.baseline.loss == log(2))
    // The same again, to the bit.
    let again = try TaskTrainer(GRU(units: 6), Signs(), settings).train()
    #expect(again.run.losses == result.run.losses && again.evaluations == result.evaluations)
  }

  @Test func aTaskThatIsNotSolvedSaysSo() throws {
    let settings = TaskSettings(steps: 5, evaluationInterval: 2, evaluationSequences: 40)
    let result = try TaskTrainer(GRU(units: 3), TemporalOrder(length: 10), settings).train()
    #expect(!result.isSolved && result.solvedAfter == nil && result.evaluations.map(\.step) == [0, 2, 4, 5])
    // Untrained, it does about as well as the baseline.
    #expect(abs(result.evaluations[0].loss - result.baseline.loss) < 0.6)
  }

  @Test func theCallbackCanStop() throws {
    let trainer = try TaskTrainer(GRU(units: 3), Signs(), TaskSettings(steps: 50, evaluationSequences: 20))
    let result = try trainer.train { progress, last in
      #expect(last.step == 0)
      return progress.completed == 3 ? .stop : .continue
    }
    #expect(result.run.end == .callback && result.evaluations.map(\.step) == [0, 3])
  }

  @Test func criteriaAreStrict() {
    func evaluation(_ loss: Double, _ wrong: Double) -> TaskEvaluation {
      TaskEvaluation(step: 1, loss: loss, accuracy: 0, wrongSequences: wrong, sequences: 100)
    }
    let (loss, wrong) = (SuccessCriterion.lossBelow(0.5), SuccessCriterion.wrongSequencesBelow(0.01))
    #expect(loss.isMet(by: evaluation(0.49, 1)) && !loss.isMet(by: evaluation(0.5, 0)))
    #expect(wrong.isMet(by: evaluation(9, 0.009)) && !wrong.isMet(by: evaluation(0, 0.01)))
    #expect(!loss.isMet(by: evaluation(.nan, .nan)) && !wrong.isMet(by: evaluation(.nan, .nan)))
    #expect(wrong.description == "wrong answers to fewer than one in 100 sequences")
    #expect(CopyMemory(delay: 50).criterion.description == "a loss below 0.00297")
  }

  @Test func settingsThatMakeNoSenseAreRejected() {
    #expect { try TaskTrainer(GRU(units: 3), Signs(), TaskSettings(steps: 0)) } throws: {
      "\($0)" == "the number of steps is at least 1, not 0"
    }
    #expect { try TaskTrainer(GRU(units: 3), Signs(), TaskSettings(evaluationSequences: 0)) } throws: {
      "\($0)".contains("the number of sequences of an evaluation")
    }
  }
}

@Suite struct ResumedTaskTests {
  /// A task's training that goes on from a saved state makes the steps that are left, on the batches of those steps. A
  /// checkpoint also has the tests that were made, so the results are the same.
  @Test func whatIsLeftIsTrained() throws {
    let settings = TaskSettings(batchSize: 4, steps: 9, evaluationInterval: 3, evaluationSequences: 8)
    let whole = try TaskTrainer(GRU(units: 3), CopyMemory(delay: 2), settings)
    var saved: Checkpoint?
    let all = try whole.train { _, _ in
      if whole.trainer.state.step == 4 { saved = Checkpoint(whole.trainer) }
      return .continue
    }
    let checkpoint = try #require(saved)
    for hasRecords in [false, true] {
      let resumed = try TaskTrainer(GRU(units: 3), CopyMemory(delay: 2), settings)
      if hasRecords {
        try resumed.trainer.restore(Checkpoint(bytes: checkpoint.bytes))
      } else {
        try resumed.trainer.restore(checkpoint.state)
      }
      let rest = try resumed.train()
      #expect(rest.run.losses == all.run.losses && rest.run.gradientNorms == all.run.gradientNorms)
      #expect(rest.evaluations.map(\.step) == (hasRecords ? [0, 3, 6, 9] : [4, 6, 9]))
      #expect(!hasRecords || rest.evaluations == all.evaluations)
      #expect(resumed.trainer.parameters == whole.trainer.parameters && rest.final == all.final)
      #expect(rest.run.firstStep == 1 && rest.run.clippedSteps == all.run.clippedSteps)
    }
  }
}
