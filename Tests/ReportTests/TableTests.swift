import EbbReport
import Testing

@Suite struct TableTests {
  /// A list of 40,000 rows: work that grows with their square would not end.
  @Test func longTablesAreWritten() {
    let count = 40_000
    let names = (0..<count).map { "layer\($0)" }
    let numbers = DataTable.Column.numbers("n", format: .significant(6), (0..<count).map(Double.init))
    let text = DataTable("", columns: [.text("tensor", names), .text("shape", names), numbers]).terminal()
    #expect(text.utf8.count { $0 == 10 } == count + 2)
    #expect(text.hasSuffix("layer39999  layer39999  39999\n"), "\(text.suffix(60))")
  }
}
