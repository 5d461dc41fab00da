import EbbCommand
import EbbGraph
import EbbRecording
import EbbMarkup
import EbbTensors
import Foundation
import Testing

@Suite struct GraphCommandTests {
  private func graph(_ arguments: String...) -> Outcome {
    var (output, messages) = ("", "")
    let status = EbbProgram.run(
      arguments: ["graph", "--hidden", "3", "--input", "2"] + arguments,
      output: CommandOutput(write: { output += $0 }, writeError: { messages += $0 }))
    return Outcome(status: status, output: output, messages: messages)
  }

  @Test(arguments: ["recorded", "gradient", "optimized"])
  func textParsesBack(stage: String) throws {
    let outcome = graph("--cell", "gru", "--emit", stage)
    #expect(outcome.status == 0)
    let parsed = try Graph(parsing: outcome.output)
    #expect(parsed.description == outcome.output || parsed.description + "\n" == outcome.output)
    #expect(parsed.output(named: "loss") != nil)
    #expect((parsed.output(named: "gradient/update.weight") != nil) == (stage != "recorded"))
  }

  @Test func passesCanBeStoppedAfterAny() throws {
    let stopped = graph("--pass", "split-concatenations")
    #expect(stopped.status == 0)
    let first = try Graph(parsing: stopped.output)
    let last = try Graph(parsing: graph().output)
    #expect(first.description != last.description)
  }

  @Test func plansTellTheirStages() {
    let plan = graph("--emit", "plan").output
    #expect(plan.contains("step by step forward along t"))
    #expect(plan.contains("step by step backward along t"))
    #expect(plan.contains("= Σ"))
    #expect(plan.contains("memory:"))
  }

  @Test func layersAreListed() {
    // 3 · 4 · (2 + 3 + 1) for the LSTM of three units over two features.
    let outcome = graph("--emit", "summary")
    #expect(outcome.status == 0 && outcome.output.contains("LSTM   LSTM  [t, b, 3]          72"), "\(outcome.output)")
    #expect(graph("--emit", "summary", "--format", "svg").messages.contains("a summary is written as text"))
    #expect(graph("--emit", "summary", "--pass", "FoldConstants").messages.contains("a summary went through no pass"))
  }

  @Test func numbersAreWrittenAsJSON() throws {
    let recorded = try graph("--emit", "recorded", "--json").json()
    #expect(recorded["cell"] == "lstm" && recorded["units"] == 3 && recorded["emit"] == "recorded")
    let printed = try Graph(parsing: graph("--emit", "recorded").output)
    let nodes = try #require(recorded["nodes"]?.array)
    #expect(nodes.count == printed.count && recorded["axes"]?.array?.count == printed.axes.count)
    for (node, json) in zip(printed.nodes, nodes) {
      #expect(json["equation"]?.string == printed.line(node) && json["node"]?.integer == node.index)
      #expect(json["operands"]?.array?.compactMap(\.integer) == printed.operands(node).map(\.index))
      #expect(json["shape"]?.array?.compactMap(\.integer) == printed.type(node).shape.array)
    }
    #expect(recorded["outputs"]?.array?.count == printed.outputs.count)
    let plan = try graph("--emit", "plan", "--json").json()
    let stages = try #require(plan["stages"]?.array)
    let text = "\n" + graph("--emit", "plan").output
    #expect(stages.count == text.components(separatedBy: "\nstage ").count - 1)
    #expect(stages.contains { $0["along"] == "t" && $0["isBackward"] == true && $0["sliced"] == "b" })
    #expect(try graph("--emit", "summary", "--json", "-").json()["parameters"] == 72)
    // Beside a drawing it is one more file.
    try withTemporaryFolder { folder in
      let drawn = graph("-o", folder + "/g.svg", "--json", folder + "/g.json")
      #expect(drawn.status == 0 && drawn.output == "")
      let both = graph("-o", folder + "/h.svg", "--json")
      #expect(try both.output == String(contentsOfFile: folder + "/g.json", encoding: .utf8))
      #expect(FileManager.default.fileExists(atPath: folder + "/h.svg"))
      let shown = graph("--emit", "recorded", "--json", folder + "/r.json")
      let shownGraph = try Graph(parsing: shown.output)
      #expect(shownGraph.count == printed.count)
    }
  }

  @Test func equationsAreThoseOfTheCell() throws {
    let text = graph("--format", "text").output
    #expect(text.contains("c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t\n") && !text.contains("dL/d"))
    #expect(graph("--format", "text", "--emit", "gradient").output.contains("dL/dW_f = ∑_t δ_{f,t} [h_{t-1}, x_t]ᵀ\n"))
    let latex = graph("--format", "latex", "--emit", "gradient").output
    #expect(latex.contains(#"\frac{d L}{d b_o} &= \sum_t \delta_{o,t}"#))
    // A text with a gradient is the cell that it begins with.
    try withTemporaryFolder { folder in
      #expect(graph("-o", folder + "/lstm.tex").output == "")
      try latex.write(toFile: folder + "/gradient.tex", atomically: true, encoding: .utf8)
      for name in ["lstm.tex", "gradient.tex"] {
        let read = ebb(
          "graph", "--cell", folder + "/" + name, "--hidden", "3", "--input", "2", "--emit", "gradient", "--format",
          "latex")
        #expect(read.output == latex, "\(read.messages)")
      }
    }
  }

  @Test func equationsInSwift() {
    let swift = graph("--format", "swift").output
    #expect(swift.contains("struct LSTM: RecurrentCell {"))
    #expect(swift.contains(#"sigmoid(scope.affine("forget", [h, x], units, bias: .constant(1))).named("forget")"#))
    #expect(swift.contains("return h.next(output * tanh(nextC))"))
    let gradient = graph("--format", "swift", "--emit", "gradient").output
    #expect(gradient.contains("callAsFunction(_ x: Signal, _ lossByH: Signal, _ scope: Scope) -> [String: Signal] {"))
    #expect(gradient.contains("later2.next(cBar * forget)"))
    #expect(gradient.contains("\"input.bias\": sum(inputDelta, over: x.domain),"))
    #expect(graph("--format", "latex", "--emit", "plan").messages.contains("those of --emit recorded or gradient"))
    #expect(graph("--format", "latex", "--unrolled", "3").messages.contains("equations hold for every step"))
    let esn = ebb("graph", "--cell", "esn", "--format", "text", "--emit", "gradient")
    #expect(esn.status != 0 && esn.messages.contains("no trained parameter"))
  }

  @Test func drawings() throws {
    #expect(graph("--format", "dot", "--emit", "recorded").output.hasPrefix("digraph"))
    #expect(graph("--format", "svg", "--emit", "recorded").output.contains("<svg"))
    try withTemporaryFolder { folder in
      let path = folder + "/graph.svg"
      #expect(graph("--format", "svg", "--output", path).status == 0)
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }
}

@Suite struct CheckCommandTests {
  @Test func gradientsOfACellPass() throws {
    let outcome = ebb("check", "--cell", "mgu", "--length", "3", "--hidden", "2")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("candidate.weight") && outcome.output.contains("h.initial"))
    #expect(outcome.output.contains("All within 1e-06"))
    let json = try ebb("check", "--cell", "mgu", "--length", "3", "--hidden", "2", "--json", "-").json()
    #expect(json["values"]?.array?.count == 6)
  }

  @Test func gradientsOfACellThatDrawsPass() {
    let cells: CellLibrary = ["zoneout": { Zoneout(Elman(units: $0), 0.4) }]
    let outcome = ebb("check", "--length", "3", "--hidden", "2", cells: cells)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func aWrongGradientFails() {
    let outcome = ebb("check", "--length", "3", "--hidden", "2", cells: ["stepped": Stepped.init])
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("NOT within"))
  }

  /// Sizes are tried until the cell can be recorded, unless they are given.
  @Test func sizesThatFitAreFound() {
    let outcome = ebb("check", "--length", "3", cells: ["halves": Halves.init])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.messages.contains("halves is checked with 4 units and 4 features, which fit it"))
    let given = ebb("check", "--length", "3", "--hidden", "5", cells: ["halves": Halves.init])
    #expect(given.status != 0 && given.messages.contains("equal parts"))
  }

  @Test(
    arguments: [
      ("withGradient (its declared derivative)", { @Sendable units in Rounded(units: units) }),
      ("stopGradient (held at its value)", { @Sendable units in Stopped(units: units) }),
      ("stopGradient (held at its value), 2 times", { @Sendable units in StraightThrough(units: units) }),
      ("clipGradient to a norm of 0.001 (left out)", { @Sendable units in Clipped(units: units) }),
    ] as [(String, @Sendable (Int) -> any RecurrentCell)])
  func aDeclaredGradientIsNamedAndNoError(words: String, cell: @escaping @Sendable (Int) -> any RecurrentCell) throws {
    let outcome = ebb("check", "--length", "4", "--hidden", "3", cells: ["own": cell])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("Declared gradients: \(words)\n"), "\(outcome.output)")
    let json = try ebb("check", "--length", "4", "--hidden", "3", "--json", cells: ["own": cell]).json()
    #expect(json["surrogates"]?.array?.first?.string?.isEmpty == false)
  }

  /// A check and a profile name what no kernel computes below their tables, other commands in a note, once.
  @Test func whatNoKernelComputesIsNamed() throws {
    let cells: CellLibrary = ["varying": Varying.init]
    let check = ebb("check", "--length", "2", "--hidden", "3", cells: cells)
    #expect(check.status == 0)
    #expect(check.output.contains("\nSlow: matrixExponential (written: {t, b} [3, 3]) has no kernel"))
    #expect(!check.messages.contains("no kernel"))
    let profile = ebb("profile", "--cell", "varying", "--shape", "3,2,2,3", "--runs", "1", cells: cells)
    #expect(profile.output.contains("\nSlow: matrixExponential"))
    let flow = ebb("flow", "--length", "4", "--hidden", "3", cells: cells)
    let notes = flow.messages.split(separator: "\n").filter { $0.contains("no kernel") }
    #expect(notes.count { $0.hasPrefix("note: varying: matrixExponential (written") } == 1, "\(flow.messages)")
    #expect(!ebb("flow", "--length", "4", "--hidden", "3").messages.contains("no kernel"))
  }
}
