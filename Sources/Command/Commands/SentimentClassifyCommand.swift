internal import EbbReport
internal import EbbTraining
internal import Foundation

/// `ebb sentiment classify`: what a trained model says of a text, and which words it hangs on.
struct SentimentClassifyCommand: Command {
  let name = "sentiment classify"
  let summary = "tells whether a text is positive or negative, and which words carry the gradient"
  let discussion = """
    The bar of a word is ‖dL/dxₜ‖, the gradient at its vector of L = −log p of the answer: how much the answer hangs on
    the word. + marks words that speak for the answer, − words that speak against it (by −dL/dxₜ · xₜ, what the
    word's being there adds to log p to first order), ? words that the model does not know.

    With one value, it is the text, and the model is the one that `sentiment train` writes.
    """
  let options: [Option] = [
    Option(positional: "first", "[MODEL]", "the model that sentiment train wrote", standard: ""),
    Option(positional: "second", "TEXT", "the text, in quotes", standard: ""),
    Option("json", "FILE", "writes every number as JSON; - for standard output, and nothing else there"),
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    guard options.isGiven("first") else { throw UsageError("TEXT is missing: the text to classify, in quotes") }
    let values = [options.text("first"), options.isGiven("second") ? options.text("second") : nil].compactMap { $0 }
    let path = values.count > 1 ? values[0] : SentimentTrainCommand.standardModel
    let text = values[values.count - 1]
    guard text.contains(where: { $0.isLetter || $0.isNumber }) else {
      throw UsageError("'\(text)' has no words; TEXT is the text to classify, in quotes")
    }
    guard FileManager.default.fileExists(atPath: path) else {
      throw ModelFileError(path, "there is no such model; ebb sentiment train FILE.tsv makes one")
    }
    try context.checkCanSave(to: options.text("json"))
    let result = try TextClassifier(ModelFile(contentsOf: path)).classify(text)
    let file = options.text("json")
    if file != "-" { context.output.write(result.text(context.output.style)) }
    if let file { try context.save(result.json.text(), to: file) }
    return ExitStatus.success
  }
}

extension Classification {
  /// The answer, the text with the words coloured where there is colour, and a bar for each word.
  func text(_ style: TerminalStyle) -> String {
    let largest = words.map(\.gradientNorm).max() ?? 0
    let shares = words.map { largest > 0 ? $0.gradientNorm / largest : 0 }
    var lines = ["\(name), with a probability of \(SentimentTrainCommand.percent(probability))", ""]
    if style.usesColor {
      lines += [zip(words, shares).map { $0.painted($0.text, share: $1) }.joined(separator: " "), ""]
    }
    let width = words.map(\.text.count).max() ?? 0
    let room = max(8, min(48, style.width - width - 16))
    lines.append("‖dL/dxₜ‖ of each word; + speaks for \(name), − against it")
    for (word, share) in zip(words, shares) {
      let bar = String(repeating: "█", count: Int((share * Double(room)).rounded()))
      let mark = word.isKnown ? (word.support < 0 ? "−" : "+") : "?"
      let padding = String(repeating: " ", count: width - word.text.count)
      let painted = style.usesColor ? word.painted(bar, share: share, onGround: false) : bar
      lines.append("\(padding)\(word.text) \(mark) \(painted) \(readableNumber(word.gradientNorm))")
    }
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
  /// The text in 256 colours, the stronger the larger the share: blue where the word speaks for the answer, orange where
  /// it speaks against it.
  fileprivate func painted(_ text: String, share: Double, onGround: Bool = true) -> String {
    let grounds = support < 0 ? [0, 52, 94, 130, 166, 208] : [0, 17, 18, 25, 32, 39]
    let step = Int((share * 5).rounded())
    guard step > 0 else { return text }
    guard onGround else { return "\u{1B}[38;5;\(grounds[5])m\(text)\u{1B}[0m" }
    return "\u{1B}[48;5;\(grounds[step]);38;5;\(step > 3 ? 16 : 231)m\(text)\u{1B}[0m"
  }
}
