import Ebb
import EbbApplications
import Foundation

/// Music as symbols: a network learns old tunes note by note, continues unfinished tunes, and composes its own.
let music = Example(name: "music", summary: "tunes as symbols, gone on with and made up") { effort in
  let tunes = Tunes()
  let model = Player(notes: tunes.notes.count)
  let trainer = try train(try model.training(), steps: effort(full: 250, quick: 40), rate: 1e-2) { _ in
    ["notes": Tensor(sequences: tunes.all), "lengths": Tensor(lengthsOf: tunes.all)]
  }
  let loss = try trainer.loss(on: ["notes": Tensor(sequences: tunes.all), "lengths": Tensor(lengthsOf: tunes.all)])
  show(
    "bits a note: \(number(tunes.bitsOfPairs)) knowing the note before, \(number(loss / log(2))) knowing all before\n")

  let play = try model.playing(trainer.state.parameters)
  for (name, notes) in zip(tunes.names, tunes.all).prefix(3) {
    let given = Array(notes.prefix(8))
    let rest = notes.dropFirst(8).untilEnd
    let played = try play(given, nil).prefix(rest.count)
    let right = zip(played, rest).count { $0 == $1 }
    show("\(name): \(tunes.notes.text(given)) | \(tunes.notes.text(Array(played)))")
    show("  \(right) of \(rest.count) notes are those of the tune\n")
  }
  for seed in 1...2 {
    show("made up, seed \(seed): \(tunes.notes.text(try play([], Dice(seed))))\n")
  }
}

/// Tunes in the public domain: degrees of the scale with durations, 5 normal, 5: twice as long, 5. half as long; - is
/// an octave lower and + an octave higher.
struct Tunes {
  static let scores = [
    ("Frère Jacques", "1 2 3 1 1 2 3 1 3 4 5: 3 4 5: 5. 6. 5. 4. 3 1 5. 6. 5. 4. 3 1 1 5- 1: 1 5- 1:"),
    ("Ode to Joy", "3 3 4 5 5 4 3 2 1 1 2 3 3 2. 2: 3 3 4 5 5 4 3 2 1 1 2 3 2 1. 1:"),
    ("Twinkle, twinkle", "1 1 5 5 6 6 5: 4 4 3 3 2 2 1: 5 5 4 4 3 3 2: 5 5 4 4 3 3 2: 1 1 5 5 6 6 5: 4 4 3 3 2 2 1:"),
    ("Mary had a little lamb", "3 2 1 2 3 3 3: 2 2 2: 3 5 5: 3 2 1 2 3 3 3 3 2 2 3 2 1:"),
    ("London Bridge", "5 6 5 4 3 4 5: 2 3 4: 3 4 5: 5 6 5 4 3 4 5: 2: 5: 3 1:"),
    ("Au clair de la lune", "1 1 1 2 3: 2: 1 3 2 2 1: 1 1 1 2 3: 2: 1 3 2 2 1: 2 2 2 2 6-: 6-: 2 1 7- 6- 5-:"),
    ("Jingle bells", "3 3 3: 3 3 3: 3 5 1 2 3: 4 4 4 4 4 3 3 3 3 2 2 3 2: 5:"),
  ]

  let names = scores.map(\.0)
  let notes: Vocabulary
  /// The notes of each tune, followed by an end.
  let all: [[Int]]

  init() {
    let words = Self.scores.map { $0.1.split(separator: " ").map(String.init) }
    let notes = Vocabulary(Set(words.joined()).sorted())
    self.notes = notes
    all = words.map { $0.map { notes[$0] } + [Vocabulary.end] }
  }

  /// −Σ log₂ p(note | note before) / n, with the frequencies of these tunes.
  var bitsOfPairs: Double {
    var pairs: [[Int]: Double] = [:]
    var singles: [Int: Double] = [:]
    for tune in all {
      for (before, note) in zip([Vocabulary.end] + tune, tune) {
        pairs[[before, note], default: 0] += 1
        singles[before, default: 0] += 1
      }
    }
    let bits = pairs.reduce(0) { $0 - $1.value * log2($1.value / (singles[$1.key[0]] ?? 1)) }
    return bits / pairs.values.reduce(0, +)
  }
}

/// The next note from all before.
struct Player {
  var notes: Int

  private func decode(_ feed: TokenFeedback.Feed, _ scope: Scope) -> Signal {
    let feedback = TokenFeedback(tokens: notes, units: 16, start: Vocabulary.end)
    return feedback(feed, scope) { x, scope in
      scope.run(Stack([LSTM(units: 48), Dense(units: notes)]), x, named: "body")
    }.logits
  }

  func training() throws -> Recording {
    try Recording { scope in
      let (time, batch) = (scope.time("time"), scope.batch("batch"))
      scope.lengths("lengths", of: time, over: [batch])
      let truth = scope.input("notes", over: [time, batch], as: .int32)
      scope.output("loss", crossEntropy(decode(.target(truth), scope.over(time)), truth))
    }
  }

  /// Continues after some notes, with the most likely ones or at random.
  func playing(_ parameters: [String: Tensor]) throws -> (_ given: [Int], _ chance: Dice?) throws -> [Int] {
    let step = try Recording { scope in
      let (time, beam) = (scope.time("time"), scope.batch("beam"))
      let previous = scope.input("previous", over: [time, beam], as: .int32)
      let logits = decode(.previous(previous), scope.over(time).starting(.input(over: [beam])))
      scope.output("logProbabilities", logSoftmax(logits))
    }
    let stepper = try TokenStepper(step, parameters: parameters)
    return { given, chance in
      var (state, dice, played) = (stepper.zeros, chance, [Int]())
      var last: Int?
      while played.count < 48 {
        let result = try stepper([(state, last)])[0]
        state = result.state
        let position = played.count
        var note =
          result.logProbabilities.indices.max { result.logProbabilities[$0] < result.logProbabilities[$1] } ?? 0
        if dice != nil { note = draw(result.logProbabilities, &dice) }
        if position < given.count { note = given[position] }
        if note == Vocabulary.end { break }
        played.append(note)
        last = note
      }
      return Array(played.dropFirst(given.count))
    }
  }

  /// A note with its probability.
  private func draw(_ logProbabilities: [Double], _ dice: inout Dice?) -> Int {
    guard var some = dice else { return Vocabulary.end }
    var left = Double.random(in: 0..<1, using: &some)
    dice = some
    for (note, value) in logProbabilities.enumerated() {
      left -= exp(value)
      if left < 0 { return note }
    }
    return Vocabulary.end
  }
}
