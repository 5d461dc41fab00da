import EbbReport
import Testing

@Suite struct OptimizerOptionTests {
  private static let task = ["train", "--task", "copy", "--length", "5", "--hidden", "2", "--steps", "3"]

  @Test(arguments: ["adam", "adamw", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion"])
  func everyOptimizerTrains(name: String) throws {
    let outcome = ebb(Self.task + ["--optimizer", name, "--weight-decay", "0.01", "--json", "-"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(try outcome.json()["losses"]?.array?.count == 3)
  }

  /// The first step's loss is before any update, so it is the same; later ones show that the choice has an effect.
  @Test func schedulesAndRatesDiffer() throws {
    func losses(_ more: String...) throws -> [Double] {
      try ebb(Self.task + more + ["--json", "-"]).json()["losses"]?.array?.compactMap(\.double) ?? []
    }
    let constant = try losses()
    for schedule in ["linear", "cosine", "step", "exponential", "one-cycle"] {
      let other = try losses("--schedule", schedule)
      #expect(other.count == 3 && other[0] == constant[0] && other[2] != constant[2], "\(schedule)")
    }
    #expect(try losses("--warm-up", "2")[1] != constant[1])
    #expect(try losses("--rate", "0.1")[1] != constant[1])
    #expect(try losses("--rate", "0.003") == constant)
  }

  @Test(arguments: [
    (["--optimizer", "newton"], "--optimizer takes one of adam, adamw, sgd, momentum, nesterov"),
    (["--schedule", "sine"], "--schedule takes one of constant, linear, cosine, step, exponential, one-cycle"),
    (["--rate", "0"], "--rate takes a number greater than 0"),
    (["--weight-decay", "-1"], "--weight-decay takes a number of at least 0"),
    (["--warm-up", "-1"], "--warm-up takes a whole number of at least 0"),
  ])
  func wrongChoicesSayWhatIsRight(arguments: [String], message: String) {
    let outcome = ebb(Self.task + arguments)
    #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
  }
}
