import EbbApplications
import EbbTestSupport
import Foundation
import Testing

@Suite struct CSVTests {
  @Test func columnsAreFoundByNameAndByNumber() throws {
    let table = try CSVTable("time, count\n1,10\n2, -2.5e1 \n")
    #expect(table.header == ["time", "count"] && table.rows.count == 2 && table.lines == [2, 3])
    #expect(try table.numbers(inColumn: "count") == [10, -25])
    #expect(try table.numbers(inColumn: "2") == [10, -25])
  }

  @Test func aFirstLineOfNumbersIsData() throws {
    let table = try CSVTable("1,2\n3,4")
    #expect(table.header == nil)
    #expect(try table.numbers(inColumn: "2") == [2, 4])
    #expect(try CSVTable("1,2\n3,4", format: CSVFormat(header: .present)).numbers(inColumn: "2") == [4])
    let absent = message { _ = try CSVTable("a,b\n3,4", format: CSVFormat(header: .absent)).numbers(inColumn: "1") }
    #expect(absent.contains("\"a\" is no number"))
  }

  @Test func aNameWinsOverANumber() throws {
    #expect(try CSVTable("2,x\n5,6", format: CSVFormat(header: .present)).numbers(inColumn: "2") == [5])
  }

  @Test func quotedFieldsHoldAnything() throws {
    let table = try CSVTable("\u{FEFF}\"a, b\",\"say \"\"c\"\"\"\r\n\"1\",\"x\ny\"\r\n2,z\r\n")
    #expect(table.header == ["a, b", "say \"c\""])
    #expect(table.rows == [["1", "x\ny"], ["2", "z"]])
    // The third row begins below the line break inside the second.
    #expect(table.lines == [2, 4])
    #expect(try table.numbers(inColumn: "a, b") == [1, 2])
  }

  @Test func everyErrorSaysWhereAndWhatWouldBeRight() throws {
    func numbers(_ text: String, _ column: String = "b") -> String {
      message { _ = try CSVTable(text, source: "f.csv").numbers(inColumn: column) }
    }
    #expect(numbers("") == "f.csv: the file is empty; rows of numbers are expected")
    #expect(numbers("\n\n") == "f.csv: the file is empty; rows of numbers are expected")
    #expect(numbers("a,b\n") == "f.csv: there is a header but no row below it")
    #expect(numbers("a,b\n1,2\n3\n") == "f.csv:3: this row has 1 field, the first one 2; every row needs as many")
    #expect(numbers("a,b\n1,2\n\n3,4\n") == "f.csv:3: this row has 1 field, the first one 2; every row needs as many")
    #expect(
      numbers("a,b\n1,2\n3,four\n")
        == "f.csv:3, column b: \"four\" is no number; a number such as 3.5 or -2e3 is expected")
    #expect(numbers("a,b\n1,\n").hasPrefix("f.csv:2, column b: the field is empty; a number is expected. Fill the gap"))
    let gap = "f.csv:2, column b: NaN is not a number; fill the gap (--fill) or remove the row"
    #expect(numbers("a,b\n1,NaN\n") == gap)
    #expect(numbers("a,b\n1,inf\n").contains("f.csv:2, column b: inf is too large"))
    #expect(numbers("a,b\n1,0x10\n").contains("\"0x10\" is no number"))
    #expect(
      numbers("a,b\n1,2\n", "c")
        == "f.csv, column c: there is no such column; the columns are 1 \"a\", 2 \"b\"\nDid you mean a or b?")
    #expect(numbers("a,b\n1,2\n", "3").contains("there is no such column"))
    #expect(numbers("a,b\n1,2\n", "0").contains("there is no such column"))
    #expect(numbers("b,b\n1,2\n") == "f.csv, column b: 2 columns have this name; give a number: 1, 2")
    #expect(numbers("a,b\n1,\"2\n") == "f.csv:2, column 2: the quote that begins this field is never closed")
    #expect(numbers("a,b\n1,\"2\"3\n").contains("f.csv:2, column 2: text after the closing quote"))
    #expect(numbers("1\n\n3\n", "1").contains("f.csv:2, column 1: the field is empty"))
  }

  @Test func filesThatCannotBeReadSayWhy() throws {
    let folder = FileManager.default.temporaryDirectory
    let path = folder.appendingPathComponent("ebb-\(UUID().uuidString).csv").path
    #expect(message { _ = try CSVTable(contentsOf: path) } == "\(path): there is no such file")
    #expect(message { _ = try CSVTable(contentsOf: folder.path) }.hasSuffix(": this is a folder; give a CSV file"))
    try Data([0x31, 0xFF, 0xFE]).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(message { _ = try CSVTable(contentsOf: path) }.hasSuffix(": this is no UTF-8 text; a CSV file is expected"))
  }

  @Test func theSunspotsAreRead() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let table = try CSVTable(contentsOf: root.appendingPathComponent("Examples/Data/sunspots-monthly.csv").path)
    let values = try table.numbers(inColumn: "sunspots")
    #expect(values.count == 2820 && values.first == 58 && values.last == 33.4)
  }
}
