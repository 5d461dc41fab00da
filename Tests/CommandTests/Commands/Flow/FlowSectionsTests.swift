import EbbCommand
import EbbMarkup
import Foundation
import Testing

/// The further measurements of `ebb flow`.
@Suite struct FlowSectionsTests {
  private let small = ["--length", "6", "--hidden", "3", "--input", "2", "--batch", "2"]

  private func run(_ arguments: [String]) -> (status: Int32, output: String, messages: String) {
    var (output, messages) = ("", "")
    let status = EbbProgram.run(
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
      (["--units", "--of", "forget,c"], "dL/dforget by unit"), (["--jacobian"], "log₁₀ σ₁ to T"),
      (["--lyapunov"], "mean ln|det J|"), (["--theory"], "gate forget"), (["--gates"], "Time constants"),
      (["--hessian", "1"], "Sharpness"), (["--origin"], "are finite"),
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

  @Test func thePageDrawsTheTheoryOfTheOption() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).html")
    defer { try? FileManager.default.removeItem(at: file) }
    let outcome = run(["--theory", "--json", "-", "--report", file.path])
    #expect(outcome.status == 0)
    let page = try String(contentsOf: file, encoding: .utf8)
    let prediction = try #require(try JSONValue(parsing: outcome.output)["theory"]?.array?[0])
    for norm in try #require(prediction["norms"]?.array) {
      #expect(page.contains("\(try #require(norm.double))"), "every digit is in the figure's CSV")
    }
    #expect(page.contains("gate forget"))
    let clipped = run(["--theory", "--clip", "1"])
    #expect(clipped.status != 0 && clipped.messages.contains("not clipped"))
  }

  @Test func dynamicsAndTheoryAreInTheJSON() throws {
    let outcome = run([
      "--jacobian", "--lyapunov", "--theory", "--gates", "--hessian", "2", "--origin", "--units", "--of", "forget",
      "--json", "-",
    ])
    #expect(outcome.status == 0)
    let json = try JSONValue(parsing: outcome.output)
    #expect(json["jacobian"]?["steps"]?.array?.count == 6)
    #expect(json["jacobian"]?["steps"]?.array?[5]["moduli"]?.array?.count == 6)
    #expect(json["lyapunov"]?["exponents"]?.array?.count == 6)
    let sum = try #require(json["lyapunov"]?["sum"]?.double)
    #expect(abs(sum - (try #require(json["lyapunov"]?["meanLogDeterminant"]?.double))) < 1e-12)
    #expect(json["theory"]?.array?[0]["gate"] == "forget")
    #expect(json["theory"]?.array?[0]["norms"]?.array?.count == 6)
    let forget = try #require(json["gates"]?["values"]?.array?.first { $0["name"] == "forget" })
    #expect(forget["saturationByUnit"]?.array?.count == 3)
    #expect(json["gates"]?["retentions"]?.array?[0]["timeConstants"]?.array?.count == 3)
    #expect(json["hessian"]?["largest"]?.array?.count == 2)
    #expect(json["origin"] == .null)
    #expect(json["units"]?.array?.map { $0["name"] } == ["forget"])
  }

  @Test func theBirthOfAnInfinityIsTold() throws {
    let options = ["--cell", "irnn", "--gain", "1e30", "--origin"]
    let text = run(options).output
    #expect(text.contains("(forward)") && text.contains("The first number that is not finite"))
    let origin = try #require(try JSONValue(parsing: run(options + ["--json", "-"]).output)["origin"])
    #expect(origin["operation"] == "product" && origin["pass"] == "forward")
    #expect(origin["step"]?.integer != nil && origin["sample"]?.integer != nil)
  }

  @Test func whatHasNoMeaningIsNamed() {
    for (options, status, words) in [
      (["--of", "forget"], 2, "--units"), (["--units", "--of", "frget"], 1, "forget"),
      (["--hessian", "0"], 2, "at least 1"),
      (["--hessian", "99999"], 1, "number of parameters"), (["--theory", "--loss", "all"], 1, "last step"),
      (["--hessian", "1", "--clip", "1"], 1, "clipped"),
    ] {
      let outcome = run(options)
      #expect(outcome.status == Int32(status) && outcome.messages.contains(words), "\(options)")
    }
  }

  @Test func windowsAreWholeNumbers() {
    let outcome = run(["--truncation", "2,0"])
    #expect(outcome.status == 2 && outcome.messages.contains("--truncation"))
  }
}
