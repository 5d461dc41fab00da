/// The format of a text table; nil settings are detected from the text.
public struct CSVFormat: Hashable, Sendable {
  /// The separator between fields.
  public enum Separator: String, Hashable, Sendable, CaseIterable {
    /// A comma, a semicolon, or a tab.
    case comma, semicolon, tab

    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      }
    }
  }

  /// Whether the first row names the columns.
  public enum Header: Hashable, Sendable, CaseIterable {
    /// Detected by comparing the first row with the rows below.
    case automatic
    /// It does, or it does not.
    case present, absent
  }

  /// The separator between fields; nil detects it.
  public var separator: Separator?
  /// The decimal mark; nil detects it.
  public var decimalMark: DecimalMark?
  /// Whether the first row names the columns.
  public var header: Header

  /// A format; by default everything is detected.
  public init(separator: Separator? = nil, decimalMark: DecimalMark? = nil, header: Header = .automatic) {
    self.separator = separator
    self.decimalMark = decimalMark
    self.header = header
  }
}

extension CSVFormat {
  /// The shape of a text under one choice of separator.
  private struct Trial {
    var separator: Separator?
    /// The fields of the first record.
    var width: Int
    /// The share of records with this number of fields.
    var agreement: Double
    /// The share of fields below the first record that are numbers, dates or empty.
    var typed: Double

    init?(_ sample: [UInt8], _ separator: Separator?, isPart: Bool) {
      var reader = CSVReader(sample, source: "", separator: separator)
      guard var records = try? reader.records() else { return nil }
      // The last record of a part may be incomplete.
      if isPart, records.count > 1 { records.removeLast() }
      guard let first = records.first else { return nil }
      self.separator = separator
      width = first.fields.count
      agreement = Double(records.count { $0.fields.count == first.fields.count }) / Double(records.count)
      let fields = records.dropFirst().flatMap(\.fields)
      typed = Double(fields.count { FieldKind($0) != .text }) / Double(max(1, fields.count))
    }
  }

  /// The separator of a text: among those that split most rows into as many fields as the first row, at least two, the
  /// one for which most fields are numbers or dates. Nil if each line is one number with a decimal comma.
  func separator(of bytes: [UInt8]) -> Separator? {
    if let separator { return separator }
    // A sample is enough, as files may be long.
    let length = 1 << 16
    let sample = Array(bytes.prefix(length))
    let trials = Separator.allCases.compactMap { Trial(sample, $0, isPart: bytes.count > length) }
    func isBetter(_ a: Trial, _ b: Trial) -> Bool { (a.agreement, a.typed) < (b.agreement, b.typed) }
    // A decimal comma cannot also separate fields, unless nothing else does.
    let possible = trials.filter { decimalMark != .comma || $0.separator != .comma }
    let several = possible.filter { $0.width > 1 && $0.agreement > 0.5 }
    if let best = several.first(where: { trial in several.allSatisfy { !isBetter(trial, $0) } }) {
      return best.separator
    }
    let comma = trials.first { $0.separator == .comma }
    if decimalMark == .comma || comma.map({ $0.width == 1 && $0.agreement < 1 }) == true,
      let whole = Trial(sample, nil, isPart: bytes.count > length), whole.typed == 1
    {
      return nil
    }
    return .comma
  }
}
