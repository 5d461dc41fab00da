internal import EbbApplications

extension Option {
  static let seeds = Option(
    "seeds", "COUNT", "runs with so many seeds, from --seed on: spreads, bands, and tests of what is compared",
    standard: "1")
}

extension ParsedOptions {
  /// The seeds of several runs; nil if there is only one.
  ///
  /// - Parameter single: The options that only one run has; an error if one of them is given.
  func severalSeeds(without single: [String]) throws(UsageError) -> [UInt64]? {
    let count = try integer("seeds", 1...1000)
    guard count > 1 else { return nil }
    if let name = single.first(where: isGiven) {
      throw UsageError("\(label(name)) belongs to one run, and --seeds \(count) are several; give --seed NUMBER")
    }
    let first = try seed()
    guard first <= UInt64.max - UInt64(count) else {
      throw UsageError("--seed \(first): there are no \(count) seeds from there on")
    }
    return (0..<count).map { first + UInt64($0) }
  }

  /// The same options with another seed.
  func with(seed: UInt64) -> ParsedOptions {
    var options = self
    options.replace("seed", with: "\(seed)")
    return options
  }
}
