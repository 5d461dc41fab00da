internal import EbbTensors

extension Experiment.Draw {
  /// The drawn settings: functions of the seed, the place of an option in the file and the number of the draw.
  var settings: [[Experiment.Named<SettingValue>]] {
    let columns = options.enumerated().map { index, option in
      shares(RandomStream(seed: seed, stream: UInt64(index))).map { share in
        Experiment.Named(option.name, option.value.value(at: share))
      }
    }
    return (0..<count).map { draw in columns.map { $0[draw] } }
  }

  /// Numbers in [0, 1): independent ones, or one in each of `count` equal parts, in random order.
  private func shares(_ stream: RandomStream) -> [Double] {
    func uniform(_ draw: Int, _ purpose: UInt32) -> Double {
      stream.value(.uniform, at: [UInt32(draw), purpose, 0], element: 0)
    }
    guard isLatinHypercube else { return (0..<count).map { uniform($0, 0) } }
    let keys = (0..<count).map { uniform($0, 1) }
    let order = (0..<count).sorted { keys[$0] < keys[$1] }
    return (0..<count).map { (Double(order[$0]) + uniform($0, 0)) / Double(count) }
  }
}

extension SettingChoice {
  /// The value at a share of the way through the list or the range. Four digits of a drawn number are enough.
  fileprivate func value(at share: Double) -> SettingValue {
    switch self {
    case .list(let values): values[min(values.count - 1, Int(share * Double(values.count)))]
    case .range(let range) where range.isWhole:
      // Every whole number has the same width, also those at the ends.
      .number(
        min(
          range.bounds.upperBound,
          SettingRange(
            bounds: range.bounds.lowerBound - (range.isLogarithmic ? 0 : 0.5)...range.bounds.upperBound
              + (range.isLogarithmic ? 0 : 0.5), isLogarithmic: range.isLogarithmic, isWhole: true
          ).value(at: share, digits: 4)))
    case .range(let range): .number(range.value(at: share, digits: 4))
    }
  }
}
