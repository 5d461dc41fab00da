import EbbMarkup
import Testing

@Suite struct TrainTaskCommandTests {
  @Test func aTaskIsTrainedBesideItsBaseline() throws {
    let arguments = ["train", "--task", "order2", "--length", "10", "--hidden", "4", "--steps", "6", "--cell", "gru"]
    let outcome = ebb(arguments)
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(outcome.output.contains("temporal order of 2 symbols, T = 10"))
    #expect(outcome.output.contains("without memory: loss 1.39, 25% right (any class, each equally likely)"))
    #expect(outcome.output.contains("not solved in 6 steps; solved means wrong answers to fewer than one in 100"))
    let json = try ebb(arguments + ["--json", "-"]).json()
    #expect(json["losses"]?.array?.count == 6 && json["evaluations"]?.array?.count == 7)
    #expect(json["isSolved"]?.bool == false)
  }

  @Test func skippedStepsAreTold() {
    let outcome = ebb("train", "--task", "copy", "--length", "5", "--hidden", "4", "--steps", "3", "--rate", "1e300")
    let line = "\n2 of 3 steps were skipped: their gradients were not finite"
    #expect(outcome.output.contains(line), "\(outcome.output)")
  }

  @Test func tasksAreSolved() {
    let outcome = ebb(
      "train", "--task", "permutation", "--length", "1", "--hidden", "4", "--steps", "400", "--rate", "0.05", "--cell",
      "gru")
    #expect(outcome.output.contains("\nsolved in "), "\(outcome.output)")
  }

  @Test(arguments: [
    (["--task", "juggling"], "there is no task juggling; the tasks are adding, multiplication, copy"),
    (["--task", "order3", "--length", "9"], "--length takes a whole number of at least 10, not '9'"),
    (["--task", "digits"], "--task digits takes --data FOLDER"),
    (["--task", "adding", "--data", "x.csv"], "--task adding draws its sequences and takes no --data"),
    (["--data", "x.csv"], "is forecast by ebb forecast train FILE --target COLUMN"),
    ([], "--task is needed"),
  ])
  func wrongArgumentsSayWhatIsRight(arguments: [String], message: String) {
    let outcome = ebb(["train"] + arguments)
    #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
  }

  @Test func digitsThatAreNotThereAreAnError() {
    let outcome = ebb("train", "--task", "digits", "--data", "/no/such/folder")
    #expect(outcome.status == 1 && outcome.messages.contains("train-images-idx3-ubyte: there is no such file"))
  }
}
