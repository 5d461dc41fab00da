/// Whether the first row of a table names its columns, found by comparing it with the rows below.
///
/// A word over numbers or dates indicates names; a date over dates, or a number with decimals over numbers, indicates
/// values. Names are not always words: a column of row numbers has an empty one, and others may be numbers (0, 1, 2;
/// 2019, 2020; a stock's code).
struct HeaderGuess {
  let isHeader: Bool
  /// The ambiguity, and how to resolve it; nil if there is none.
  let doubt: String?

  /// The evidence of one column.
  private enum Sign {
    /// A name: a word over numbers or dates, a number over dates, a date over numbers.
    case name
    /// A value: a date over dates.
    case value
    /// Probably a value: a number with decimals over numbers, or the predecessor of the next; an empty field over
    /// numbers; a word that occurs again below.
    case likelyValue
    /// Possibly the empty name of a column of row numbers or dates.
    case index
    /// A whole number over numbers that all have decimals.
    case wholeNumber
    /// A number over numbers, far greater or smaller than all of them.
    case farNumber
    /// Any other number over numbers.
    case number
    /// A word over words.
    case word
    case nothing
  }

  init(_ records: [[String]]) {
    let first = records[0]
    // This many rows show what a column holds.
    let below = records.dropFirst().prefix(1000)
    guard !below.isEmpty else {
      let hasNumber = first.contains { FieldKind($0) == .number || FieldKind($0) == .date }
      self.init(isHeader: !hasNumber && first.contains { !$0.isEmpty })
      return
    }
    let signs = first.indices.map { column in
      Self.sign(first[column], over: below.map { $0[column] }, isFirst: column == 0)
    }
    func has(_ sign: Sign) -> Bool { signs.contains(sign) }
    let shown = "the first line (\(first.joined(separator: ",").prefix(40)))"
    let takenForNames = "\(shown) is taken for names of columns; if it is data, say so (--no-header)"
    let takenForData = "\(shown) is taken for data; if it names the columns, say so (--header)"
    let hasNumbers = has(.number) || has(.farNumber) || has(.wholeNumber)
    if has(.value) {
      self.init(isHeader: false)
    } else if has(.name) {
      self.init(isHeader: true)
    } else if has(.likelyValue) {
      self.init(isHeader: false, doubt: has(.word) || has(.index) ? takenForData : nil)
    } else if has(.index) || has(.wholeNumber) && !has(.number) && below.count >= Self.fewRows
      || has(.farNumber) && has(.word) && !has(.number)
    {
      self.init(isHeader: true, doubt: takenForNames)
    } else if hasNumbers {
      self.init(isHeader: false, doubt: has(.farNumber) || has(.wholeNumber) || has(.word) ? takenForData : nil)
    } else {
      self.init(isHeader: first.contains { !FieldKind.isMissing($0) })
    }
  }

  /// With fewer rows it may be chance that only the first has no decimals.
  private static let fewRows = 20

  private init(isHeader: Bool, doubt: String? = nil) { (self.isHeader, self.doubt) = (isHeader, doubt) }

  private static func sign(_ field: String, over below: [String], isFirst: Bool) -> Sign {
    let values = below.filter { !FieldKind.isMissing($0) }
    guard !values.isEmpty else { return .nothing }
    let kinds = values.map { FieldKind($0) }
    // The kind of nearly all fields: a slip in one row does not make a column of words.
    let kind = [FieldKind.number, .date].first { kind in kinds.count { $0 == kind } * 10 >= kinds.count * 9 } ?? .text
    switch (FieldKind(field), kind) {
    case (.missing, _):
      let isIndex = isFirst && field.isEmpty && values.count == below.count && isIndex(values, kind)
      return isIndex ? .index : kind == .text ? .nothing : .likelyValue
    case (.text, .number), (.text, .date), (.number, .date), (.date, .number): return .name
    case (.date, .date): return .value
    case (.number, .number):
      if hasDecimals(field) || isCounted([field] + values) { return .likelyValue }
      if values.count < 3 { return .number }
      return values.allSatisfy(hasDecimals) ? .wholeNumber : isFar(field, from: values) ? .farNumber : .number
    case (.text, .text): return values.contains(field) ? .likelyValue : .word
    case (.number, .text), (.date, .text): return .nothing
    case (_, .missing): return .nothing
    }
  }

  /// Whether values could number rows: 0, 1, 2 or 1, 2, 3, dates, or distinct words.
  private static func isIndex(_ values: [String], _ kind: FieldKind) -> Bool {
    guard kind == .number else { return Set(values).count == values.count }
    return (values[0] == "0" || values[0] == "1") && (values.count == 1 || isCounted(values))
  }

  /// Whether there are at least three whole numbers at equal distances.
  private static func isCounted(_ values: [String]) -> Bool {
    let numbers = values.prefix(100).compactMap { Int($0) }
    guard numbers.count >= 3, numbers.count == min(100, values.count) else { return false }
    let distance = numbers[1].subtractingReportingOverflow(numbers[0])
    guard !distance.overflow, distance.partialValue != 0 else { return false }
    return zip(numbers.dropFirst(), numbers).allSatisfy {
      $0.subtractingReportingOverflow($1) == (distance.partialValue, false)
    }
  }

  private static func hasDecimals(_ field: String) -> Bool {
    Int(field.filter { $0 != " " }) == nil && field.contains { $0 == "." || $0 == "," }
  }

  /// Whether a number is farther from others than ten times their range.
  private static func isFar(_ field: String, from below: [String]) -> Bool {
    func number(_ field: String) -> Double? { DecimalMark.point.number(field) ?? DecimalMark.comma.number(field) }
    let numbers = below.compactMap(number).filter(\.isFinite)
    guard let value = number(field), let least = numbers.min(), let greatest = numbers.max() else { return false }
    let range = greatest - least
    return value > greatest + 10 * range || value < least - 10 * range
  }
}
