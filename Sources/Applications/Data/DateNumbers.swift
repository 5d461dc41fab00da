internal import EbbReport

/// Dates written as whole numbers. These may mean anything, so a column of them holds dates only if it is named as
/// such.
enum DateNumbers: CaseIterable {
  /// 2020
  case years
  /// 202001
  case months
  /// 20200131
  case days
  /// Seconds since the beginning of 1970, as in Unix: 1580428800
  case seconds
  /// 1580428800000
  case milliseconds

  /// The moment that a field specifies; nil if it does not have the right digits. Unix times are from 1973 to 2286.
  func moment(_ field: String) -> Moment? {
    let digits = field.filter { $0 != " " }
    guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits) else { return nil }
    switch (self, digits.utf8.count) {
    case (.years, 4): return (1000...2999).contains(number) ? Moment(year: number, month: 1, day: 1) : nil
    case (.months, 6): return Moment(year: number / 100, month: number % 100, day: 1)
    case (.days, 8): return Moment(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    case (.seconds, 9...10): return Moment(microseconds: number * Moment.second)
    case (.milliseconds, 12...13): return Moment(microseconds: number * (Moment.second / 1000))
    case (.years, _), (.months, _), (.days, _), (.seconds, _), (.milliseconds, _): return nil
    }
  }

  /// The moments of fields that are all such numbers of one kind; nil if they are not.
  static func moments(of fields: [String]) -> [Moment]? {
    guard let kind = kind(of: fields) else { return nil }
    let moments = fields.compactMap { kind.moment($0) }
    return moments.count == fields.count ? moments : nil
  }

  /// The first field that is not such a number although the first one is; nil if there is none.
  static func misfit(_ fields: [String]) -> Int? {
    kind(of: fields).flatMap { kind in fields.firstIndex { kind.moment($0) == nil } }
  }

  private static func kind(of fields: [String]) -> DateNumbers? {
    fields.first.flatMap { first in allCases.first { $0.moment(first) != nil } }
  }
}
