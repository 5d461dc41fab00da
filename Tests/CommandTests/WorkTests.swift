import EbbCells
import EbbDiagnostics
import EbbRecording
import EbbMarkup
import EbbTraining
import Foundation
import Testing

@testable import EbbCommand

/// What is said of work that is much, and of work that goes on.
@Suite struct WorkTests {
  @Test(arguments: [
    ["text", "train", "/no/file", "--layers", "64", "--hidden", "20000", "--window", "1", "--batch", "1"],
    ["flow", "--unrolled", "--length", "100000000", "--hidden", "2", "--batch", "1", "--input", "2"],
  ])
  func whatFitsIntoNoMemoryIsRefusedAtOnce(arguments: [String]) throws {
    try withTemporaryFolder { folder in
      let text = folder + "/text"
      try String(repeating: "a b c ", count: 400).write(toFile: text, atomically: true, encoding: .utf8)
      let outcome = ebb(
        arguments.map { $0 == "/no/file" ? text : $0 } + (arguments[0] == "text" ? ["--save", folder + "/m"] : []))
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.messages.contains("is too large for this machine, which has"), "\(outcome.messages)")
      #expect(outcome.messages.contains("What would fit: --"), "\(outcome.messages)")
      #expect(outcome.messages.contains(" parameters, about ") && outcome.messages.contains(" FLOP a step"))
    }
  }

  @Test func anEstimateIsWhatItSays() throws {
    let estimate = try WorkEstimate(LSTM(units: 30), length: 7, batch: 5, features: 11)
    // 4 n (n + m + 1) weights and biases; a step of products forward, and twice as many back.
    #expect(estimate.parameters == 4 * 30 * (30 + 11 + 1))
    #expect(estimate.operations > 2.5 * 2 * 7 * 5 * 4 * 30 * 41 && estimate.operations < 4 * 2 * 7 * 5 * 4 * 30 * 41)
    #expect(estimate.drawing == 4 * 4 * 30 * 30 * 30)
    let memory = 3 * estimate.bytes
    let factor = estimate.unitsFactor(fitting: memory)
    #expect(abs(factor * factor * estimate.parameterBytes + factor * estimate.valueBytes - memory) < 1e-6 * memory)
    let length = try #require(estimate.lengthFactor(fitting: memory))
    #expect(abs(estimate.parameterBytes + length * estimate.valueBytes - memory) < 1e-6 * memory)
  }

  /// What is told without a plan is the same, but for memory, of which no plan takes more.
  @Test(arguments: [(1, 1, 1, 1), (1, 9, 3, 33), (40, 1, 1, 64), (5, 17, 40, 2)])
  func aBoundNeedsNoPlan(length: Int, batch: Int, features: Int, units: Int) throws {
    func compare(_ cell: some RecurrentCell) throws {
      func estimate(_ isPlanned: Bool) throws -> WorkEstimate {
        try WorkEstimate(cell, length: length, batch: batch, features: features, layers: 2, isPlanned: isPlanned)
      }
      var bound = try estimate(false)
      let planned = try estimate(true)
      #expect(bound.valueBytes >= planned.valueBytes, "\(cell)")
      bound.valueBytes = planned.valueBytes
      #expect(bound == planned, "\(cell)")
    }
    try compare(SimpleRNN(units: units))
    try compare(LSTM(units: units))
    try compare(GRU(units: units))
    try compare(LayerNormLSTM(units: units))
  }

  /// Of a whole network, with its embedding, both directions and the read-out.
  @Test func aNetworkIsEstimatedAsAWhole() throws {
    let lengths = ["t": 7, "b": 5]
    let recording = try Recording.sequential(
      .tokens, [Embedding(tokens: 50, units: 11), LSTM(units: 30), LastStep(), Dense(units: 2)], loss: .crossEntropy)
    let (whole, cell) = (
      try WorkEstimate(of: recording, lengths: lengths),
      try WorkEstimate(LSTM(units: 30), length: 7, batch: 5, features: 11)
    )
    #expect(whole.parameters == cell.parameters + 50 * 11 + 2 * 31)
    #expect(whole.operations > 0.6 * cell.operations && whole.operations < 1.6 * cell.operations)
    #expect(throws: DiagnosticError.self) { try WorkEstimate(of: recording, loss: "none", lengths: lengths) }
  }

  /// Sentiment's training is announced as the others are, and refused where no memory holds it.
  @Test func sentimentIsEstimatedBeforeItRuns() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/reviews.tsv"
      try (0..<40).map { "a film number \($0 % 7)\t\($0 % 2)\n" }.joined()
        .write(toFile: file, atomically: true, encoding: .utf8)
      func train(_ more: String...) -> Outcome {
        ebb(["sentiment", "train", file, "--save", folder + "/m", "--batch", "4", "--epochs", "1"] + more)
      }
      let small = train("--hidden", "2", "--embedding", "2")
      #expect(small.status == 0 && !small.messages.contains("FLOP a step"))
      let huge = train("--hidden", "4096", "--layers", "16")
      #expect(huge.status == 1 && huge.output.isEmpty)
      #expect(huge.messages.contains("sentiment is too large for this machine"), "\(huge.messages)")
      #expect(huge.messages.contains("What would fit: --hidden "), "\(huge.messages)")
    }
  }

  private final class Sink: @unchecked Sendable {
    private let lock = NSLock()
    private var text = ""
    func add(_ more: String) { lock.withLock { text += more } }
    var all: String { lock.withLock { text } }
    func output(isTerminal: Bool) -> CommandOutput {
      CommandOutput(write: { self.add($0) }, writeError: { self.add($0) }, isTerminal: isTerminal)
    }
  }

  private final class Clock: @unchecked Sendable {
    private let lock = NSLock()
    private var seconds = 1000.0
    func advance(_ step: Double) { lock.withLock { seconds += step } }
    var now: Double { lock.withLock { seconds } }
  }

  @Test(arguments: [false, true])
  func silenceIsBroken(isTerminal: Bool) {
    let (sink, clock) = (Sink(), Clock())
    let activity = Activity(sink.output(isTerminal: isTerminal), silence: 5, now: { clock.now })
    func said(after step: Double) -> String {
      let before = sink.all
      clock.advance(step)
      activity.beat()
      return String(sink.all.dropFirst(before.count))
    }
    activity.begin("drawing")
    #expect(said(after: 4.5) == "")
    #expect(said(after: 1) == (isTerminal ? "\r\u{1B}[2Kdrawing: 5 s" : "drawing: 5 s\n"))
    // A terminal's line counts on; elsewhere silence begins again with each line.
    #expect(said(after: 2) == (isTerminal ? "\r\u{1B}[2Kdrawing: 7 s" : ""))
    activity.output.writeError("done\n")
    #expect(sink.all.hasSuffix(isTerminal ? "\r\u{1B}[2Kdone\n" : "drawing: 5 s\ndone\n"))
    #expect(said(after: 4.5) == "")
    activity.end()
    #expect(said(after: 100) == "")
  }

  @Test func theTimerLooksAtTheClock() {
    let sink = Sink()
    let activity = Activity(sink.output(isTerminal: false), silence: 0.02)
    let deadline = Date(timeIntervalSinceNow: 60)
    while sink.all.isEmpty, Date() < deadline { usleep(1000) }
    activity.end()
    #expect(sink.all.hasPrefix("at work: "))
  }

  @Test func budgetsHoldForTheEvaluationToo() throws {
    let plain = [
      "train", "--task", "adding", "--length", "300", "--steps", "2", "--hidden", "8", "--batch", "4", "--json",
    ]
    let free = ebb(plain)
    // What the training takes, and no more.
    let held = ebb(plain + ["--memory-budget", "400KB"])
    #expect(held.status == 0, "\(held.messages)")
    func evaluations(_ outcome: Outcome) throws -> JSONValue? { try outcome.json()["evaluations"] }
    #expect(try evaluations(free) == evaluations(held))
    let refused = ebb(plain + ["--memory-budget", "1000"])
    #expect(refused.status == 1 && refused.messages.contains("evaluation: a memory budget of 1000 bytes cannot be met"))
  }

  /// Also where many values are held out.
  @Test func budgetsHoldForForecastsOfManyValues() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.csv"
      try Data("y\n\((0..<900).map { "\(sin(0.3 * Double($0)))\n" }.joined())".utf8).write(to: URL(filePath: path))
      let plain = [
        "forecast", "train", path, "--steps", "2", "--hidden", "8", "--batch", "4", "--held-out", "0.6", "--json",
      ]
      let held = ebb(plain + ["--memory-budget", "100KB"])
      #expect(held.status == 0, "\(held.messages)")
      func result(_ outcome: Outcome, _ name: String) throws -> JSONValue? { try outcome.json()[name] }
      let free = ebb(plain)
      for name in ["methods", "evaluations"] { #expect(try result(free, name) == result(held, name)) }
      // What was not measured is null.
      let first = try result(free, "evaluations")?.array?.first
      #expect(first?["trainingLoss"] == .null && first?["validationLoss"] == .null, "\(String(describing: first))")
    }
  }
}
