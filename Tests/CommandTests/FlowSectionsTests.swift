import EbbCommand
import EbbReport
import Foundation
import Testing

/// The further measurements of `ebb flow`.
@Suite struct FlowSectionsTests {
  private let small = ["--length", "6", "--hidden", "3", "--input", "2", "--batch", "2"]

  private func run(_ arguments: [String]) -> (status: Int32, output: String, messages: String) {
    var (output, messages) = ("", "")
    let status = EbbCommand.run(
      arguments: ["flow"] + small + arguments,
      output: CommandOutput(write: { output += $0 }, writeError: { messages += $0 }))
    return (status, output, messages)
  }

  @Test func eachOptionAddsItsSection() {
    let plain = run([])
    #expect(plain.status == 0)
    let sections: [([String], String)] = [
      (["--log-norm"], "decades a step"), (["--credit"], "Credit ‖∂Lₛ/∂hₜ‖ of c"), (["--by-step"], "outside time"),
      (["--units"], "mean cosine"), (["--noise"], "noise scale"), (["--truncation", "2,3"], "2 steps"),
    ]
    for (options, words) in sections {
      let outcome = run(options)
      #expect(outcome.status == 0 && outcome.messages.isEmpty)
      #expect(outcome.output.hasPrefix(plain.output), "what is printed without options stays")
      #expect(outcome.output.contains(words) && !plain.output.contains(words))
    }
  }

  @Test func everyNumberIsInTheJSON() throws {
    let outcome = run(
      ["--log-norm", "--credit", "--by-step", "--units", "--noise", "--truncation", "2", "--json", "-"])
    #expect(outcome.status == 0)
    let json = try JSONValue(parsing: outcome.output)
    #expect(json["log-norm"]?.array?[0]["logs"]?.array?.count == 6)
    #expect(
      json["credit"]?["states"]?.array?[0]["norms"]?.array?.map { $0.array?.count } == [Int?](repeating: 6, count: 6))
    #expect(json["by-step"]?.array?[0]["lags"]?.array?.count == 6)
    #expect(json["units"]?.array?[0]["total"]?["units"]?.array?[0].array?.count == 3)
    #expect(json["noise"]?["parameters"]?.array?[0]["samples"]?.array?.count == 2)
    #expect(json["truncation"]?.array?[0]["all"]?["cosine"]?.double != nil)
  }

  @Test func windowsAreWholeNumbers() {
    let outcome = run(["--truncation", "2,0"])
    #expect(outcome.status == 2 && outcome.messages.contains("--truncation"))
  }
}
