import Foundation
import Testing

/// A cell that is given as equations, in every command that takes one.
@Suite struct EquationOptionTests {
  static let elman = "h_t = tanh(W_hh h_{t-1} + U x_t + b)"
  static let document = """
    Prose with an = sign.

    ## First
    $$ h_t = f(W [h_{t-1}, x_t] + b) $$

    ## Second
    \\[ c_t = \\alpha c_{t-1} + V x_t \\]
    """

  @Test func equationsAreACellOfEveryCommand() throws {
    let small = ["--hidden", "3"]
    let title = "h_t = tanh(W_hh h_{t-1} + U x_t + b): "
    for (arguments, shown) in [
      (["check", "--cell", Self.elman, "--length", "2"] + small, "\nW_hh "),
      (["flow", "--cell", Self.elman, "--length", "5", "--input", "2", "--batch", "2"] + small, title),
      (["graph", "--cell", Self.elman, "--emit", "gradient"] + small, " W_hh: f32 [3, 3] = parameter"),
      (["profile", "--cell", Self.elman, "--shape", "3,2,2,3", "--runs", "1"], "sum of outer products"),
      (["train", "--task", "adding", "--length", "5", "--cell", Self.elman, "--steps", "2"] + small, title + "loss"),
    ] {
      let outcome = ebb(arguments)
      #expect(
        outcome.status == 0 && outcome.output.contains(shown), "\(arguments): \(outcome.messages)\(outcome.output)")
    }
  }

  @Test func aFileAndItsHeadingsAreCells() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cells.md"
      try Self.document.write(toFile: path, atomically: true, encoding: .utf8)
      let first = ebb("check", "--cell", path + "#first", "--length", "2")
      #expect(first.status == 0 && first.messages.contains("f is tanh; --let 'f = relu'"), "\(first.messages)")
      let second = ebb("check", "--cell", path + "#Second", "--length", "2", "--let", #"\alpha = 0.5"#)
      #expect(second.status == 0 && second.output.contains("V "), "\(second.messages)")
      let both = ebb("graph", "--cell", path)
      #expect(both.status == 2 && both.messages.contains("choose one of First, Second"), "\(both.messages)")
      let none = ebb("graph", "--cell", path + "#Third")
      #expect(none.status == 2 && none.messages.contains("no heading Third has equations"), "\(none.messages)")
    }
  }

  @Test func mistakesNameTheirPlace() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cell.tex"
      try "h_t = W h_{t-1}\n  + U ? x_t".write(toFile: path, atomically: true, encoding: .utf8)
      let wrong = ebb("graph", "--cell", path)
      #expect(wrong.status == 2)
      #expect(
        wrong.messages.contains("\(path):2:7: ? is not read in equations\n    + U ? x_t\n        ^"),
        "\(wrong.messages)")
    }
    #expect(ebb("graph", "--cell", "/nowhere/cell.tex").messages.contains("there is no such file"))
    #expect(ebb("graph", "--cell", "lstn").messages.contains("there is no cell lstn"))
    let open = ebb("graph", "--cell", "h_t = α h_{t-1} + W x_t")
    #expect(open.messages.contains("--let 'α = 0.1'"), "\(open.messages)")
  }

  @Test func letIsRepeatableAndNeedsEquations() {
    let text = "h_t = g(α h_{t-1} + W x_t)"
    let given = ebb(
      "graph", "--cell", text, "--let", "α = 0.5", "--let=g = relu", "--emit", "recorded", "--hidden", "2")
    #expect(given.status == 0 && given.output.contains("relu") && !given.output.contains("tanh"), "\(given.messages)")
    let plain = ebb("graph", "--cell", "lstm", "--let", "f = relu")
    #expect(plain.status == 2 && plain.messages.contains("--let gives what equations leave open"), "\(plain.messages)")
  }
}
