import EbbMarkup
import Foundation
import Testing

@Suite struct OptimizerOptionTests {
  /// A short training on a small file, with a constant rate unless the options say otherwise.
  private func train(_ more: [String]) throws -> Outcome {
    try withTemporaryFolder { folder in
      let path = folder + "/wave.csv"
      let values = (0..<40).map { "\(sin(Double($0)))" }.joined(separator: "\n")
      try values.write(toFile: path, atomically: true, encoding: .utf8)
      return ebb(
        ["forecast", "train", path, "--hidden", "2", "--window", "3", "--batch", "2", "--steps", "3"] + more)
    }
  }

  private func losses(_ more: String...) throws -> [Double] {
    let outcome = try train(more + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    return try outcome.json()["losses"]?.array?.compactMap(\.double) ?? []
  }

  @Test func everyOptimizerTrainsInItsOwnWay() throws {
    let names = ["adam", "adamw", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion"]
    let all = try names.map { try losses("--optimizer", $0, "--rate", "0.1", "--weight-decay", "0.5") }
    // The first loss is before any update.
    #expect(all.allSatisfy { $0.count == 3 && $0[0] == all[0][0] })
    // Momentum begins as plain descent does; all others differ from the second step on.
    #expect(Set(all.map { $0[1] }).count >= 6 && Set(all.map { $0[2] }).count == names.count)
  }

  @Test func schedulesAndRatesDiffer() throws {
    let constant = try losses("--schedule", "constant")
    for schedule in ["linear", "cosine", "step", "exponential", "one-cycle"] {
      let other = try losses("--schedule", schedule)
      #expect(other.count == 3 && other[0] == constant[0] && other[2] != constant[2], "\(schedule)")
    }
    #expect(try losses("--schedule", "constant", "--warm-up", "2")[1] != constant[1])
    #expect(try losses("--schedule", "constant", "--rate", "0.1")[1] != constant[1])
    #expect(try losses("--schedule", "constant", "--rate", "0.003") == constant)
    #expect(try losses() == losses("--schedule", "cosine"))
  }

  @Test(arguments: [
    (["--optimizer", "newton"], "--optimizer takes one of adam, adamw, sgd, momentum, nesterov"),
    (["--schedule", "sine"], "--schedule takes one of constant, linear, cosine, step, exponential, one-cycle"),
    (["--rate", "0"], "--rate takes a number greater than 0"),
    (["--weight-decay", "-1"], "--weight-decay takes a number of at least 0"),
    (["--warm-up", "-1"], "--warm-up takes a whole number of at least 0"),
  ])
  func wrongChoicesSayWhatIsRight(arguments: [String], message: String) throws {
    let outcome = try train(arguments)
    #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
  }
}
