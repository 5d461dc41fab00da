/// A moment of the calendar, in microseconds since the beginning of 1970; local time if its text has no zone.
package struct Moment: Hashable, Sendable, Comparable {
  package var microseconds: Int

  package static let second = 1_000_000
  package static let day = 86_400 * second

  package init(microseconds: Int) { self.microseconds = microseconds }

  /// The midnight that begins a day of the Gregorian calendar; nil if there is no such day.
  package init?(year: Int, month: Int, day: Int) {
    guard year >= 1, (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day) else {
      return nil
    }
    microseconds = (Self.days(before: year, month) + day - 1) * Self.day
  }

  /// The midnight that begins a day, from 1 for Monday to 7, of an ISO 8601 week: a year's first week is the one with
  /// its first Thursday. Nil if there is no such day.
  package init?(year: Int, week: Int, day: Int) {
    guard (1...7).contains(day), week >= 1, let fourth = Moment(year: year, month: 1, day: 4) else { return nil }
    // The fourth of January is always in the first week.
    let monday = fourth.microseconds + (7 * (week - 1) - fourth.weekday) * Self.day
    guard Moment(microseconds: monday + 3 * Self.day).calendar.year == year else { return nil }
    microseconds = monday + (day - 1) * Self.day
  }

  package static func < (a: Moment, b: Moment) -> Bool { a.microseconds < b.microseconds }

  package static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Days from 1 January 1970 to the first of a month, counted in years that begin in March, so that the leap day is a
  /// year's last.
  private static func days(before year: Int, _ month: Int) -> Int {
    let march = year - (month < 3 ? 1 : 0)
    let months = (month + 9) % 12
    // The months from March have 31, 30, 31, 30, 31 days, repeatedly.
    return march * 365 + march / 4 - march / 100 + march / 400 + (153 * months + 2) / 5 - 719_468
  }

  /// Whole days since 1970, and the microseconds after midnight.
  private var split: (days: Int, rest: Int) {
    let rest = ((microseconds % Self.day) + Self.day) % Self.day
    return ((microseconds - rest) / Self.day, rest)
  }

  /// Microseconds after midnight.
  package var timeOfDay: Int { split.rest }

  /// 0 for Monday to 6 for Sunday; the first day of 1970 was a Thursday.
  package var weekday: Int { ((split.days + 3) % 7 + 7) % 7 }

  package var calendar: (year: Int, month: Int, day: Int) {
    let days = split.days
    var year = 1970 + Int((Double(days) / 365.2425).rounded(.down)) + 1
    while Self.days(before: year, 1) > days { year -= 1 }
    var month = 12
    while Self.days(before: year, month) > days { month -= 1 }
    return (year, month, days - Self.days(before: year, month) + 1)
  }

  /// Months since year 0, for distances.
  package var months: Int { calendar.year * 12 + calendar.month - 1 }

  /// Whether it is on the last day of its month.
  package var isMonthEnd: Bool { calendar.day == Self.days(in: calendar.month, of: calendar.year) }
}

extension Moment: CustomStringConvertible {
  /// In ISO 8601, without a time of 0:00.
  package var description: String {
    func padded(_ number: Int, _ width: Int) -> String {
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }
    let (year, month, day) = calendar
    let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    let rest = timeOfDay
    if rest == 0 { return date }
    let (seconds, fraction) = (rest / Self.second, rest % Self.second)
    let time = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2))"
    let end = fraction > 0 ? ":\(padded(seconds % 60, 2)).\(padded(fraction, 6))" : ":\(padded(seconds % 60, 2))"
    return date + " " + time + (seconds % 60 == 0 && fraction == 0 ? "" : end)
  }
}

extension Moment {
  /// The moment at a time in seconds since the beginning of 1970; nil beyond the calendar of four-digit years.
  package init?(seconds: Double) {
    let largest = 253_402_300_800.0
    guard seconds >= -62_135_596_800, seconds < largest else { return nil }
    self.init(microseconds: Int((seconds * Double(Self.second)).rounded()))
  }

  /// Seconds since the beginning of 1970.
  package var seconds: Double { Double(microseconds) / Double(Self.second) }

  /// A time in seconds since the beginning of 1970 as a date, or as a number if it is beyond the calendar.
  static func text(_ seconds: Double) -> String {
    Moment(seconds: seconds).map { "\($0)" } ?? exactText(seconds)
  }
}
