internal import EbbApplications
internal import EbbDiagnostics
internal import EbbTraining

/// The value of `--loss`: where the loss reads the output, how it compares it with targets, or both with a comma; or which
/// value of the network it reads in place of the output: `c@99` and `c@last` at one step, `c` at all.
///
/// `ends` is the last step of each direction, `last` the last step of the sequence; without backward layers they are the
/// same. Steps are counted from 1.
struct FlowLoss {
  /// Nil if it is not given.
  var place: FlowExperiment.Loss?
  /// A state or a named value of the network, in place of its output.
  var value: String?
  /// Whether each direction is read at its own last step; nil if neither `ends` nor `last` is given.
  var isAtEnds: Bool?
  /// Nil if it is not given.
  var comparison: SupervisedLoss?

  private static let (last, all, ends) = ("last", "all", "ends")
  static let words = [last, all, ends] + SupervisedLoss.allCases.map(word)

  static let option: Option = {
    let option = Option(
      "loss", "WORD",
      "the loss reads the last output (with --weights also ends: each direction's own), or the mean of all; with targets "
        + "also how it compares: mse, mae, huber, cross-entropy or binary, as in all,mse; or a state or named value of the "
        + "network: c@99 at step 99, c@last, or c for the mean of all steps",
      standard: last)
    return option.with(values: .list(words))
  }()

  init(_ options: ParsedOptions) throws(UsageError) {
    guard options.isGiven("loss") else { return }
    for word in try options.list("loss") {
      if place == nil, word == Self.all {
        place = .all
      } else if place == nil, word == Self.last || word == Self.ends {
        (place, isAtEnds) = (.last, word == Self.ends)
      } else if place == nil, let mark = word.lastIndex(of: "@") {
        value = String(word[..<mark])
        place = try Self.step(word[word.index(after: mark)...], of: word)
      } else if place == nil, !Self.words.contains(word) {
        (value, place) = (word, .all)
      } else if comparison == nil, let found = SupervisedLoss.allCases.first(where: { Self.word($0) == word }) {
        comparison = found
      } else {
        let hint = Spelling.question(word, among: Self.words)
        throw UsageError("--loss takes one of \(Self.words.joined(separator: ", ")), not '\(word)'" + hint)
      }
    }
    try checkComparison()
  }

  private static func step(_ text: Substring, of word: String) throws(UsageError) -> FlowExperiment.Loss {
    if text == last { return .last }
    guard let step = Int(text), step >= 1 else {
      throw UsageError("--loss \(word) has a step from 1 after the @, or last, as c@99 or c@last; not '\(text)'")
    }
    return .step(step - 1)
  }

  /// Throws if it reads a step that the sequences do not have.
  func checkStep(upTo steps: Int) throws(UsageError) {
    guard case .step(let index) = place, index >= steps else { return }
    throw UsageError("--loss \(value ?? "")@\(index + 1) reads a step after the last: the steps are 1 to \(steps)")
  }

  /// Throws if it reads a value that the network does not have.
  func checkValue(of subject: some FlowSubject) throws {
    guard let value else { return }
    let names = try subject.values
    guard !names.contains(value) else { return }
    let values = "the values of the network: " + names.joined(separator: ", ")
    let hint = Spelling.question(value, among: place == .all ? Self.words + names : names)
    throw UsageError(
      place == .all
        ? "--loss takes one of \(Self.words.joined(separator: ", ")), not '\(value)'; or one of \(values)" + hint
        : "--loss reads no value '\(value)'; it reads one of \(values)" + hint)
  }

  /// Throws if a value is to be compared with targets.
  private func checkComparison() throws(UsageError) {
    guard let value, let comparison else { return }
    throw UsageError(
      "--loss \(Self.word(comparison)) compares the output with targets, and \(value) is another value of the network; "
        + "give one of the two")
  }

  /// The word for a comparison.
  static func word(_ loss: SupervisedLoss) -> String {
    switch loss.comparison {
    case .meanSquaredError: "mse"
    case .meanAbsoluteError: "mae"
    case .huber: "huber"
    case .crossEntropy: "cross-entropy"
    case .binaryCrossEntropy: "binary"
    }
  }
}
