import EbbCells
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Networks that produce tokens: what they read, and the search for likely sequences.
@Suite struct DecodingTests {
  // MARK: Feedback

  private static let feedback = TokenFeedback(tokens: 4, units: 3, start: 2)

  /// logits and tokens for given tokens, of one sequence.
  private func run(
    _ feed: (Scope, Signal) -> TokenFeedback.Feed, _ tokens: [Int32], evaluating: Bool = false, seed: UInt64 = 1
  ) throws -> (logits: Vector, tokens: [Int32], parameters: [String: Tensor]) {
    let model = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let y = scope.input("y", over: [time], as: .int32)
      let result = Self.feedback(feed(scope, y), scope.over(time)) { x, scope in
        scope.run(Stack([SimpleRNN(units: 3), Dense(units: 4)]), x, named: "body")
      }
      scope.output("logits", result.logits)
      scope.output("tokens", result.tokens)
      _ = last(y, along: time)
    }
    var values = model.initialValues(seed: 3).mapValues { Tensor($0.dimensions, $0.doubles.map { 3 * $0 }) }
    let parameters = values
    values["y"] = Tensor([tokens.count], tokens)
    var bindings = Bindings(values)
    bindings.seed = seed
    let found = try Interpreter.run(evaluating ? model.evaluationGraph : model.graph, bindings)
    return (found["logits"]?.doubles ?? [], (found["tokens"]?.doubles ?? []).map { Int32($0) }, parameters)
  }

  /// The network as a loop: the logits of each step, given the token before.
  private func loop(_ parameters: [String: Tensor], _ steps: Int, _ next: (Int, Vector) -> Int32) -> Vector {
    func numbers(_ name: String) -> Vector { parameters[name]?.doubles ?? [] }
    var (h, token, logits) = (Vector(repeating: 0, count: 3), 2, Vector())
    for step in 0..<steps {
      let x = numbers("table")[token * 3..<token * 3 + 3]
      h = tanh(
        matrixProduct(Array([h, Array(x)].joined()), numbers("body.layer0.recurrent.weight"))
          + numbers("body.layer0.recurrent.bias"))
      let z = matrixProduct(h, numbers("body.layer1.dense.weight")) + numbers("body.layer1.dense.bias")
      logits.append(contentsOf: z)
      token = Int(next(step, z))
    }
    return logits
  }

  private func likeliest(_ z: Vector) -> Int32 { Int32(z.indices.max { z[$0] < z[$1] } ?? 0) }

  @Test func teacherForcingReadsTheData() throws {
    let tokens: [Int32] = [3, 0, 0, 1, 2]
    let (logits, _, parameters) = try run({ .target($1) }, tokens)
    #expect(distance(logits, loop(parameters, 5) { step, _ in tokens[step] }) < 1e-12)
    // The same, step for step, with the tokens before given.
    let given = try run({ .previous($1) }, [2] + tokens.dropLast())
    #expect(distance(given.logits, logits) < 1e-12)
  }

  @Test func runningFreeReadsItsOwnChoices() throws {
    let (logits, tokens, parameters) = try run({ _, _ in .own }, [0, 0, 0, 0, 0, 0])
    let expected = loop(parameters, 6) { _, z in likeliest(z) }
    #expect(distance(logits, expected) < 1e-12)
    #expect(tokens == (0..<6).map { likeliest(Array(expected[$0 * 4..<$0 * 4 + 4])) })
  }

  /// Each step reads the data or the own choice; over many draws both; an evaluation only the data.
  @Test func scheduledSamplingMixesBoth() throws {
    let truth: [Int32] = [3, 0, 1]
    func mixed(_ scope: Scope, _ y: Signal) -> TokenFeedback.Feed { .mixed(y, own: 0.5, over: [Axis(0)]) }
    let parameters = try run(mixed, truth).parameters
    var seen = Set<Int>()
    for seed in 1...20 {
      let logits = try run(mixed, truth, seed: UInt64(seed)).logits
      let choices = (0..<4).filter { choice in
        let expected = loop(parameters, 3) { step, z in choice >> step & 1 == 1 ? likeliest(z) : truth[step] }
        return distance(logits, expected) < 1e-12
      }
      #expect(!choices.isEmpty)
      seen.formUnion(choices)
    }
    #expect(seen.count == 4)
    let evaluated = try run(mixed, truth, evaluating: true).logits
    #expect(distance(evaluated, loop(parameters, 3) { step, _ in truth[step] }) < 1e-12)
  }

  // MARK: Search

  /// A made language of three tokens and an end: log p depends on all tokens before.
  private static func logProbabilities(after tokens: [Int]) -> [Double] {
    var dice = SplitMix(tokens.reduce(5) { $0 &* 31 &+ UInt64($1 + 1) })
    let weights = (0..<4).map { _ in Double.random(in: 0.05...1, using: &dice) }
    return weights.map { log($0 / weights.reduce(0, +)) }
  }

  private func search(_ search: BeamSearch) -> [BeamSearch.Hypothesis] {
    search(from: []) { (beams: [(state: [Int], last: Int?)]) -> [(state: [Int], logProbabilities: [Double])] in
      beams.map { beam in
        let tokens = beam.state + (beam.last.map { [$0] } ?? [])
        return (tokens, Self.logProbabilities(after: tokens))
      }
    }
  }

  /// Every sequence of at most so many tokens, and its score.
  private func all(longest: Int, penalty: Double) -> [(tokens: [Int], score: Double)] {
    var (result, open) = ([(tokens: [Int], score: Double)](), [(tokens: [Int](), value: 0.0)])
    for length in 1...longest {
      var next: [(tokens: [Int], value: Double)] = []
      for (tokens, value) in open {
        let following = Self.logProbabilities(after: tokens)
        result.append((tokens, (value + following[3]) / pow(Double(5 + length) / 6, penalty)))
        next += (0..<3).map { (tokens + [$0], value + following[$0]) }
      }
      open = next
    }
    // Cut at the longest length, and scored with as many tokens.
    return result + open.map { ($0.tokens, $0.value / pow(Double(5 + longest) / 6, penalty)) }
  }

  @Test(arguments: [0, 0.8])
  func aBeamOfAllIsTheBestOfAll(penalty: Double) {
    let found = search(BeamSearch(width: 200, longest: 4, end: 3, lengthPenalty: penalty))
    let expected = all(longest: 4, penalty: penalty).sorted { $0.score > $1.score }
    #expect(found.count == expected.count)
    for (one, other) in zip(found, expected) {
      #expect(one.tokens == other.tokens)
      #expect(abs(one.score - other.score) < 1e-12)
    }
    #expect(found.allSatisfy { $0.isComplete == ($0.tokens.count < 4) || $0.tokens.count == 4 })
  }

  @Test func aBeamOfOneIsGreedy() {
    var tokens: [Int] = []
    while tokens.count < 6 {
      let following = Self.logProbabilities(after: tokens)
      let best = following.indices.max { following[$0] < following[$1] } ?? 0
      if best == 3 { break }
      tokens.append(best)
    }
    #expect(search(BeamSearch(width: 1, longest: 6, end: 3)).map(\.tokens) == [tokens])
  }

  @Test func aWiderBeamFindsNothingWorse() throws {
    let scores = [1, 2, 4, 16, 64].compactMap { search(BeamSearch(width: $0, longest: 5, end: 3)).first?.score }
    let best = try #require(all(longest: 5, penalty: 0).map(\.score).max())
    #expect(scores.count == 5)
    #expect(scores.allSatisfy { $0 <= best + 1e-12 })
    #expect(abs((scores.last ?? 0) - best) < 1e-12)
  }

  @Test func impossibleTokensAreNotTaken() {
    let found = BeamSearch(width: 3, longest: 5, end: 0)(from: 0) { beams in
      beams.map {
        (state: $0.state + 1, logProbabilities: [$0.state == 2 ? 0 : -.infinity, $0.state == 2 ? -.infinity : 0, .nan])
      }
    }
    #expect(found.map(\.tokens) == [[1, 1]])
    #expect(found.first?.isComplete == true)
  }
}
