import EbbCommand
import EbbReport
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
      let status = EbbCommand.run(
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
