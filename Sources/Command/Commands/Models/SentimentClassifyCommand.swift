internal import EbbApplications
internal import EbbFiles
internal import EbbMarkup
internal import EbbReport
internal import EbbTraining
internal import Foundation

/// `ebb sentiment classify`: a trained model's classification of a text, and the words that it depends on.
struct SentimentClassifyCommand: Command {
  let name = "sentiment classify"
  let summary = "tells whether a text is positive or negative, and which words carry the gradient"
  let discussion = """
    For each word xₜ, as a vector, two bars. The first is ‖dL/dxₜ‖, L = −log p of the answer: how much the answer
    changes with the word. The second is −dL/dxₜ · xₜ: what the word's being there adds to log p, to first order; in a
    terminal the text is coloured by it. Words that the model does not know are marked with ?.

    With one value, it is the text, and the model is the one that `sentiment train` writes.
    """
  let options: [Option] = [
    Option(
      positional: "first", "MODEL", "the model that sentiment train wrote",
      standard: SentimentTrainCommand.standardModel),
    // The help cannot express that a positional option must be given after an optional one.
    Option(positional: "second", "TEXT", "the text, in quotes", standard: "the only value"),
    .json().with(letter: "o"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    guard options.isGiven("first") else { throw UsageError("TEXT is missing: the text to classify, in quotes") }
    let values = [options.text("first"), options.isGiven("second") ? options.text("second") : nil].compactMap { $0 }
    let path = values.count > 1 ? values[0] : SentimentTrainCommand.standardModel
    let text = values[values.count - 1]
    guard text.contains(where: { $0.isLetter || $0.isNumber }) else {
      throw UsageError("'\(text)' has no words; TEXT is the text to classify, in quotes")
    }
    guard path == "-" || FileManager.default.fileExists(atPath: path) else {
      throw FileError(path, "there is no such model; ebb sentiment train FILE.tsv makes one")
    }
    try context.checkCanSave(to: options.text("json"))
    let result = try TextClassifier(ModelFile(contentsOf: path)).classify(text)
    context.show(options) { $0.write(result.text($0.style)) }
    context.saveNumbers(options, result.json)
    return ExitStatus.success
  }
}

extension Classification {
  /// The answer, the text with coloured words if there is colour, and two bars for each word.
  func text(_ style: TerminalStyle) -> String {
    let words = words.map { word in
      var word = word
      word.text = word.text.shown
      return word
    }
    let largestNorm = words.map(\.gradientNorm).max() ?? 0
    let largestSupport = words.map { abs($0.support) }.max() ?? 0
    func share(_ value: Double, of largest: Double) -> Double { largest > 0 ? abs(value) / largest : 0 }
    var lines = ["\(name), with a probability of \(SentimentTrainCommand.percent(probability))", ""]
    if style.usesColor {
      let painted = words.map { $0.painted($0.text, share: share($0.support, of: largestSupport)) }
      lines += [painted.joined(separator: " "), ""]
    }
    let width = max(4, words.map(\.text.count).max() ?? 0)
    let room = max(6, min(32, (style.width - width - 24) / 2))
    func bar(_ share: Double) -> String { String(repeating: "█", count: Int((share * Double(room)).rounded())) }
    func filled(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
    func number(_ value: Double) -> String { readableNumber(value, digits: 2) }
    lines.append(filled("word", width + 3) + filled("‖dL/dxₜ‖", room + 10) + "−dL/dxₜ · xₜ")
    for word in words {
      let normBar = bar(share(word.gradientNorm, of: largestNorm))
      let supportBar = bar(share(word.support, of: largestSupport))
      lines.append(
        filled(word.text, width) + (word.isKnown ? "   " : " ? ")
          + filled("\(normBar) \(number(word.gradientNorm))", max(room + 10, normBar.count + 10))
          + "\(word.support < 0 ? "−" : "+") \(style.usesColor ? word.inked(supportBar) : supportBar) "
          + number(abs(word.support)))
    }
    lines += ["", "+ speaks for \(name), − against it"]
    return lines.joined(separator: "\n") + "\n"
  }

  var json: JSONValue {
    [
      "label": .integer(label), "name": .string(name), "probability": .number(probability),
      "probabilities": .numbers(probabilities), "classes": .array(classes.map { .string($0) }),
      "words": .array(
        words.map {
          [
            "word": .string($0.text), "isKnown": .bool($0.isKnown), "gradientNorm": .number($0.gradientNorm),
            "support": .number($0.support),
          ]
        }),
    ]
  }
}

extension Classification.Word {
  /// Backgrounds in 256 colours from none to the strongest: blue if the word supports the answer, orange if it opposes
  /// it.
  private var grounds: [Int] { support < 0 ? [0, 52, 88, 130, 166, 208] : [0, 17, 18, 25, 32, 39] }

  /// The text on a background that gets stronger with the share.
  fileprivate func painted(_ text: String, share: Double) -> String {
    let step = Int((share * 5).rounded())
    return step > 0 ? "\u{1B}[48;5;\(grounds[step]);38;5;\(step > 3 ? 16 : 231)m\(text)\u{1B}[0m" : text
  }

  /// The text in the strongest of the colours.
  fileprivate func inked(_ text: String) -> String { "\u{1B}[38;5;\(grounds[5])m\(text)\u{1B}[0m" }
}
