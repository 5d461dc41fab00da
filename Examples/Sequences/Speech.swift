import Ebb
import EbbApplications

/// Features to a label: which word was spoken, from frames of a synthetic voice. Half of the words are other words
/// reversed, so the sounds without their order are not enough.
let speech = Example(name: "speech", summary: "frames of sound become the word that was said") { effort in
  let voice = Voice()
  let (steps, rate) = (effort(full: 120, quick: 40), 1e-2)
  func batch(_ seed: Int) -> [String: Tensor] {
    var dice = Dice(seed)
    return voice.batch((0..<32).map { _ in voice.utterance(&dice) })
  }
  var dice = Dice(-1)
  let held = voice.batch((0..<200).map { _ in voice.utterance(&dice) })
  var accuracies: [(name: String, accuracy: Double)] = []
  for (name, model) in [("the mean of the frames", SpokenWord.average), ("a bidirectional LSTM", SpokenWord.recurrent)]
  {
    show(name)
    let trainer = try train(try model.recording(voice), steps: steps, rate: rate, batch: batch)
    let outputs = try trainer.evaluate(held)
    guard let logits = outputs["logits"], let words = held["words"] else { preconditionFailure("there are no logits") }
    var matrix = ConfusionMatrix(classes: voice.words.count)
    matrix.add(scores: logits, targets: words)
    accuracies.append((name, matrix.accuracy))
    if model == .recurrent { show(voice.table(matrix)) }
  }
  for (name, accuracy) in accuracies { show("\(name): \(percent(accuracy)) right") }
}

/// A synthetic voice: each sound is a band of frequencies, held for a while, at the speaker's own pitch.
struct Voice {
  let words = ["amo", "oma", "nila", "alin", "soru", "uros", "tek", "ket"]
  let features = 12
  private let sounds: [Character: [Double]]

  init() {
    var dice = Dice(11)
    var bands: [Character: [Double]] = [:]
    for sound in Set(words.joined()).sorted() { bands[sound] = (0..<12).map { _ in dice.normal() } }
    sounds = bands
  }

  func utterance(_ dice: inout Dice) -> (frames: [[Double]], word: Int) {
    let word = Int.random(in: 0..<words.count, using: &dice)
    let pitch = (0..<features).map { _ in 0.3 * dice.normal() }
    let frames = words[word].flatMap { sound in
      (0..<Int.random(in: 2...7, using: &dice)).map { _ in
        zip(sounds[sound] ?? [], pitch).map { $0 + $1 + 0.5 * dice.normal() }
      }
    }
    return (frames, word)
  }

  /// Frames of different lengths, padded with zeros.
  func batch(_ utterances: [(frames: [[Double]], word: Int)]) -> [String: Tensor] {
    let longest = utterances.map(\.frames.count).max() ?? 0
    let silence = [Double](repeating: 0, count: features)
    let numbers = (0..<longest).flatMap { time in
      utterances.flatMap { time < $0.frames.count ? $0.frames[time] : silence }
    }
    return [
      "frames": Tensor([longest, utterances.count, features], numbers, as: .float32),
      "lengths": Tensor([utterances.count], utterances.map { Int32($0.frames.count) }),
      "words": Tensor([utterances.count], utterances.map { Int32($0.word) }),
    ]
  }

  /// How often each word was predicted for each other.
  func table(_ matrix: ConfusionMatrix) -> String {
    let columns = words.indices.map { taken in
      DataTable.Column.text(words[taken], words.indices.map { String(matrix[target: $0, prediction: taken]) })
    }
    return DataTable("", columns: [.text("said", words)] + columns).terminal()
  }
}

/// The layers between the frames and the word.
enum SpokenWord: Hashable {
  case average, recurrent

  func recording(_ voice: Voice) throws -> Recording {
    try Recording { scope in
      let (time, batch) = (scope.time("time"), scope.batch("batch"))
      scope.lengths("lengths", of: time, over: [batch])
      let frames = scope.input("frames", [voice.features], over: [time, batch])
      let word = scope.input("words", over: [batch], as: .int32)
      let heard: Signal
      switch self {
      case .average: heard = scope.run(Dense(units: 48, activation: .tanh), mean(frames, over: [time]), named: "body")
      case .recurrent:
        let directions = scope.run(Bidirectional(LSTM(units: 24), LSTM(units: 24)), frames, named: "body")
        heard = mean(directions, over: [time])
      }
      let logits = scope.run(Dense(units: voice.words.count), heard, named: "readout")
      scope.output("logits", logits)
      scope.output("loss", crossEntropy(logits, word))
    }
  }
}
