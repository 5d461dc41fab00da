internal import EbbCells
internal import EbbRecording

// What Keras's ConvLSTM layers are made with.

extension LayerSetting {
  /// How the kernel is moved over the input, and where the channels are.
  static func convolutions(of cell: ConvLSTM) -> [LayerSetting] {
    let ones = cell.kernel.map { _ in 1 }
    func numbers(_ name: String, _ own: [Int], _ change: @escaping Change) -> LayerSetting {
      LayerSetting(name, standard: "\(ones)", own: "\(own)", isChosen: own != ones, change: change)
    }
    return [
      LayerSetting(
        "padding", standard: "valid", own: cell.padding.name, isChosen: cell.padding != .valid,
        change: changed(\.padding) { value, _ in .init(name: value) }),
      LayerSetting(
        "data_format", standard: "channels_last", own: cell.layout.name, isChosen: cell.layout != .channelsLast,
        change: changed(\.layout) { value, _ in .init(name: value) }),
      numbers("strides", cell.strides, changed(\.strides, steps)),
      numbers("dilation_rate", cell.dilation, changed(\.dilation, steps)),
    ]
  }

  private static func changed<Value: Sendable>(
    _ path: any WritableKeyPath<ConvLSTM, Value> & Sendable,
    _ read: @escaping @Sendable (_ value: String, _ cell: ConvLSTM) -> Value?
  ) -> Change {
    { value, cell in
      guard var convolution = cell as? ConvLSTM, let value = read(value.lowercased(), convolution) else { return nil }
      convolution[keyPath: path] = value
      return convolution
    }
  }

  /// A number of at least 1 for each length of the kernel.
  @Sendable private static func steps(_ value: String, _ cell: ConvLSTM) -> [Int]? {
    guard let list = numbers(value), list.count == cell.kernel.count, list.allSatisfy({ $0 >= 1 }) else { return nil }
    return list
  }

  /// The whole numbers of a list, as [2, 1]; nil if this is none.
  static func numbers(_ text: String) -> [Int]? {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
    let parts = text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
    let list = parts.compactMap { Int($0.filter { $0 != " " }) }
    return list.count == parts.count ? list : nil
  }
}

extension ConvLSTM.Padding {
  /// Keras's word.
  var name: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    }
  }

  init?(name: String) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}

extension ConvLSTM.Layout {
  /// Keras's word.
  var name: String {
    switch self {
    case .channelsLast: "channels_last"
    case .channelsFirst: "channels_first"
    }
  }

  init?(name: String) {
    guard let match = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}
