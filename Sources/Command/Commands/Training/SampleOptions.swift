internal import EbbApplications

/// The order and the weights of samples: options that training commands share.
enum SampleOptions {
  static let (weights, order) = ("class-weights", "no-shuffle")

  static let classWeights = Option(
    weights, "NUMBERS",
    "how much the texts of each class count in training: a weight for each, as 0.3,0.7, or balanced, by how rare it is")

  /// - Parameter samples: What there is, in words.
  static func noShuffle(_ samples: String) -> Option {
    Option(flag: order, "the \(samples) stay in the order of the file, in each epoch the same")
  }

  /// Why a command whose samples are drawn, or have an order of their own, has not the options.
  static func absent(_ reason: String, classes: String) -> [String: String] { [order: reason, weights: classes] }

  static func shuffles(_ options: ParsedOptions) -> Bool { !options.isGiven(order) }

  static func classWeights(_ options: ParsedOptions) throws(UsageError) -> ClassWeights {
    guard let text = options.text(weights) else { return .equal }
    if text == "balanced" { return .balanced }
    let numbers = try options.list(weights).map { Double($0) ?? .nan }
    guard numbers.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw UsageError(
        "--\(weights) takes a number of at least 0 for each class, as 0.3,0.7, or balanced, not '\(text)'")
    }
    return .given(numbers)
  }
}
