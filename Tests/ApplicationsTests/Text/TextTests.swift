import EbbApplications
import EbbCells
import EbbExecution
import EbbFiles
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

@Suite struct VocabularyTests {
  @Test func charactersAreWhatReadersSee() throws {
    let text = "été 👩‍👩‍👧 ok\n"
    let vocabulary = Vocabulary(of: text, tokenKind: .characters)
    #expect(vocabulary.count == Set(text).count + 1 && vocabulary.token(0) == Vocabulary.unknown)
    #expect(vocabulary.encode(text).count == text.count)
    #expect(vocabulary.decode(vocabulary.encode(text)) == text)
    #expect(vocabulary.encode("xé") == [0, vocabulary.encode("é")[0]])
    #expect(vocabulary.unknownTokens(of: "xyzx é") == ["x", "y", "z"])
  }

  @Test func wordsAndPunctuationAreTokens() {
    let text = "Don't go, well-known (old) friend!\n\"Yes\" - no."
    let vocabulary = Vocabulary(of: text, tokenKind: .words)
    let tokens = vocabulary.encode(text).map { vocabulary.token($0) }
    #expect(
      tokens == [
        "Don't", "go", ",", "well-known", "(", "old", ")", "friend", "!", "\n", "\"", "Yes", "\"", "-", "no", ".",
      ])
    #expect(vocabulary.decode(vocabulary.encode("go , friend ( old )\nno .")) == "go, friend (old)\nno.")
    let friend = vocabulary.encode("friend")
    #expect(vocabulary.decode(friend, after: vocabulary.encode("old")[0]) == " friend")
    #expect(vocabulary.decode(friend, after: vocabulary.encode("\n")[0]) == "friend")
  }

  @Test func rareTokensAreUnknown() {
    let text = "a a a b b c"
    #expect(Vocabulary(of: text, tokenKind: .words).tokens == [Vocabulary.unknown, "a", "b", "c"])
    #expect(Vocabulary(of: text, tokenKind: .words, minimumCount: 2).tokens.dropFirst() == ["a", "b"])
    #expect(Vocabulary(of: text, tokenKind: .words, limit: 2).encode(text) == [1, 1, 1, 0, 0, 0])
  }

  @Test func aFilesVocabularyIsChecked() throws {
    let vocabulary = Vocabulary(of: "b a\n", tokenKind: .characters)
    let json = try JSONEncoder().encode(vocabulary)
    #expect(try JSONDecoder().decode(Vocabulary.self, from: json) == vocabulary)
    for tokens in ["[]", "[\"a\"]", "[\"\u{FFFD}\",\"a\",\"a\"]", "[\"\u{FFFD}\",\"\"]"] {
      let text = "{\"unit\":\"words\",\"tokens\":\(tokens)}"
      #expect(throws: DecodingError.self) { try JSONDecoder().decode(Vocabulary.self, from: Data(text.utf8)) }
    }
  }
}

@Suite struct TextFileTests {
  private func with(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).txt").path
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func message(_ path: String) -> String? {
    let error = #expect(throws: FileError.self) { try TextFile(contentsOf: path) }
    return error?.description
  }

  @Test func lineEndsAreMadeAlike() throws {
    try with([0xEF, 0xBB, 0xBF] + Array("a\r\nb\rc\n".utf8)) { path in
      let file = try TextFile(contentsOf: path)
      #expect(file.text == "a\nb\nc\n" && file.source == path)
    }
  }

  @Test func whatIsNoTextIsAnErrorWithItsLine() throws {
    try with(Array("ok\nok\nb".utf8) + [0xC3, 0x28, 0x0A]) { path in
      #expect(message(path) == "\(path):3: this is no UTF-8 text; convert the file to UTF-8")
    }
    try with([]) { #expect(message($0)?.contains("the file is empty") == true) }
    #expect(message("/no/such/file") == "/no/such/file: there is no such file")
    #expect(message("/")?.contains("this is a folder") == true)
  }
}

@Suite struct TokenStreamsTests {
  @Test func everyTokenIsTheTargetOfTheOneBefore() throws {
    // Two streams of 5 steps: 0 … 4 and 5 … 9; 10 is a target only, 11 is left over.
    let streams = try TokenStreams(Array(0...11), count: 2, window: 2)
    #expect(streams.length == 5 && streams.batchesPerEpoch == 2)
    #expect(streams.batch(0)["tokens"] == Tensor([2, 2], [0, 5, 1, 6] as [Int32]))
    #expect(streams.batch(1)["tokens"] == Tensor([2, 2], [2, 7, 3, 8] as [Int32]))
    #expect(streams.batch(1)["targets"] == Tensor([2, 2], [3, 8, 4, 9] as [Int32]))
    #expect(streams.batch(2) == streams.batch(0))
    #expect((0..<4).map { streams.batch($0)["begins"]!.doubles[0] } == [1, 0, 1, 0])
    let overlapping = try TokenStreams(Array(0...11), count: 2, window: 3, stride: 1)
    #expect(overlapping.batchesPerEpoch == 3)
    #expect(overlapping.batch(2)["tokens"] == Tensor([3, 2], [2, 7, 3, 8, 4, 9] as [Int32]))
  }

  @Test func tooFewTokensAreAnError() {
    let error = #expect(throws: FileError.self) { try TokenStreams([1, 2, 3], count: 2, window: 2, source: "a.txt") }
    #expect(error?.description.contains("a.txt: 3 tokens are too few for 2 streams") == true)
    #expect(throws: FileError.self) { try TokenStreams([], count: 1, window: 1) }
  }
}

@Suite struct SamplingTests {
  static let logits = [9, log(0.5), log(0.3), log(0.2)]

  @Test func probabilitiesAreThoseOfTheSoftmax() {
    func probabilities(_ sampling: Sampling) -> [Int: Double] { frequencies(sampling, Self.logits) }
    // The unknown token, whose logit is the largest, is never chosen.
    let all = probabilities(Sampling())
    #expect(all[0] == nil)
    for (token, probability) in [(1, 0.5), (2, 0.3), (3, 0.2)] {
      #expect(abs(all[token, default: 0] - probability) < 0.03)
    }
    // p^(1/T): 0.25, 0.09, 0.04 of 0.38
    let cold = probabilities(Sampling(temperature: 0.5))
    #expect(abs(cold[1, default: 0] - 0.25 / 0.38) < 0.03 && abs(cold[3, default: 0] - 0.04 / 0.38) < 0.03)
    let two = probabilities(Sampling(topK: 2))
    #expect(two[3] == nil && abs(two[1, default: 0] - 0.625) < 0.03)
    #expect(probabilities(Sampling(temperature: 0)) == [1: 1])
    // Far apart logits neither overflow nor divide by zero.
    #expect(frequencies(Sampling(temperature: 1e-9), [0, 1e30, -1e30]) == [1: 1])
  }

  private func frequencies(_ sampling: Sampling, _ logits: [Double]) -> [Int: Double] {
    var counts: [Int: Double] = [:]
    let recording = TextModelTests.fixed(logits)
    for draw in 0..<4000 {
      if let token = recording(sampling, draw) { counts[Int(token), default: 0] += 1 / 4000 }
    }
    return counts.mapValues { ($0 * 4000).rounded() / 4000 }
  }
}

@Suite struct TextModelTests {
  /// Draws from these logits.
  static func fixed(_ logits: [Double]) -> (Sampling, Int) -> Int32? {
    { sampling, draw in sampling.token(logits, draw: draw) }
  }

  static func settings(_ kind: Vocabulary.TokenKind = .characters) -> TextSettings {
    var settings = TextSettings(tokenKind: kind)
    (settings.layers, settings.units, settings.embedding, settings.dropout) = (1, 16, 8, 0)
    (settings.steps, settings.batchSize, settings.window, settings.learningRate) = (60, 4, 10, 0.03)
    (settings.evaluationInterval, settings.minimumCount) = (20, 1)
    return settings
  }

  /// The words one, two, three and four follow each other for ever.
  static let text = String(repeating: "one two three four ", count: 60)

  private func trained(_ kind: Vocabulary.TokenKind) throws -> TextTrainer {
    let trainer = try TextTrainer(try TextFile(Self.text), settings: Self.settings(kind)) { GRU(units: $0) }
    _ = try trainer.train()
    return trainer
  }

  @Test func aRepeatedTextIsLearned() throws {
    let trainer = try trained(.characters)
    let loss = try trainer.heldOutLoss()
    // Knowing nothing costs ln 11 = 2.4 nats.
    #expect(loss < 0.3, "\(loss)")
    let model = try trainer.model()
    let words = try model.candidates(after: "one two three f", count: 3)
    #expect(words.first?.text == "our" && words[0].probability > 0.7, "\(words)")
    #expect(try model.candidates(after: "three four ", count: 1).first?.text == "one")
    #expect(try model.candidates(after: "three four", count: 1).first?.text == " one")
    let text = try model.continuation(of: "one t", length: 23, Sampling(temperature: 0))
    #expect(text == "wo three four one two t")
    // The held-out loss of the streams is that of the text as one sequence.
    let tokens = trainer.heldOut
    let outputs = try trainer.trainer.evaluate(
      tokens.piece(0..<tokens.length, begins: true).filter { $0.key != "begins" })
    #expect(abs(outputs["loss"]!.doubles[0] - loss) < 1e-5)
  }

  @Test func theBestParametersAreKept() throws {
    let trainer = try TextTrainer(try TextFile(Self.text), settings: Self.settings()) { GRU(units: $0) }
    let result = try trainer.train()
    let best = trainer.trainer.state.earlyStopping?.bestParameters
    try trainer.trainer.setParameters(trainer.trainer.recording.initialValues(seed: 9))
    let worse = try trainer.heldOutLoss()
    #expect(result.bestHeldOutLoss.map { $0 < worse } == true)
    #expect(try trainer.model(best: true).file().parameters == best)
    #expect(try trainer.model().file().parameters == trainer.trainer.parameters)
  }

  @Test func wordsAreLearned() throws {
    let trainer = try trained(.words)
    #expect(trainer.vocabulary.count == 5)
    let model = try trainer.model()
    #expect(try model.candidates(after: "one two", count: 1).first?.text == " three")
    #expect(try model.continuation(of: "two", length: 3, Sampling(temperature: 0)) == " three four one")
  }

  /// The search finds what an exhaustive sum over all texts of few characters gives.
  @Test func candidatesHaveTheProbabilitiesOfTheirCharacters() throws {
    let model = try trained(.characters).model()
    for candidate in try model.candidates(after: "one two ", count: 4) {
      // Π of the characters' probabilities, times that of an end of the word
      var (probability, text) = (1.0, "one two ")
      func next(_ text: String) throws -> [(String, Double)] {
        let stream = model.stream
        stream.reset()
        let tokens = model.vocabulary.encode(text)
        let logits = try stream.run(["tokens": Tensor([tokens.count, 1], tokens)])["logits"]!.doubles
          .suffix(model.vocabulary.count)
        let weights = logits.dropFirst().map { exp($0) }
        return zip(model.vocabulary.tokens.dropFirst(), weights).map { ($0, $1 / weights.reduce(0, +)) }
      }
      for character in candidate.text {
        probability *= try next(text).first { $0.0 == String(character) }?.1 ?? 0
        text.append(character)
      }
      if candidate.text.last?.isLetter == true {
        probability *= try next(text).filter { !$0.0.allSatisfy(\.isLetter) }.reduce(0) { $0 + $1.1 }
      }
      #expect(abs(candidate.probability - probability) < 1e-4 * max(probability, 1e-3), "\(candidate)")
    }
  }

  @Test func theSameSeedWritesTheSameText() throws {
    let model = try trained(.characters).model()
    let texts = try [1, 1, 2].map { seed in
      try model.continuation(of: "o", length: 40, Sampling(temperature: 3, seed: seed))
    }
    #expect(texts[0] == texts[1] && texts[0] != texts[2] && texts[0].count == 40)
    let error = #expect(throws: TrainingError.self) {
      try model.continuation(of: "o", length: 1, Sampling(temperature: -1))
    }
    #expect(error?.description == "the temperature is at least 0, not -1.0")
  }

  @Test func aModelComesBackFromItsFile() throws {
    let trainer = try trained(.words)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try trainer.model(cell: "gru").file().write(to: path)
    let file = try ModelFile(contentsOf: path)
    let configuration = try file.configuration(TextModel.Configuration.self, kind: TextModel.kind)
    #expect(configuration.cell == "gru")
    let model = try TextModel(configuration, parameters: file.parameters) { GRU(units: $0) }
    #expect(try model.candidates(after: "one") == trainer.model().candidates(after: "one"))
    // Another cell has other parameters.
    #expect(throws: TrainingError.self) {
      try TextModel(configuration, parameters: file.parameters) { LSTM(units: $0) }.candidates(after: "one")
    }
    var hostile = configuration
    hostile.settings.layers = 1_000_000_000
    #expect(throws: TrainingError.self) { try TextModel(hostile, parameters: file.parameters) { GRU(units: $0) } }
  }

  @Test func overlappingWindowsCountTheirLastStepsOnly() throws {
    let recording = try Recording.languageModel([GRU(units: 4)], tokens: 5, embedding: 3, counted: 2)
    let model = try Trainer(recording)
    let batch = [
      "tokens": Tensor([4, 1], [1, 2, 3, 4] as [Int32]), "targets": Tensor([4, 1], [2, 3, 4, 1] as [Int32]),
    ]
    let outputs = try model.evaluate(batch)
    let losses = outputs["losses"]!.doubles
    #expect(abs(outputs["loss"]!.doubles[0] - (losses[2] + losses[3]) / 2) < 1e-6)
    // k₁ < k₂ trains as well.
    var settings = Self.settings()
    settings.stride = 5
    settings.steps = 120
    let trainer = try TextTrainer(try TextFile(Self.text), settings: settings) { GRU(units: $0) }
    #expect(try trainer.train().heldOutLoss < 0.3)
  }

  @Test func settingsThatMakeNoSenseAreErrors() throws {
    let changes: [(String, (inout TextSettings) -> Void)] = [
      ("layers: at least 1, not 0", { $0.layers = 0 }),
      ("the rate of dropout is in 0 ..< 1, not 1.0", { $0.dropout = 1 }),
      ("the stride is at most the window, 10, not 11", { $0.stride = 11 }),
      ("1026 tokens are too few for 400 streams", { $0.batchSize = 400 }),
    ]
    for (message, change) in changes {
      var settings = Self.settings()
      change(&settings)
      let error = #expect(throws: TrainingError.self) {
        try TextTrainer(try TextFile(Self.text), settings: settings) { GRU(units: $0) }
      }
      #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
  }
}
