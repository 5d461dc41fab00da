import EbbCommand
import EbbRecording
import EbbMarkup
import Foundation
import Testing

@Suite struct FlowCommandTests {
  @Test func drawsTheGradientOfEachState() {
    let outcome = ebb("flow", "--length", "12", "--hidden", "4", "--input", "2", "--batch", "2")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("A h, total   B c, total"))
    #expect(outcome.output.contains("below 1% after"))
    #expect(!outcome.output.contains("\u{1B}"), "no escape codes where colour is off")
    #expect(outcome.messages.isEmpty)
  }

  @Test func jsonOnStandardOutputStandsAlone() throws {
    let outcome = ebb(
      "flow", "--cell", "gru", "--length", "9", "--hidden", "3", "--input", "2", "--batch", "2", "--loss", "all",
      "--precision", "64", "--seed", "7", "--json", "-")
    #expect(outcome.status == 0)
    let json = try outcome.json()
    #expect(json["cell"] == "gru")
    #expect(json["experiment"]?["seed"] == 7)
    #expect(json["experiment"]?["loss"] == "all")
    #expect(json["experiment"]?["element"] == "f64")
    let state = try #require(json["profile"]?["states"]?.array?.first)
    #expect(state["name"] == "h")
    for flow in ["total", "direct"] {
      #expect(state[flow]?["norms"]?.array?.count == 9)
      #expect(state[flow]?["samples"]?.array?.map { $0.array?.count } == [Int?](repeating: 2, count: 9))
    }
    #expect(state["total"]?["decay"]?["factor"]?.double ?? 0 > 0)
  }

  @Test func gainAndClippingReachTheRecurrence() throws {
    let small = ["--cell", "rnn", "--length", "10", "--hidden", "3", "--input", "1", "--batch", "2"]
    func factor(_ more: String...) throws -> Double {
      var output = ""
      let status = EbbProgram.run(
        arguments: ["flow"] + small + more + ["--json", "-"],
        output: CommandOutput(write: { output += $0 }, writeError: { _ in }))
      #expect(status == 0)
      let json = try JSONValue(parsing: output)
      return json["profile"]?["states"]?.array?[0]["total"]?["decay"]?["factor"]?.double ?? .nan
    }
    let (damped, plain) = (try factor("--gain", "0.1"), try factor())
    #expect(damped < plain)
    let clipped = ebb(
      "flow", "--cell", "rnn", "--length", "10", "--hidden", "3", "--input", "1", "--batch", "2", "--clip", "0.5")
    #expect(clipped.output.contains("Clipping changed"))
    #expect(clipped.output.contains("▾ clipped"))
  }

  /// h' = 2 h + x, of which the gradient of the last step is 1.
  private struct Doubling: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", 1)
      return h.next(2 * h + x + scope.parameter("w", [1], .zeros))
    }
  }

  /// One gradient in every section, that which goes on after the clip.
  @Test func everySectionHasTheClippedGradient() throws {
    let outcome = ebb(
      "flow", "--length", "5", "--hidden", "1", "--input", "1", "--batch", "1", "--clip", "4", "--precision", "64",
      "--credit", "--by-step", "--units", "--truncation", "1,5", "--json", "-", cells: ["doubling": Doubling.init])
    #expect(outcome.status == 0, "\(outcome.messages)")
    let json = try outcome.json()
    let expected: [Double] = [4, 4, 4, 2, 1]
    func numbers(_ value: JSONValue?) -> [Double] { value?.array?.compactMap(\.double) ?? [] }
    let state = json["profile"]?["states"]?.array?.first
    #expect(numbers(state?["total"]?["norms"]) == expected)
    #expect(json["profile"]?["clips"]?.array?.compactMap { $0["after"]?.double } == [4, 4])
    #expect(numbers(json["credit"]?["states"]?.array?.first?["norms"]?.array?.last) == expected)
    #expect(numbers(json["by-step"]?.array?.first?["norms"]) == expected)
    #expect(json["units"]?.array?.first?["total"]?["samples"]?.array?.map { numbers($0) } == expected.map { [$0] })
    let windows = json["truncation"]?.array?.compactMap { $0["all"]?["normRatio"]?.double }
    #expect(windows == [1.0 / 15, 1])
  }

  @Test func cellsOfAUserHaveTheCommand() {
    let outcome = ebb("flow", "--length", "4", "--hidden", "2", cells: ["elman": Elman.init])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("elman: ‖dL/dhₜ‖ over 4 steps"))
    #expect(ebb("flow", "--cell", "lstm", cells: ["elman": Elman.init]).status == 2)
  }

  @Test func writesJSONToAFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/flow.json"
      let outcome = ebb("flow", "--length", "3", "--hidden", "2", "--json", path)
      #expect(outcome.status == 0)
      #expect(outcome.messages == "wrote \(path)\n")
      #expect(!outcome.output.isEmpty)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(try JSONValue(parsing: text)["units"] == 2)
    }
  }

  @Test func whatCannotBeDoneFailsWithAReason() throws {
    try withTemporaryFolder { folder in
      let outcome = ebb("flow", "--length", "3", "--hidden", "2", "--json", folder + "/none/flow.json")
      #expect(outcome.status == 1)
      #expect(outcome.messages.contains("cannot write"))
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left.isEmpty)
    }
    let misfit = ebb("flow", "--hidden", "2", cells: ["misfit": Misfit.init])
    #expect(misfit.status == 1)
    #expect(misfit.messages.contains("Misfit") && misfit.messages.contains("[3]"))
  }
}
