import EbbReport
import EbbStatistics
import Testing

/// Several runs as one line with a band, and their spread in words.
@Suite struct RunsTests {
  @Test func aLineIsTheMedianWithTheQuartiles() {
    let series = ChartSeries("a", runs: [[1, 2, 3], [2, 4, 6], [3, 6, 100]], first: 5)
    #expect(series.x == [5, 6, 7])
    #expect(series.y == [2, 4, 6])
    #expect(series.band?.lower == [1.5, 3, 4.5])
    #expect(series.band?.upper == [2.5, 5, 53])
    #expect(series.band?.name == "a, the middle half of 3 seeds")
  }

  @Test func aRunThatHasEndedKeepsItsLastValue() {
    let series = ChartSeries("a", runs: [[3, 0], [3, 2, 1], [3, 2, 2]])
    #expect(series.y == [3, 2, 1])
    #expect(series.band?.lower == [3, 1, 0.5])
  }

  @Test func oneRunHasNoBand() {
    #expect(ChartSeries("a", runs: [[1, 2]]).band == nil)
    #expect(ChartSeries("a", runs: []).y == [])
  }

  @Test func spreadsInWords() {
    #expect(Spread([1, 2, 3, 4, 5]).text == "3 (2–4)")
    #expect(Spread([0.25]).text == "0.25")
    #expect(Spread([2, 2]).meanText == "2 [2, 2]")
    #expect(SuccessCount(4, of: 5).textWithInterval == "4 of 5 (38%–96%)")
  }
}
