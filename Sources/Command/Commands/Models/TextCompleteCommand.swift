internal import EbbApplications
internal import EbbExecution
internal import EbbFiles
internal import EbbMarkup
internal import EbbReport
internal import EbbTensors
internal import EbbTraining

/// `ebb text complete`: a trained language model's most likely next tokens, and a continuation.
struct TextCompleteCommand: Command {
  let name = "text complete"
  let summary = "tells what may follow a text, and writes on, with a model of text train"
  let discussion = """
    The candidates are words. For a model of characters those that go on with the last word are among them, and their
    probabilities are that the text goes on so; words after a space have a list of their own.

    A character or word is drawn from the model's probabilities, is read by the model, and so on. A temperature below 1
    makes the likely likelier; at 0 the likeliest is taken each time.
    """
  let options: [Option] = [
    Option(positional: "prompt", "TEXT", "the text to complete"),
    Option("model", "FILE", "the model", standard: TextTrainCommand.standardModel),
    Option("length", "TOKENS", "characters or words to write", standard: "200"),
    Option("temperature", "NUMBER", "what logits are divided by", standard: "0.8"),
    Option("top-k", "COUNT", "draws from the so many likeliest only"),
    Option("candidates", "COUNT", "how many candidates are shown", standard: "5"),
    .json("writes the result as JSON").with(letter: "o"),
    .seed, .threads,
  ]

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let prompt = try options.required("prompt")
    let path = try options.required("model")
    let length = try options.integer("length", 0...Int(Int32.max))
    // The search keeps twice as many texts in parallel.
    let count = try options.integer("candidates", 1...1000)
    let temperature = try options.number("temperature", "a number of at least 0") { $0 >= 0 } ?? 1
    let sampling = Sampling(
      temperature: temperature, topK: try options.optionalInteger("top-k"), seed: try options.seed())
    let execution = try options.execution()
    let file = options.text("json")
    try context.checkCanSave(to: file)
    let model = try context.textModel(path, execution)
    var candidates = [Candidates(after: prompt, list: try model.candidates(after: prompt, count: count))]
    if model.asksForNextWord(after: prompt) {
      candidates.append(
        Candidates(after: prompt + " ", list: try model.candidates(after: prompt + " ", count: count)))
    }
    let output = context.output
    if file == "-" {
      let text = try model.continuation(of: prompt, length: length, sampling)
      output.write(json(prompt, candidates, text).text())
      return ExitStatus.success
    }
    let unknown = model.vocabulary.unknownTokens(of: prompt)
    if !unknown.isEmpty {
      let list = unknown.prefix(10).map { "'\($0.shown)'" }.joined(separator: ", ")
      output.writeError("the model does not know \(list)\n")
    }
    for table in candidates { output.write(table.table.terminal(output.style) + "\n") }
    output.write(prompt.shown)
    let text = try model.continuation(of: prompt, length: length, sampling) { output.write($0.shown) }
    output.write("\n")
    if let file { context.save(json(prompt, candidates, text).text(), to: file) }
    return ExitStatus.success
  }

  private func json(_ prompt: String, _ candidates: [Candidates], _ text: String) -> JSONValue {
    [
      "prompt": .string(prompt), "candidates": .array(candidates.flatMap { $0.json }), "continuation": .string(text),
    ]
  }
}

/// The possible continuations of a text.
private struct Candidates {
  var after: String
  var list: [TextCandidate]

  /// The candidates with the word that they follow or continue.
  var table: DataTable {
    let start = String(after.reversed().prefix { !$0.isWhitespace }.reversed())
    let texts = list.map { (start + $0.text).shown.replacing("\n", with: "⏎").replacing("\t", with: "⇥") }
    let title = after.last?.isWhitespace == true ? "after a space" : "next"
    return DataTable(
      "", columns: [.text(title, texts), .numbers("probability", format: .fixed(4), list.map(\.probability))])
  }

  var json: [JSONValue] {
    list.map { ["after": .string(after), "text": .string($0.text), "probability": .number($0.probability)] }
  }
}

extension CommandContext {
  /// Reads the language model of a file.
  fileprivate func textModel(_ path: String, _ execution: ExecutionOptions) throws(FileError) -> TextModel {
    let file = try ModelFile(contentsOf: path)
    let configuration = try file.configuration(TextModel.Configuration.self, kind: TextModel.kind)
    return try model(file, cell: configuration.cell) { cell throws(FileError) in
      try TextModel(file, options: execution, cell: cell)
    } differences: { model, cell throws(TrainingError) in
      try model.differences(from: cell)
    }
  }
}

extension TextModel {
  /// Whether a text may end inside a word or after one, so that words following it may be missing among those
  /// continuing it.
  fileprivate func asksForNextWord(after text: String) -> Bool {
    switch vocabulary.tokenKind {
    case .characters: text.last.map { $0.isLetter || $0.isNumber } ?? false
    case .words: false
    }
  }
}
