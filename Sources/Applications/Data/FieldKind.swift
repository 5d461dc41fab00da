internal import Foundation

/// The kind of a table's field, as far as the field itself shows.
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

  /// Whether the field stands for a missing value: it is empty, or one of the usual words for that.
  static func isMissing(_ field: String) -> Bool {
    guard field.utf8.count <= 16 else { return false }
    return words.contains(field.trimmingCharacters(in: .whitespaces).lowercased())
  }

  private static let words: Set<String> = [
    "", "na", "n/a", "#n/a", "nan", "<na>", "null", "none", "nil", "-", "?", ".", "missing",
  ]
}
