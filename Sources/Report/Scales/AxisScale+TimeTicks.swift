/// The distance between the marks of a time axis.
private enum TimeStep {
  case seconds(Int)
  case days(Int)
  case months(Int)

  static let all: [TimeStep] =
    [1, 2, 5, 10, 30].map(seconds) + [1, 2, 5, 10, 30].map { .seconds(60 * $0) }
    + [1, 3, 6, 12].map { .seconds(3600 * $0) } + [1, 2, 7, 14].map(days)
    + [1, 3, 6].map(months) + [1, 2, 5, 10, 20, 50, 100, 200, 500].map { .months(12 * $0) }

  /// The length, of a mean month, in seconds.
  var seconds: Double {
    switch self {
    case .seconds(let count): Double(count)
    case .days(let count): Double(count) * 86_400
    case .months(let count): Double(count) * 2_629_746
    }
  }
}

extension AxisScale {
  /// The beginnings of years, months, days, hours …, about `count` of them. The first mark and those at which a year, or
  /// a day, begins have the larger unit too.
  func timeTicks(_ count: Int) -> [Tick] {
    let wanted = (high - low) / Double(max(1, count))
    guard let first = Moment(seconds: low), Moment(seconds: high) != nil, wanted > 0 else { return [] }
    let step = TimeStep.all.first { $0.seconds >= wanted * 0.8 } ?? .months(12_000)
    var ticks: [Tick] = []
    for moment in moments(step, from: first) {
      guard let place = fraction(of: moment.seconds) else { continue }
      ticks.append(
        Tick(fraction: place, number: nil, asPower: false, date: label(moment, step, isFirst: ticks.isEmpty)))
    }
    return ticks
  }

  /// The moments that divide the calendar in these steps.
  private func moments(_ step: TimeStep, from first: Moment) -> [Moment] {
    switch step {
    case .seconds(let count): evenMoments(count * Moment.second, offset: 0)
    // Weeks begin on Mondays; the first day of 1970 was a Thursday.
    case .days(let count): evenMoments(count * Moment.day, offset: count % 7 == 0 ? 4 * Moment.day : 0)
    case .months(let count):
      (0..<400).compactMap { index in
        let month = (first.months / count + index) * count
        // The calendar ends with years of four digits, as the axis does.
        return month / 12 > 9999 ? nil : Moment(year: month / 12, month: month % 12 + 1, day: 1)
      }.filter { $0.seconds <= high }
    }
  }

  private func evenMoments(_ length: Int, offset: Int) -> [Moment] {
    let start = Int(((low * Double(Moment.second) - Double(offset)) / Double(length)).rounded(.up))
    return (0..<400).map { Moment(microseconds: (start + $0) * length + offset) }.filter { $0.seconds <= high }
  }

  private func label(_ moment: Moment, _ step: TimeStep, isFirst: Bool) -> String {
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let (year, month, day) = moment.calendar
    let name = names[month - 1]
    switch step {
    case .months(let count): return count % 12 == 0 ? "\(year)" : isFirst || month == 1 ? "\(name) \(year)" : name
    case .days(let count):
      let beginsYear = month == 1 && day <= count
      return isFirst || beginsYear ? "\(day) \(name) \(year)" : "\(day) \(name)"
    case .seconds(let length):
      let time = String("\(moment)".dropFirst(11))
      let clock = time.isEmpty ? "00:00" : length >= 60 ? String(time.prefix(5)) : time
      guard isFirst || moment.timeOfDay == 0 else { return clock }
      return moment.timeOfDay == 0 ? "\(day) \(name)" : "\(day) \(name) \(clock)"
    }
  }
}
