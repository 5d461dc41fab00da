import Ebb
import EbbApplications
import Foundation

/// The network of a translation: in training, running free, and one step at a time.
struct Translator {
  var words: Int
  var digits: Int
  var units = 64
  /// The encoder's features per word.
  var features = 32

  /// The encoder's memory: a vector for each word.
  private func memory(_ words: Signal, _ scope: Scope) -> Signal {
    let directions = Bidirectional(GRU(units: features / 2), GRU(units: features / 2))
    return scope.run(Stack([Embedding(tokens: self.words, units: 24), directions]), words, named: "encoder")
  }

  /// The logits of each digit, and the decoder's attention.
  private func decode(
    _ feed: TokenFeedback.Feed, reading memory: Signal, along source: Axis, _ scope: Scope
  ) -> (logits: Signal, tokens: Signal, weights: Signal) {
    let decoder = AttentionDecoder(GRU(units: units), units: units, Attention(.additive(units: 16)))
    let feedback = TokenFeedback(tokens: digits, units: 16, start: Vocabulary.end)
    var looks = memory
    let (logits, tokens) = feedback(feed, scope.child("decoder")) { x, scope in
      let (y, weights) = decoder(x, reading: memory, along: source, scope)
      looks = weights
      return scope.run(Dense(units: digits), y, named: "readout")
    }
    return (logits, tokens, looks)
  }

  // MARK: Training

  /// With teacher forcing, on sequences of different lengths on both sides.
  func training() throws -> Recording {
    try Recording { scope in
      let (source, target, batch) = (scope.time("source"), scope.time("target"), scope.batch("batch"))
      scope.lengths("words.lengths", of: source, over: [batch])
      scope.lengths("digits.lengths", of: target, over: [batch])
      let memory = memory(scope.input("words", over: [source, batch], as: .int32), scope)
      let truth = scope.input("digits", over: [target, batch], as: .int32)
      let result = decode(.target(truth), reading: memory, along: source, scope.over(target))
      scope.output("loss", crossEntropy(result.logits, truth))
    }
  }

  func batch(_ pairs: [NumberWords.Pair]) -> [String: Tensor] {
    [
      "words": Tensor(sequences: pairs.map(\.words)), "words.lengths": Tensor(lengthsOf: pairs.map(\.words)),
      "digits": Tensor(sequences: pairs.map(\.digits)), "digits.lengths": Tensor(lengthsOf: pairs.map(\.digits)),
    ]
  }

  // MARK: Running free

  /// The most likely digit at each step, which the next step reads: the same parameters with another feed.
  func translate(_ sentences: [[Int]], _ parameters: [String: Tensor]) throws -> [[Int]] {
    let recording = try Recording { scope in
      let (source, target, batch) = (scope.time("source"), scope.time("target"), scope.batch("batch"))
      scope.lengths("words.lengths", of: source, over: [batch])
      let memory = memory(scope.input("words", over: [source, batch], as: .int32), scope)
      scope.output("tokens", decode(.own, reading: memory, along: source, scope.over(target)).tokens)
    }
    let inputs = ["words": Tensor(sequences: sentences), "words.lengths": Tensor(lengthsOf: sentences)]
    let tokens = try recording.evaluator(parameters)(Bindings(inputs, lengths: ["target": 8]))["tokens"]?.doubles ?? []
    return sentences.indices.map { row in
      stride(from: row, to: tokens.count, by: sentences.count).map { Int(tokens[$0]) }.untilEnd
    }
  }

  /// For one sentence at a time: all sequences of a search read the same memory, so it has no batch axis.
  func searching(_ parameters: [String: Tensor]) throws -> SearchingTranslator {
    let encoder = try Recording { scope in
      let source = scope.time("source")
      scope.output("memory", memory(scope.input("words", over: [source], as: .int32), scope))
    }
    let decoder = try Recording { scope in
      let (source, time, beam) = (scope.time("source"), scope.time("time"), scope.batch("beam"))
      let memory = scope.input("memory", [features], over: [source])
      let previous = scope.input("previous", over: [time, beam], as: .int32)
      let inner = scope.over(time).starting(.input(over: [beam]))
      let result = decode(.previous(previous), reading: memory, along: source, inner)
      scope.output("logProbabilities", logSoftmax(result.logits))
      scope.output("weights", result.weights)
    }
    return SearchingTranslator(
      encode: try encoder.evaluator(parameters), stepper: try TokenStepper(decoder, parameters: parameters))
  }
}

/// A trained translator that searches for the most likely digits.
struct SearchingTranslator {
  var encode: (Bindings) throws -> [String: Tensor]
  var stepper: TokenStepper

  func search(_ sentence: [Int], width: Int = 4) throws -> [BeamSearch.Hypothesis] {
    let context = try read(sentence)
    let search = BeamSearch(width: width, longest: 8, end: Vocabulary.end)
    return try search(from: stepper.zeros) { try stepper($0, context: context) }
  }

  private func read(_ sentence: [Int]) throws -> [String: Tensor] {
    try encode(Bindings(["words": Tensor([sentence.count], sentence.map(Int32.init))]))
  }

  /// A table of how much each digit attends to each word.
  func alignment(_ sentence: [Int], _ language: NumberWords) throws -> String {
    let context = try read(sentence)
    let digits = try search(sentence).first?.tokens ?? []
    var (state, columns) = (stepper.zeros, [[Double]]())
    for last in [nil] + digits.dropLast().map(Optional.some) {
      let (results, outputs) = try stepper.step([(state, last)], context: context)
      state = results[0].state
      columns.append(outputs["weights"]?.doubles ?? [])
    }
    let width = sentence.map { language.words.words[$0].count }.max() ?? 0
    let header = String(repeating: " ", count: width) + digits.map { "  " + language.digits.words[$0] }.joined()
    let rows = sentence.enumerated().map { row, word in
      let name = language.words.words[word]
      return name + String(repeating: " ", count: width - name.count) + columns.map { " " + shade($0[row]) }.joined()
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// A share between 0 and 1 as a tone of grey, two characters wide.
  private func shade(_ share: Double) -> String {
    let tones: [Character] = [" ", "░", "▒", "▓", "█"]
    let tone = tones[min(Int(share * 5), 4)]
    return String([tone, tone])
  }
}

extension Double {
  var exponential: Double { exp(self) }
}
