internal import EbbApplications
internal import EbbDiagnostics
internal import EbbTraining

/// The value of `--loss`: where the loss reads the output, how it compares it with targets, or both with a comma.
///
/// `ends` is the last step of each direction, `last` the last step of the sequence; without backward layers they are the
/// same.
struct FlowLoss {
  /// Nil if it is not given.
  var place: FlowExperiment.Loss?
  /// Whether each direction is read at its own last step; nil if neither `ends` nor `last` is given.
  var isAtEnds: Bool?
  /// Nil if it is not given.
  var comparison: SupervisedLoss?

  private static let ends = "ends"
  static let words =
    FlowExperiment.Loss.allCases.map(\.rawValue) + [ends] + SupervisedLoss.allCases.map(word)

  static let option: Option = {
    let option = Option(
      "loss", "WORD",
      "the loss reads the last output (with --weights also ends: each direction's own), or the mean of all; with targets "
        + "also how it compares: mse, mae, huber, cross-entropy or binary, as in all,mse",
      standard: FlowExperiment.Loss.last.rawValue)
    return option.with(values: .list(words))
  }()

  init(_ options: ParsedOptions) throws(UsageError) {
    guard options.isGiven("loss") else { return }
    for word in try options.list("loss") {
      if place == nil, let found = FlowExperiment.Loss(rawValue: word) {
        place = found
        isAtEnds = found == .last ? false : nil
      } else if place == nil, word == Self.ends {
        (place, isAtEnds) = (.last, true)
      } else if comparison == nil, let found = SupervisedLoss.allCases.first(where: { Self.word($0) == word }) {
        comparison = found
      } else {
        let hint = Spelling.question(word, among: Self.words)
        throw UsageError("--loss takes one of \(Self.words.joined(separator: ", ")), not '\(word)'" + hint)
      }
    }
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
