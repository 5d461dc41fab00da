import EbbFiles
import EbbReport
import Foundation
import Testing

@testable import EbbApplications
@testable import EbbTraining

@Suite struct ForecastDatesTests {
  private func read(_ rows: [String], _ dates: ForecastDates = ForecastDates()) throws -> ForecastTable {
    let text = "date,v\n" + rows.enumerated().map { "\($1),\($0)" }.joined(separator: "\n")
    return try ForecastTable(CSVTable(text, source: "f"), columns: ["v"], dates: dates)
  }

  private func message(_ rows: [String], _ dates: ForecastDates) -> String {
    do {
      return "\(try read(rows, dates).columns)"
    } catch {
      return "\(error)"
    }
  }

  // MARK: Dates

  @Test(arguments: [
    ("2020-01-31", "2020-01-31"), ("2020/1/31", "2020-01-31"), ("2020-02", "2020-02-01"), ("31.1.2020", "2020-01-31"),
    ("31/01/2020", "2020-01-31"), ("1/31/2020", "2020-01-31"), ("31-Jan-2020", "2020-01-31"),
    ("29 February 2020", "2020-02-29"), ("Jan 31, 2020", "2020-01-31"), ("Sep. 2020", "2020-09-01"),
    ("2020-01-31T23:59", "2020-01-31 23:59"), ("2020-01-31 23:59:07", "2020-01-31 23:59:07"),
    ("2020-01-31T23:59:07.25Z", "2020-01-31 23:59:07.250000"), ("2020-01-31 11:59 PM", "2020-01-31 23:59"),
    ("1/31/2020 12:05 am", "2020-01-31 00:05"), ("2020-01-31T23:30+01:00", "2020-01-31 22:30"),
    ("2020-01-31 23:30-0100", "2020-02-01 00:30"), ("20200131T2359", "2020-01-31 23:59"),
    ("31.1.20", "2020-01-31"), ("1/31/99", "1999-01-31"), ("31/1/69", "1969-01-31"), ("31-1-68", "2068-01-31"),
    ("31-Jan-20", "2020-01-31"), ("Jan 31, 69", "1969-01-31"), ("99-01-31", "1999-01-31"),
    ("1/31/20 11:59 PM", "2020-01-31 23:59"), ("2020-12-31 24:00", "2021-01-01"), ("1749-01-01", "1749-01-01"),
    ("0001-01-01", "0001-01-01"), ("Sept 3, 2020", "2020-09-03"), ("3 sept. 2020", "2020-09-03"),
    ("2020-01-31 23:59 GMT", "2020-01-31 23:59"), ("2020-W05", "2020-01-27"), ("2020W05", "2020-01-27"),
    ("2020-W53-7", "2021-01-03"), ("2009-W01", "2008-12-29"), ("1980Q1", "1980-01-01"), ("1980-Q4", "1980-10-01"),
    ("Q3 1980", "1980-07-01"), ("q2/1980", "1980-04-01"),
  ])
  func datesAreRead(field: String, date: String) throws {
    let found = DateOrder.allCases.compactMap { $0.moment(field) }
    #expect(try #require(found.first).description == date)
  }

  @Test(arguments: [
    "", "2020", "20200131", "2020.05", "2021-02-29", "2020-13-01", "32.1.2020", "1.2.3", "1.2.020", "2020-01-31 25:00",
    "12:30", "2021-W53", "2020-W00", "2020-W05-8", "2020-W5", "2020Q5", "2020Q0", "Q1", "Q1 20", "Se 2020",
    "2020-01-31x", "2020-01-31 24:01", "2020-1-2-3", "May", "Maybe 1, 2020", "1/2", "2020-01-31 13:00 PM", "１.1.2020",
  ])
  func whatIsNoDate(field: String) {
    #expect(DateOrder.allCases.allSatisfy { $0.moment(field) == nil })
  }

  @Test func theCalendarIsThatOfFoundation() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    for step in stride(from: -80_000, through: 300_000, by: 977) {
      let date = Date(timeIntervalSince1970: Double(step) * 86_400 + 3600)
      let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
      let moment = Moment(microseconds: step * Moment.day + 3600 * Moment.second)
      #expect(moment.calendar == (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0))
      // Foundation counts from Sunday as 1.
      #expect((moment.weekday + 1) % 7 + 1 == parts.weekday)
      let midnight = Moment(year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0)
      #expect(midnight?.microseconds == step * Moment.day)
    }
  }

  @Test func dayAndMonthAreToldApart() throws {
    #expect(DateOrder.orders(of: ["1/2/2020", "13/2/2020"]) == [.dayFirst])
    #expect(DateOrder.orders(of: ["1/2/2020", "2/13/2020"]) == [.monthFirst])
    #expect(DateOrder.orders(of: ["13/2/2020", "2/13/2020"]) == [])
    let rows = (1...5).map { "01/0\($0)/2020" }
    let note = "01/02/2020 of column date is read as 2020-02-01 and might be 2020-01-02"
    #expect(try read(rows).notes.first?.contains(note) == true)
    #expect(try read(rows, ForecastDates(order: .dayFirst)).notes == [])
    // With the month first these are days that follow one another, else the firsts of months: neither has a gap.
    #expect(try read(rows, ForecastDates(order: .monthFirst)).notes == [])
  }

  /// Of the orders that are possible, the one after which time runs evenly.
  @Test func yearsOfTwoDigitsAreRead() throws {
    func moments(_ rows: [String]) throws -> (first: String, last: String, notes: [String]) {
      let rows = try DatedRows(
        CSVTable("date,v\n" + rows.map { $0 + ",1" }.joined(separator: "\n")), rows: Array(rows.indices), without: [1],
        ForecastDates())
      return (
        rows.moments?.first?.description ?? "", rows.moments?.last?.description ?? "", rows.notes
      )
    }
    let yearFirst = try moments(["20-01-30", "20-01-31", "20-02-01", "20-02-02"])
    #expect(yearFirst.first == "2020-01-30" && yearFirst.last == "2020-02-02")
    #expect(
      yearFirst.notes.first?.hasPrefix("20-01-30 of column date is read as 2020-01-30 and might be 2030-01-20") == true)
    let monthFirst = try moments(["1/30/98", "1/31/98", "2/1/98"])
    #expect(monthFirst.first == "1998-01-30" && monthFirst.last == "1998-02-01")
    #expect(
      monthFirst.notes == [
        "1/30/98 of column date is read as 1998-01-30: years of two digits are those of 1969 to 2068"
      ])
    let dayFirst = try moments(["30.12.19", "31.12.19", "01.01.20"])
    #expect(dayFirst.first == "2019-12-30" && dayFirst.last == "2020-01-01")
  }

  /// Dates in one column and times of day in another one are one moment.
  @Test func timesOfAnotherColumnAreAdded() throws {
    func read(_ rows: [String], _ dates: ForecastDates = ForecastDates()) throws -> ForecastTable {
      let text = "day,at,v\n" + rows.enumerated().map { "\($1),\($0)" }.joined(separator: "\n")
      return try ForecastTable(CSVTable(text, source: "f"), columns: ["v"], dates: dates)
    }
    let hours = (0..<48).map { "2020-03-0\(1 + $0 / 24),\($0 % 24):00" }
    #expect(try read(hours).notes == ["the times of day are those of column at"])
    #expect(try read(hours, ForecastDates(time: "at")).notes == [])
    // One is missing, and no date comes twice.
    let gap = try read(Array(hours[..<20] + hours[21...]), ForecastDates(time: "at", isFilled: true))
    #expect(gap.columns[0].count == 48 && gap.columns[0][20] == 19)
    #expect(gap.notes == ["1 row was added where dates are missing, as the row before"])
    // The afternoon comes after the morning.
    let halves = ["2020-03-01,11:00 AM", "2020-03-01,01:00 PM", "2020-03-01,12:00 PM"]
    #expect(try read(halves, ForecastDates(time: "at", isSorted: true)).columns[0] == [0, 2, 1])
    let error = #expect(throws: FileError.self) {
      try read(["2020-03-01,9:00", "2020-03-01,late"], ForecastDates(time: "at"))
    }
    #expect(error?.description.contains("\"late\" is no time of day") == true)
    // A column that looks like times but is read is a value, and one of numbers is none.
    let numbers = (0..<5).map { "2020-03-0\(1 + $0),\(1000 + $0)" }
    #expect(try read(numbers).notes == [])
  }

  // MARK: Order, repetitions, gaps

  private func days(_ days: [Int]) -> [String] { days.map { "2021-03-\($0 < 10 ? "0" : "")\($0)" } }

  @Test func orderIsToldAndPutRight() throws {
    let backward = days([9, 8, 7, 6, 5])
    let told = try read(backward)
    #expect(told.columns == [[0, 1, 2, 3, 4]])
    #expect(told.notes[0].contains("time runs backward, from line 2 (2021-03-09) to line 6 (2021-03-05)"))
    let sorted = try read(backward, ForecastDates(isSorted: true))
    #expect(sorted.columns == [[4, 3, 2, 1, 0]] && sorted.lines == [6, 5, 4, 3, 2] && sorted.notes == [])
    #expect(try read(days([1, 2, 5, 3, 4])).notes[0].contains("line 5 (2021-03-03) comes after line 4 (2021-03-05)"))
  }

  @Test func repeatedDatesAreToldAndPutRight() throws {
    let rows = days([1, 2, 2, 3, 4, 4, 4])
    #expect(try read(rows).notes[0].contains("3 rows have the date of another, the first in line 4 (2021-03-02)"))
    #expect(try read(rows, ForecastDates(repeated: .first)).columns == [[0, 1, 3, 4]])
    #expect(try read(rows, ForecastDates(repeated: .last)).columns == [[0, 2, 3, 6]])
    let mean = try read(rows, ForecastDates(repeated: .mean))
    #expect(zip(mean.columns[0], [0, 1.5, 3, 5]).allSatisfy { abs($0 - $1) < 1e-14 } && mean.notes == [])
    #expect(try read(days([3, 1, 2, 1]), ForecastDates(isSorted: true, repeated: .last)).columns == [[3, 2, 0]])
  }

  @Test func gapsAreToldAndFilled() throws {
    let rows = days([1, 2, 3, 6, 7, 9])
    let told = try read(rows).notes
    #expect(
      told == [
        "the dates have 2 gaps, 3 dates are missing, the first between line 4 (2021-03-03) and line 5 (2021-03-06); the "
          + "rows are read as if there were none, --fill repeats the row before"
      ])
    let filled = try read(rows, ForecastDates(isFilled: true))
    #expect(filled.columns == [[0, 1, 2, 2, 2, 3, 4, 4, 5]] && filled.lines == [2, 3, 4, 4, 4, 5, 6, 6, 7])
    #expect(filled.notes == ["3 rows were added where dates are missing, as the row before"])
    #expect(message(days([3, 2, 1]), ForecastDates(isFilled: true)).contains("--sort and --repeated see to that"))
  }

  @Test func stepsOfEveryKindHaveNoGap() throws {
    func dates(_ step: TimeAxis.Step, from first: String, end: Bool = false) throws -> [String] {
      var moment = try #require(DateOrder.dayFirst.moment(first))
      return (0..<40).map { _ in
        defer { moment = step.next(after: moment, end: end) }
        return moment.description
      }
    }
    let hour = 3600 * Moment.second
    let all = [
      try dates(.weekdays, from: "2021-01-04"), try dates(.months(1), from: "2019-11-30", end: true),
      try dates(.months(1), from: "2020-01-31", end: true), try dates(.months(3), from: "2020-01-15"),
      try dates(.months(12), from: "1960-02-29", end: true), try dates(.microseconds(hour), from: "2020-02-28 20:00"),
      try dates(.microseconds(7 * Moment.day), from: "2020-01-06"),
      try dates(.microseconds(250_000), from: "2020-01-06"),
    ]
    for rows in all {
      #expect(try read(rows).notes == [], "\(rows.prefix(4))")
      var short = rows
      short.remove(at: 17)
      let note = try read(short).notes.first ?? ""
      #expect(note.contains("a gap, 1 date is missing, the first between line 18 (\(rows[16])) and line 19"), "\(note)")
      #expect(try read(short, ForecastDates(isFilled: true)).count == 40)
    }
    #expect(try dates(.weekdays, from: "2021-01-08")[1] == "2021-01-11")
  }

  @Test func unevenDatesAreTold() throws {
    let rows = days([1, 2, 5, 11, 13, 20, 24])
    #expect(try read(rows).notes == ["the dates are not at even intervals; the rows are read as if they were"])
    #expect(message(rows, ForecastDates(isFilled: true)).contains("too uneven to tell which ones are missing"))
    let slip = (0..<9).map { "2021-03-01 0\($0):\($0 == 6 ? "30" : "00")" }
    #expect(
      message(slip, ForecastDates(isFilled: true)).contains("f:8, column date: 2021-03-01 06:30 is no whole number"))
  }

  // MARK: What may be dates

  /// A column that looks like dates and is not read as such is told, or gaps would be passed over in silence.
  @Test func aColumnThatMayHoldDatesIsTold() throws {
    let slip = try read(days([1, 2, 3, 4]) + ["2021-02-30"] + days([6, 7, 8, 9, 12]))
    #expect(
      slip.notes == [
        "column date is not read as dates: \"2021-02-30\" (line 6) is no date; order, repetitions and gaps of the rows are "
          + "not looked at"
      ])
    let missing = try read(days([1, 2, 3, 4]) + [""] + days([6, 7, 8, 9, 12]))
    #expect(missing.notes.first?.hasPrefix("column date is not read as dates: \"\" (line 6) is no date") == true)
    let zones = try read(days([1, 2, 5]).map { $0 + " 00:00 CET" })
    #expect(zones.notes.first?.contains("\"2021-03-01 00:00 CET\" (line 2) is no date") == true)
    let mixed = try read(["13/2/2020", "14/2/2020", "2/15/2020"])
    #expect(mixed.notes.first?.contains("\"2/15/2020\" (line 4) has its parts in another order") == true)
    // Words and numbers that run to and fro are none.
    #expect(try read(["north", "south", "2020-01-01"]).notes == [])
    #expect(try read(["2004", "1998", "2011", "1990"]).notes == [])
    #expect(try read(["1", "2", "3"]).notes == [])
  }

  /// Whole numbers are dates where it is said, and told where they may be.
  @Test(arguments: [
    ["2001", "2002", "2003", "2005"], ["202011", "202012", "202101", "202103"],
    ["20210227", "20210228", "20210301", "20210303"], ["1600000000", "1600003600", "1600007200", "1600014400"],
    ["1600000000000", "1600003600000", "1600007200000", "1600014400000"],
  ])
  func wholeNumbersMayBeDates(rows: [String]) throws {
    let told = try read(rows).notes
    #expect(told.count == 1 && told[0].contains("column date (\(rows[0]), \(rows[1]), …) may hold dates; --date date"))
    #expect(try read(rows.reversed()).notes.first?.contains("may hold dates") == true)
    let dates = ForecastDates(column: "date", isSorted: true, isFilled: true)
    #expect(try read(rows, dates).columns == [[0, 1, 2, 2, 3]])
    #expect(try read(rows.reversed(), dates).columns == [[3, 2, 1, 1, 0]])
    #expect(message(rows + ["1"], dates).contains("f:6, column date: \"1\" is no date"))
  }

  @Test func theColumnOfDatesCanBeSaid() throws {
    let text = "made,due,v\n2020-01-01,2020-03-09,1\n2020-01-02,2020-03-08,2\n2020-01-03,2020-03-07,3\n"
    let table = try CSVTable(text, source: "f")
    #expect(try ForecastTable(table, columns: ["v"]).notes == [])
    let due = ForecastDates(column: "due", isSorted: true)
    #expect(try ForecastTable(table, columns: ["v"], dates: due).columns == [[3, 2, 1]])
    func message(_ text: String, _ dates: ForecastDates) -> String {
      do {
        _ = try ForecastTable(CSVTable(text, source: "f"), columns: ["v"], dates: dates)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message("t,v\n1,2\n2,3\n", ForecastDates(isSorted: true)).contains("no column holds dates alone"))
    let wrong = message("t,v\n2020-01-01,2\nsoon,3\n", ForecastDates(column: "t"))
    #expect(wrong.contains("f:3, column t: \"soon\" is no date; one such as 2020-01-31"), "\(wrong)")
    #expect(message("t,v\n1,2\n", ForecastDates(column: "x")).contains("there is no such column"))
  }
}
