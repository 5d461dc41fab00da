import EbbApplications
import EbbFiles
import EbbTestSupport
import EbbTraining
import Foundation
import Testing

/// How tables are written elsewhere: separators, decimal marks, thousands, and headers that look like data.
@Suite struct CSVDialectTests {
  @Test func separatorsAreFound() throws {
    let rows = [["date", "value"], ["2020-01-01", "50,3456"], ["2020-01-02", "51,1672"]]
    for (mark, separator) in [(";", CSVFormat.Separator.semicolon), ("\t", .tab)] {
      for end in ["\n", "\r\n", "\r"] {
        let text = "\u{FEFF}" + rows.map { $0.joined(separator: mark) }.joined(separator: end) + end
        let table = try CSVTable(text)
        #expect(table.format.separator == separator && table.header == rows[0] && table.notes == [])
        #expect(try table.numbers(inColumn: "value") == [50.3456, 51.1672])
      }
    }
    // A comma in a name does not make it the separator, nor a semicolon in words.
    #expect(try CSVTable("day;rain, in mm\n1;2,5\n2;3,5\n").numbers(inColumn: "rain, in mm") == [2.5, 3.5])
    #expect(try CSVTable("a,b\nx;y,1\nz;w,2\n").numbers(inColumn: "b") == [1, 2])
    #expect(try CSVTable("\"a\";\"b\"\n\"1\";\"2,5\"\n").numbers(inColumn: "b") == [2.5])
    let given = CSVFormat(separator: .semicolon)
    #expect(try CSVTable("1,5\n2,5\n", format: given).numbers(inColumn: "1") == [1.5, 2.5])
  }

  @Test func oneColumnOfDecimalCommas() throws {
    let table = try CSVTable("value\n50,3\n51\n51,5\n")
    #expect(try table.columnCount == 1 && table.numbers(inColumn: "value") == [50.3, 51, 51.5])
    // Without a header the lines look like two columns, and a note says so.
    let bare = try CSVTable("50,3\n51,2\n")
    #expect(bare.columnCount == 2 && bare.notes.contains { $0.contains("--decimal comma") })
    let told = try CSVTable("50,3\n51,2\n", format: CSVFormat(decimalMark: .comma))
    #expect(try told.columnCount == 1 && told.numbers(inColumn: "1") == [50.3, 51.2])
    #expect(
      message { _ = try CSVTable("a,b\n1,50,3\n2,51,2\n") }.contains("A number with a comma in it stands in quotes"))
  }

  @Test func numbersOfManyWritings() throws {
    func numbers(_ fields: [String], _ mark: DecimalMark? = nil) throws -> [Double] {
      let text = "v;w\n" + fields.map { "\"\($0)\";0" }.joined(separator: "\n")
      return try CSVTable(text, format: CSVFormat(decimalMark: mark)).numbers(inColumn: "v")
    }
    #expect(try numbers(["50,345.58", "999.5", "1,234"]) == [50345.58, 999.5, 1234])
    #expect(try numbers(["50.345,58", "999,5", "1.234"]) == [50345.58, 999.5, 1234])
    #expect(try numbers(["1 234 567,5", "-1\u{A0}234,5", "1\u{202F}234"]) == [1_234_567.5, -1234.5, 1234])
    #expect(try numbers(["1'234.5", "1’234’567.25"]) == [1234.5, 1_234_567.25])
    #expect(try numbers(["1,234,567", "1,234"]) == [1_234_567, 1234])
    #expect(try numbers(["0,123", "0,5"]) == [0.123, 0.5])
    #expect(try numbers(["1.5e3", "-.5", "+7", "2."]) == [1500, -0.5, 7, 2])
    #expect(try numbers(["1,5e3", ",5"]) == [1500, 0.5])
    #expect(try numbers(["1,234"], .point) == [1234] && numbers(["1,234"], .comma) == [1.234])
    for wrong in ["1,23,4", "12,34.5", "1.2.3", "1,2,3", "1 23", "1'2", ".", ",", "e5", "1e", "--1", "1..5", "0x10"] {
      #expect(throws: FileError.self) { _ = try numbers(["1.5", wrong]) }
    }
    let mixed = message { _ = try numbers(["1.5", "2.5", "3,5"]) }
    #expect(mixed.contains("text:4, column v: \"3,5\" is no number with a decimal point"), "\(mixed)")
    let unclear = message { _ = try numbers(["50,345", "50.345"]) }
    #expect(unclear.contains("text:3, column v: 50.345 stands here and 50,345 in line 2"), "\(unclear)")
  }

  @Test func doubtfulMarksAreTold() throws {
    func notes(_ text: String) throws -> [String] {
      let table = try CSVTable(text)
      return try ForecastTable(table, columns: ["v"]).notes
    }
    #expect(try notes("d,v\n2020-01-01,50.346\n2020-01-02,51.167\n") == [])
    #expect(
      try notes("d,v\n2020-01-01,\"50,346\"\n2020-01-02,\"51,167\"\n")[0].contains(
        "50,346 of column v is read as 50346"))
    #expect(try notes("d;v\n2020-01-01;50,346\n2020-01-02;51,167\n")[0].contains("is read as 50.346"))
    #expect(try notes("d;v\n2020-01-01;50.346\n2020-01-02;51.167\n")[0].contains("is read as 50.346"))
  }

  // MARK: Headers

  private func header(_ text: String) throws -> (names: [String]?, notes: [String]) {
    let table = try CSVTable(text)
    return (table.header, table.notes)
  }

  /// Lines of this first row and a counter, or a date, with numbers after it.
  private func lines(_ first: String, count: Int = 30, _ row: (Int) -> String) -> String {
    ([first] + (0..<count).map(row)).joined(separator: "\n")
  }

  @Test func namesThatAreNumbers() throws {
    // As pandas writes a series, a frame with numbered columns, and prices by a stock's code.
    let series = try header(lines(",0") { "\($0),\(50.25 + Double($0))" })
    #expect(series.names == ["", "0"] && series.notes.first?.contains("--no-header") == true)
    #expect(try header(lines(",0,1") { "\($0),\($0 * 7 % 5),\($0 * 3 % 7)" }).names == ["", "0", "1"])
    #expect(try header(lines("date,2330") { "2020-01-\(10 + $0 % 20),\(50 + $0 % 3)" }).names == ["date", "2330"])
    #expect(try header(lines(",2330") { "2020-01-\(10 + $0 % 20),\(50 + $0 % 3)" }).names == nil)
    #expect(try header(lines(",2330", count: 9) { "2020-01-0\(1 + $0),\(50 + $0 % 3)" }).names == ["", "2330"])
    #expect(try header("country,2019,2020\nA,5,6\nB,7,8\nC,6,6\n").names == ["country", "2019", "2020"])
    #expect(try header(lines("0") { "\(50.5 + Double($0 * 7 % 11))" }).names == ["0"])
    #expect(try header("id,2020-01-01,2020-01-02\n7,1,2\n9,3,4\n").names?.count == 3)
  }

  @Test func dataThatLooksLikeNames() throws {
    let missing = try header("2020-01-01,\n2020-01-02,5\n2020-01-03,6\n")
    #expect(missing.names == nil && missing.notes == [])
    #expect(
      message { _ = try CSVTable("2020-01-01,\n2020-01-02,5\n").numbers(inColumn: "2") }.contains("text:1, column 2"))
    #expect(try header("1,2\n3,4\n5,6\n").names == nil)
    #expect(try header(lines("0,58") { "\($0 + 1),\($0 * 7 % 50).5" }).names == nil)
    #expect(try header("NA,5\n3,6\n4,7\n").names == nil)
    #expect(try header("rain,\nsun,5\nrain,6\n").names == nil)
    // A first number far from the rest is data, and a note says what else it could be.
    let far = try header(lines("2330") { "\(50 + $0 % 3)" })
    #expect(far.names == nil && far.notes.first?.contains("--header") == true)
    // One slip does not make a column of words.
    #expect(try header(lines("t,v") { "\($0),\($0 == 7 ? "oops" : "\($0 % 5)")" }).names == ["t", "v"])
  }

  @Test func theHeaderCanBeSaid() throws {
    let text = "2330\n50\n51\n52\n"
    #expect(try CSVTable(text, format: CSVFormat(header: .present)).numbers(inColumn: "2330") == [50, 51, 52])
    #expect(try CSVTable(text, format: CSVFormat(header: .present)).notes == [])
    #expect(try CSVTable(text, format: CSVFormat(header: .absent)).numbers(inColumn: "1") == [2330, 50, 51, 52])
  }

  // MARK: Missing values

  @Test func whatIsNotReadMayBeMissing() throws {
    let table = try CSVTable("kind,a,b\nx,1,\ny,,2\nx,NA,3\ny,4,n/a\nx,5,6\n")
    #expect(
      message { _ = try ForecastTable(table, columns: ["b"], where: ("kind", "y")) }.contains("text:5, column b: n/a"))
    #expect(try ForecastTable(CSVTable("k,a\nx,1\ny,\nx,2\n"), columns: ["a"], where: ("k", "x")).columns == [[1, 2]])
    let filled = ForecastDates(isFilled: true)
    #expect(try ForecastTable(table, columns: ["a"], where: ("kind", "x"), dates: filled).columns == [[1, 1, 5]])
    let nothing = message { _ = try ForecastTable(table, columns: ["b"], dates: filled) }
    #expect(nothing == "text:2, column b: the field is empty, and no row above has one to repeat")
  }

  // MARK: Any text

  /// A table of every dialect reads back as it was, and every cut and many changes of it are read or refused, never more.
  @Test(arguments: CSVFormat.Separator.allCases, DecimalMark.allCases)
  func damagedTextsAreReadOrRefused(separator: CSVFormat.Separator, mark: DecimalMark) throws {
    let between = [CSVFormat.Separator.comma: ",", .semicolon: ";", .tab: "\t"][separator] ?? ","
    let values = (0..<12).map { Double(($0 * 37) % 19) * 1234.5 - 3000.25 }
    func written(_ value: Double) -> String {
      mark == .point ? "\(value)" : "\"\("\(value)".replacingOccurrences(of: ".", with: ","))\""
    }
    let rows = values.enumerated().map { "2020-01-\(10 + $0)\(between)\"say \"\"\($0)\"\"\"\(between)\(written($1))" }
    let text = "\u{FEFF}" + (["date\(between)note\(between)v"] + rows).joined(separator: "\r\n") + "\r\n"
    let table = try CSVTable(text)
    #expect(try table.format.separator == separator && table.numbers(inColumn: "v") == values)
    let bytes = Array(text.utf8)
    func look(_ bytes: [UInt8]) {
      guard let table = try? CSVTable(String(decoding: bytes, as: UTF8.self)) else { return }
      #expect(table.rows.allSatisfy { $0.count == table.columnCount } && table.rows.count == table.lines.count)
      for column in 1...table.columnCount {
        for dates in [ForecastDates(), ForecastDates(isSorted: true, repeated: .mean, isFilled: true)] {
          guard let read = try? ForecastTable(table, columns: ["\(column)"], dates: dates) else { continue }
          #expect(read.columns[0].allSatisfy(\.isFinite) && read.lines.count == read.count)
        }
      }
    }
    for length in 0...bytes.count { look(Array(bytes[..<length])) }
    let signs = Array("\",;\t\n\r.-0e9: x".utf8)
    for index in bytes.indices {
      var changed = bytes
      changed[index] = signs[(index * 7 + index / 5) % signs.count]
      look(changed)
      changed.remove(at: index)
      look(changed)
    }
  }
}
