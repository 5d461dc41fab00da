import Ebb
import EbbApplications

/// Number words to digits: an encoder over the words, a decoder over the digits that attends to them (Bahdanau, Cho &
/// Bengio 2015), and a search for the most likely digits.
let translation = Example(
  name: "translation", summary: "an encoder–decoder with attention writes number words as digits"
) {
  effort in
  let language = NumberWords(below: effort(full: 10_000, quick: 1000))
  let model = Translator(words: language.words.count, digits: language.digits.count)
  let trainer = try train(try model.training(), steps: effort(full: 500, quick: 40), rate: 5e-3) { step in
    var dice = Dice(step)
    return model.batch((0..<32).map { _ in language.example(&dice, heldOut: false) })
  }

  // Unseen numbers, all at once, each step reading its previous output.
  var dice = Dice(-1)
  let unseen = (0..<300).map { _ in language.example(&dice, heldOut: true) }
  let written = try model.translate(unseen.map(\.words), trainer.state.parameters)
  let right = zip(written, unseen).count { $0 == $1.digits.untilEnd }
  show("\(right) of \(unseen.count) numbers that were held out are right to the last digit.\n")

  let translator = try model.searching(trainer.state.parameters)
  for example in unseen.prefix(3) {
    let found = try translator.search(example.words)
    show(language.words.text(example.words))
    for hypothesis in found.prefix(2) {
      let digits = language.digits.text(hypothesis.tokens, separator: "")
      show("  \(digits)  with probability \(number(hypothesis.logProbability.exponential))")
    }
  }
  let example = unseen.max { $0.words.count < $1.words.count } ?? unseen[0]
  show("\nWhere it looks for each digit:\n")
  show(try translator.alignment(example.words, language))
}

/// A synthetic language: English number words, and their digits with an end.
struct NumberWords {
  typealias Pair = (words: [Int], digits: [Int])
  static let units = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
  ]
  static let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

  var limit: Int
  let words = Vocabulary(units + tens + ["hundred", "thousand", "and"])
  let digits = Vocabulary((0...9).map(String.init))

  init(below limit: Int) { self.limit = limit }

  /// A number with a random count of digits; a random tenth of all numbers is held out.
  func example(_ dice: inout Dice, heldOut: Bool) -> Pair {
    while true {
      var bound = 10
      while bound < limit, Int.random(in: 0..<4, using: &dice) > 0 { bound *= 10 }
      let value = Int.random(in: 1..<bound, using: &dice)
      if (value &* 7919 % 997 < 100) != heldOut { continue }
      return (Self.words(value).map { words[$0] }, String(value).map { digits[String($0)] } + [Vocabulary.end])
    }
  }

  /// 3042 as three thousand and forty two.
  static func words(_ value: Int) -> [String] {
    if value >= 1000 {
      let rest = value % 1000
      return words(value / 1000) + ["thousand"] + (rest > 0 && rest < 100 ? ["and"] : []) + words(rest)
    }
    if value >= 100 {
      return [units[value / 100 - 1], "hundred"] + (value % 100 > 0 ? ["and"] : []) + words(value % 100)
    }
    if value >= 20 { return [tens[value / 10 - 2]] + words(value % 10) }
    return value > 0 ? [units[value - 1]] : []
  }
}
