import EbbCells
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTestSupport
import EbbTransforms
import Testing

/// A plan's text reads back into the same plan, and no text makes the parser trap.
@Suite struct PlanTextTests {
  private static func drawn(_ seed: UInt64) throws -> [Graph] {
    var options = RandomGraph.Options()
    options.reducesProducts = seed % 2 == 0
    let sample = RandomGraph.make(seed: seed, options: options)
    var graph = sample.graph
    let gradients = try graph.gradient(of: sample.loss, withRespectTo: sample.parameters)
    for (index, gradient) in gradients.enumerated() { graph.setOutput("d\(index)", gradient) }
    return [graph, try Passes.optimized(graph)]
  }

  private func expectEqual(_ plan: Plan, _ other: Plan) {
    #expect(plan.description == other.description)
    #expect("\(plan.stages)" == "\(other.stages)")
    #expect("\(plan.values)" == "\(other.values)")
    #expect(plan.weights == other.weights)
    #expect(plan.axes == other.axes && plan.inputs == other.inputs && plan.outputs == other.outputs)
  }

  /// Seed 379 has running sums of vectors along an axis that remains.
  @Test(arguments: Set(0..<UInt64(RandomGraph.seedCount(30))).union([379]).sorted())
  func drawnPlansReadBack(seed: UInt64) throws {
    for graph in try Self.drawn(seed) {
      let plan = Plan(graph)
      #expect(plan.problem == nil, "seed \(seed):\n\(graph)\n\(plan)")
      expectEqual(try Plan(parsing: plan.description, of: graph), plan)
    }
  }

  @Test func plansOfCellsReadBack() throws {
    let cells: [any RecurrentCell] = [LSTM(units: 40), GRU(units: 5), LayerNormLSTM(units: 17), PeepholeLSTM(units: 8)]
    for cell in cells {
      let graph = try Passes.optimized(RunningSumTests.step(cell).graph)
      let plan = Plan(graph)
      expectEqual(try Plan(parsing: plan.description, of: graph), plan)
    }
  }

  /// Words that are left out, doubled or exchanged: an error with its place, or another plan, and never a trap.
  @Test(arguments: 0..<UInt64(RandomGraph.seedCount(20))) func damagedTextsAreRefused(seed: UInt64) throws {
    let graph = try Self.drawn(seed)[1]
    let text = Plan(graph).description
    var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    var random = SplitMix(seed)
    var refused = 0
    for _ in 0..<40 {
      let place = Int.random(in: words.indices, using: &random)
      let other = Int.random(in: words.indices, using: &random)
      let kept = words
      switch Int.random(in: 0..<3, using: &random) {
      case 0: words.remove(at: place)
      case 1: words.insert(words[other], at: place)
      default: words.swapAt(place, other)
      }
      do {
        _ = try Plan(parsing: words.joined(separator: " "), of: graph)
      } catch {
        refused += 1
      }
      words = kept
    }
    #expect(refused > 20)
  }

  @Test func errorsSayWhereAndWhat() throws {
    let graph = try Graph(
      parsing:
        "axis t: time\naxis b: batch\n\n%0 x: f32 {t, b} [3] = input\n%1: f32 {t, b} [3] = tanh(x)\n\noutput y = %1\n")
    let text = Plan(graph).description
    func refusal(_ old: String, _ new: String) -> String {
      do throws(ParseError) {
        #expect(text.contains(old), "\(text)")
        _ = try Plan(parsing: text.replacing(old, with: new), of: graph)
        return "accepted"
      } catch {
        return error.description
      }
    }
    #expect(refusal("= tanh(", "= tan(") == "4:10: a program has no operation tan")
    #expect(refusal("result %1", "result %7") == "3:65: the graph has no node %7")
    #expect(refusal("phase 0\n  program", "phase one\n  program").hasPrefix("2:9: expected a phase"))
    #expect(refusal("32 bits, 1 op", "31 bits, 1 op").hasPrefix("3:28: numbers have 32 or 64 bits"))
    #expect(refusal("%1 = v1 × 3", "%1 = v1 × 300").contains("features beyond the end of v1"))
  }

  /// Each rule of a plan, broken in the text of one that keeps it.
  @Test(arguments: [
    ("  before the steps: pack w0\n", "", "w0 is read before it is packed"),
    ("phase 0\n  before", "phase 1\n  before", "stage 0 is swept forward in phase 1"),
    ("stage 0, level 1", "stage 0, level 3", "a stage of level 2 follows one of level 3"),
    ("stage 1, level 2", "stage 1, level 1", "stage 1 touches what stage 0 of the same level writes"),
    ("shifted by -1", "shifted by -2", "%3 is shifted by -2, and v4 has no places for that"),
    ("%1 R = v1 × 9", "%1 R = v1 × 99", "%1 has features beyond the end of v1"),
    ("from v1[0 +", "from v1[1 +", "a part of a matrix lies outside v1"),
    ("    %5 = sin(%0 x)\n", "    %0 x = sin(%0 x)\n", "a program writes an operand that it only reads"),
    ("  %6 = %3 · w0 + %5\n", "  %6 = %3 · w0 + %6\n", "v3 is read before it is written"),
    ("  %8 = Σ {t, b} %7 h\n", "  %8 = Σ {t, b} %6\n", "v3 keeps only a few steps, and is touched outside its sweep"),
    ("  %8 = Σ {t, b} %7 h\n", "", "nothing writes the output sum"),
  ]) func brokenRulesAreNamed(old: String, new: String, problem: String) throws {
    let sample = try #require(PlanningSample.all.first { $0.step == nil })
    #expect(sample.result.contains(old))
    #expect {
      try Plan(parsing: sample.result.replacing(old, with: new), of: try Graph(parsing: sample.graph))
    } throws: {
      "\($0)".contains(problem)
    }
  }
}
