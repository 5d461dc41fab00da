internal import EbbReport

/// The order and the intervals of rows, from their dates.
struct TimeAxis: Sendable {
  /// The interval between rows.
  enum Step: Hashable, Sendable {
    case microseconds(Int)
    /// Every day but Saturdays and Sundays.
    case weekdays
    case months(Int)

    /// The moment one step later; with `end`, months are counted from their last days.
    func next(after moment: Moment, end: Bool) -> Moment {
      switch self {
      case .microseconds(let length): return Moment(microseconds: moment.microseconds + length)
      case .weekdays:
        let days = moment.weekday >= 4 ? 7 - moment.weekday : 1
        return Moment(microseconds: moment.microseconds + days * Moment.day)
      case .months(let count):
        let (months, day) = (moment.months + count, moment.calendar.day)
        let (year, month) = (months / 12, months % 12 + 1)
        let last = Moment.days(in: month, of: year)
        let date = Moment(year: year, month: month, day: end ? last : min(day, last))
        guard let date else { preconditionFailure("a month after \(moment) is beyond the calendar") }
        return Moment(microseconds: date.microseconds + moment.timeOfDay)
      }
    }
  }

  let moments: [Moment]
  /// Nil if the intervals have no step in common.
  let step: Step?
  /// Whether all dates are the last of their months.
  private let isAtMonthEnds: Bool

  /// - Parameter moments: In the order of the rows.
  init(_ moments: [Moment]) {
    self.moments = moments
    let sorted = Array(Set(moments)).sorted()
    isAtMonthEnds = sorted.allSatisfy(\.isMonthEnd)
    step = Self.step(sorted, atMonthEnds: isAtMonthEnds)
  }

  /// The most common interval, if more than half of the intervals have it.
  private static func step(_ sorted: [Moment], atMonthEnds: Bool) -> Step? {
    guard sorted.count > 2 else { return nil }
    func commonest(_ intervals: [Int]) -> (value: Int, isMost: Bool) {
      let counts = Dictionary(intervals.map { ($0, 1) }, uniquingKeysWith: +)
      let best = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
      return (best?.key ?? 0, 2 * (best?.value ?? 0) > intervals.count)
    }
    func intervals(_ number: (Moment) -> Int) -> [Int] {
      zip(sorted.dropFirst(), sorted).map { number($0) - number($1) }
    }
    let days = Set(sorted.map(\.calendar.day))
    let isMonthly = atMonthEnds || days.count == 1
    let (months, areMonths) = commonest(intervals(\.months))
    if isMonthly, areMonths, months > 0, Set(sorted.map(\.timeOfDay)).count == 1 { return .months(months) }
    let lengths = intervals(\.microseconds)
    let (length, isMost) = commonest(lengths)
    guard isMost else { return nil }
    // A week or more of days without Saturdays and Sundays: these are no gaps.
    if length == Moment.day, sorted.count >= 6, sorted.allSatisfy({ $0.weekday < 5 }) { return .weekdays }
    return .microseconds(length)
  }

  /// So many moments after one, at the rows' step; nil if they have none.
  func moments(after moment: Moment, count: Int) -> [Moment]? {
    guard let step else { return nil }
    var moments: [Moment] = []
    for _ in 0..<count { moments.append(step.next(after: moments.last ?? moment, end: isAtMonthEnds)) }
    return moments
  }

  // MARK: Irregularities

  /// The first row dated before the previous one.
  var firstDescent: Int? { moments.indices.dropFirst().first { moments[$0] < moments[$0 - 1] } }
  /// Whether the dates ascend, mostly by the same step.
  var isEven: Bool { step != nil && firstDescent == nil }
  /// Whether time runs backward from the first row to the last.
  var isDescending: Bool {
    firstDescent != nil && moments.indices.dropFirst().allSatisfy { moments[$0] <= moments[$0 - 1] }
  }

  /// Rows with the date of a row above them.
  var repeatedRows: [Int] {
    var seen: Set<Moment> = []
    return moments.indices.filter { !seen.insert(moments[$0]).inserted }
  }

  /// A place where dates are missing.
  struct Gap: Hashable, Sendable {
    /// The row before it, in the order of the dates.
    var row: Int
    /// The dates that are missing; nil if the next row is not a whole number of steps away.
    var missing: [Moment]?
  }

  /// The gaps between rows whose dates ascend; nil if more dates than `limit` are missing.
  func gaps(limit: Int) -> [Gap]? {
    guard let step else { return [] }
    var gaps: [Gap] = []
    var count = 0
    for row in moments.indices.dropLast() where moments[row] < moments[row + 1] {
      var next = step.next(after: moments[row], end: isAtMonthEnds)
      var missing: [Moment] = []
      while next < moments[row + 1] {
        guard count < limit else { return nil }
        missing.append(next)
        count += 1
        next = step.next(after: next, end: isAtMonthEnds)
      }
      if missing.isEmpty, next == moments[row + 1] { continue }
      gaps.append(Gap(row: row, missing: next == moments[row + 1] ? missing : nil))
    }
    return gaps
  }
}
