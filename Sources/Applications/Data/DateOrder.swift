internal import EbbReport
internal import Foundation

/// The order of the numeric parts of a date: 3/4/2020 is the third of April or the fourth of March, and 3/4/20 might
/// even be in 2003. Leading four-digit years (ISO 8601) and names of months are unambiguous, and so are points
/// (3.4.2020) unless the year might come first.
public enum DateOrder: String, Hashable, Sendable, CaseIterable {
  /// Day, month, year.
  case dayFirst = "day"
  /// Month, day, year.
  case monthFirst = "month"
  /// Year, month, day.
  case yearFirst = "year"

  /// The moment that a field specifies; nil if it is not a date. Reads a date, optionally with a time of day and a
  /// zone:
  ///
  ///     2020-01-31   2020/01/31   2020-01   2020-01-31T23:59:59.5Z   2020-01-31 11:59 PM   2020-01-31 23:59+01:00
  ///     31.1.2020   31/1/2020   1/31/2020   31-Jan-2020   31 January 2020   Jan 31, 2020   Jan 2020   20200131T2359
  ///     2020-W05   2020-W05-5   2020Q1   2020-Q1   Q1 2020
  ///
  /// Two-digit years are in 1969 to 2068, as in POSIX: 31.1.20, 1/31/20, 20-01-31, 31-Jan-20.
  func moment(_ field: String) -> Moment? {
    guard let first = field.utf8.first(where: { $0 != 32 }), field.utf8.count <= 64,
      (48...57).contains(first) || first > 64
    else { return nil }
    var scanner = DateScanner(field)
    return scanner.moment(self)
  }

  /// Whether the year of a date has two digits.
  func hasShortYear(_ field: String) -> Bool {
    var scanner = DateScanner(field)
    return scanner.moment(self) != nil && scanner.hasShortYear
  }

  /// Microseconds after midnight for a field that is only a time of day: `23:59`, `11:59:30 PM`; nil if it is not.
  static func timeOfDay(_ field: String) -> Int? {
    guard field.utf8.count <= 64, field.contains(":") else { return nil }
    var scanner = DateScanner("T" + field.drop { $0 == " " })
    return scanner.timeOfDay()
  }

  /// The orders in which all fields are dates; possibly none.
  static func orders(of fields: some Sequence<String>) -> [DateOrder] {
    var orders = allCases
    for field in fields {
      orders = orders.filter { $0.moment(field) != nil }
      if orders.isEmpty { return [] }
    }
    return orders
  }
}

/// Reads a date from the start to the end of a field.
private struct DateScanner {
  private var rest: Substring
  /// Whether the year had two digits.
  private(set) var hasShortYear = false

  init(_ field: String) { rest = field.trimmingCharacters(in: .whitespaces)[...] }

  mutating func moment(_ order: DateOrder) -> Moment? {
    guard var moment = date(order) else { return nil }
    if rest.isEmpty { return moment }
    guard let time = time() else { return nil }
    moment.microseconds += time
    return rest.isEmpty ? moment : nil
  }

  mutating func timeOfDay() -> Int? { time().flatMap { rest.isEmpty ? $0 : nil } }

  // MARK: Date

  private mutating func date(_ order: DateOrder) -> Moment? {
    if let month = monthName() {
      // Jan 31, 2020; Jan 2020; Jan-2020
      guard skip(" ") || skip("-"), let first = digits(1...4) else { return nil }
      if first.count == 4 { return Moment(year: first.value, month: month, day: 1) }
      guard first.count <= 2, skip(",") || rest.first == " " else { return nil }
      _ = skip(" ")
      guard let year = year() else { return nil }
      return Moment(year: year, month: month, day: first.value)
    }
    if let month = quarter() {
      // Q1 2020; Q1-2020; Q1/2020
      guard skip(" ") || skip("-") || skip("/"), let year = digits(4...4) else { return nil }
      return Moment(year: year.value, month: month, day: 1)
    }
    guard let first = digits(1...8) else { return nil }
    switch first.count {
    case 4: return week(of: first.value) ?? quarter(of: first.value) ?? afterYear(first.value)
    case 8:
      // Eight digits alone are a number.
      guard rest.first == "T" else { return nil }
      return Moment(year: first.value / 10_000, month: first.value / 100 % 100, day: first.value % 100)
    case 1, 2: return afterPart(first.value, order)
    default: return nil
    }
  }

  private mutating func afterYear(_ year: Int) -> Moment? {
    guard let mark = rest.first, "-/.".contains(mark) else { return nil }
    rest.removeFirst()
    guard let month = digits(1...2)?.value else { return nil }
    // 2020.05 is a number.
    guard rest.first == mark else { return mark == "." ? nil : Moment(year: year, month: month, day: 1) }
    rest.removeFirst()
    return digits(1...2).flatMap { Moment(year: year, month: month, day: $0.value) }
  }

  /// The rest of an ISO 8601 week, or a day in it, after the year: 2020-W05, 2020-W05-5.
  private mutating func week(of year: Int) -> Moment? {
    let before = rest
    _ = skip("-")
    guard skip("W"), let week = digits(2...2)?.value else {
      rest = before
      return nil
    }
    let day = skip("-") ? digits(1...1)?.value : 1
    return day.flatMap { Moment(year: year, week: week, day: $0) }
  }

  /// The rest of a quarter after the year: 2020Q1, 2020-Q1, 2020 Q1.
  private mutating func quarter(of year: Int) -> Moment? {
    let before = rest
    if let mark = rest.first, "- /".contains(mark) { rest.removeFirst() }
    guard let month = quarter() else {
      rest = before
      return nil
    }
    return Moment(year: year, month: month, day: 1)
  }

  /// The first month of a quarter: Q1 to Q4.
  private mutating func quarter() -> Int? {
    let before = rest
    guard skip("Q") || skip("q"), let number = digits(1...1)?.value, (1...4).contains(number) else {
      rest = before
      return nil
    }
    return 3 * number - 2
  }

  private mutating func afterPart(_ first: Int, _ order: DateOrder) -> Moment? {
    guard let mark = rest.first, "-/. ".contains(mark) else { return nil }
    rest.removeFirst()
    if mark != "/", mark != ".", let month = monthName() {
      guard skip(String(mark)) || skip(" "), let year = year() else { return nil }
      return Moment(year: year, month: month, day: first)
    }
    guard mark != " ", let second = digits(1...2)?.value, skip(String(mark)) else { return nil }
    let before = rest
    guard let year = year() else { return nil }
    switch order {
    case .yearFirst where hasShortYear:
      // The year came first, and the digits read as the year are the day.
      rest = before
      return digits(2...2).flatMap { day in
        Moment(year: Self.century(first) + first, month: second, day: day.value)
      }
    case .yearFirst: return nil
    case .dayFirst: return Moment(year: year, month: second, day: first)
    case .monthFirst:
      return mark == "."
        ? Moment(year: year, month: second, day: first) : Moment(year: year, month: first, day: second)
    }
  }

  /// A year with four or two digits.
  private mutating func year() -> Int? {
    let before = rest
    guard let number = digits(2...4), number.count != 3 else {
      rest = before
      return nil
    }
    guard number.count == 2 else { return number.value }
    hasShortYear = true
    return Self.century(number.value) + number.value
  }

  /// Years from 69 are in the last century (POSIX, strptime).
  private static func century(_ year: Int) -> Int { year < 69 ? 2000 : 1900 }

  private mutating func monthName() -> Int? {
    let word = rest.prefix { $0.isLetter }.lowercased()
    guard word.count >= 3, let index = Self.months.firstIndex(where: { $0.hasPrefix(word) }) else {
      return nil
    }
    rest = rest.dropFirst(word.count)
    _ = skip(".")
    return index + 1
  }

  private static let months = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]

  // MARK: Time

  /// Microseconds after midnight of a time and its zone.
  private mutating func time() -> Int? {
    guard skip("T") || skip(" ") else { return nil }
    while skip(" ") {}
    guard let first = digits(1...6) else { return nil }
    var (hour, minute, second, fraction) = (first.value, 0, 0, 0)
    switch first.count {
    case 1, 2:
      guard skip(":"), let minutes = digits(2...2) else { return nil }
      minute = minutes.value
      if skip(":") {
        guard let seconds = digits(2...2) else { return nil }
        second = seconds.value
      }
    case 4: (hour, minute) = (first.value / 100, first.value % 100)
    case 6: (hour, minute, second) = (first.value / 10_000, first.value / 100 % 100, first.value % 100)
    default: return nil
    }
    if skip(".") || skip(",") {
      guard let digits = digits(1...9) else { return nil }
      fraction = Int((Double(digits.value) * pow(10, Double(6 - digits.count))).rounded(.down))
    }
    let space = rest
    _ = skip(" ")
    let word = rest.prefix(2).uppercased()
    if word == "AM" || word == "PM" {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + (word == "PM" ? 12 : 0)
      rest = rest.dropFirst(2)
    } else {
      rest = space
    }
    // 24:00 is the end of the day.
    guard minute < 60, second < 60, hour < 24 || hour == 24 && minute == 0 && second == 0 && fraction == 0,
      let zone = zone()
    else { return nil }
    return (hour * 3600 + minute * 60 + second - zone) * Moment.second + fraction
  }

  /// Seconds by which a zone is ahead of universal time; 0 if there is none, nil if it is not a zone.
  private mutating func zone() -> Int? {
    let before = rest
    _ = skip(" ")
    if skip("Z") || skip("UTC") || skip("GMT") { return 0 }
    guard let sign = rest.first, "+-".contains(sign) else {
      rest = before
      return 0
    }
    rest.removeFirst()
    guard let hours = digits(2...4) else { return nil }
    var seconds = hours.count == 4 ? hours.value / 100 * 3600 + hours.value % 100 * 60 : hours.value * 3600
    if hours.count == 2, skip(":") {
      guard let minutes = digits(2...2) else { return nil }
      seconds += minutes.value * 60
    }
    return sign == "-" ? -seconds : seconds
  }

  // MARK: Scanning

  private mutating func skip(_ text: String) -> Bool {
    guard rest.hasPrefix(text) else { return false }
    rest = rest.dropFirst(text.count)
    return true
  }

  /// The next digits, if their number is right.
  private mutating func digits(_ count: ClosedRange<Int>) -> (value: Int, count: Int)? {
    let found = rest.prefix { $0.isASCII && $0.isNumber }
    guard count.contains(found.count), let value = Int(found) else { return nil }
    rest = rest.dropFirst(found.count)
    return (value, found.count)
  }
}
