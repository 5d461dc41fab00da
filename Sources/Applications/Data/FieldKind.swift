internal import Foundation

/// What a field of a table is, as far as it tells by itself.
enum FieldKind: Hashable, Sendable {
  case missing, number, date, text

  init(_ field: String) {
    if Self.isMissing(field) {
      self = .missing
    } else if DecimalMark.point.number(field) != nil || DecimalMark.comma.number(field) != nil {
      self = .number
    } else if DateOrder.allCases.contains(where: { $0.moment(field) != nil }) {
      self = .date
    } else {
      self = .text
    }
  }

  /// Whether the field says that there is no value: it is empty, or one of the words that programs write for that.
  static func isMissing(_ field: String) -> Bool {
    guard field.utf8.count <= 16 else { return false }
    return words.contains(field.trimmingCharacters(in: .whitespaces).lowercased())
  }

  private static let words: Set<String> = [
    "", "na", "n/a", "#n/a", "nan", "<na>", "null", "none", "nil", "-", "?", ".", "missing",
  ]
}
