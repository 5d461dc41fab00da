import EbbCells
import EbbReport
import Foundation
import Testing

@testable import EbbStudies

@Suite struct StudyPageTests {
  private static let result = Result { try Study(StudyTests.cells, settings: StudyTests.settings).run() }

  /// The colours of a figure's data, without shades.
  private func colors(_ figure: HTMLReport.Figure) -> Set<String> {
    let body = figure.svg.components(separatedBy: "</style>").last ?? ""
    var colors: Set<String> = []
    for kind in ["curve", "bar", "scattered", "dot"] {
      for part in body.components(separatedBy: "class=\"\(kind) ").dropFirst() {
        colors.insert(String(part.prefix { $0 != "\"" && $0 != " " }))
      }
    }
    return colors
  }

  @Test func aCellHasOneColorOnThePage() throws {
    let result = try Self.result.get()
    let figures = result.page.figures
    #expect(figures.count > 15)
    for (index, cell) in result.cells.enumerated() {
      let own = figures.filter { $0.name.hasPrefix(cell.name + "-") && !$0.name.contains("credit") }
      #expect(own.count >= 4, "\(cell.name)")
      for figure in own where !figure.name.contains("during-training") {
        // Theory is grey.
        #expect(colors(figure).subtracting(["n"]) == ["s\(index)"], "\(figure.name): \(colors(figure))")
      }
    }
    // The exploding network is none of the cells.
    let others = figures.filter { $0.name.hasPrefix("the-simple-network") || $0.name.hasPrefix("clipped-samples") }
    #expect(others.count == 2 && others.allSatisfy { colors($0) == ["n"] })
    let all = try #require(figures.first)
    #expect(colors(all) == Set(result.cells.indices.map { "s\($0)" }))
  }

  @Test func chartsToCompareShareTheirAxes() throws {
    let result = try Self.result.get()
    func bounds(_ suffix: String) -> [ClosedRange<Double>?] {
      result.page.figures.filter { $0.name.hasSuffix(suffix) }.map { figure in
        switch figure.chart {
        case .line(let chart): chart.y.bounds
        case .scatter(let chart): chart.x.bounds
        case .bars(let chart): chart.value.bounds
        case .histogram(let chart): chart.highestCount.map { 0...$0 }
        case .heatMap(let chart): chart.value.bounds
        }
      }
    }
    for suffix in ["-before-and-after-training", "-eigenvalues", "-saturation", "-sigma-after-training"] {
      let ends = bounds(suffix)
      #expect(ends.count >= 2 && ends[0] != nil && Set(ends).count == 1, "\(suffix): \(ends)")
    }
    let spectra = result.page.figures.filter { $0.name.hasPrefix("lyapunov-spectra") }
    guard spectra.count == 2, case .line(let before) = spectra[0].chart, case .line(let after) = spectra[1].chart else {
      Issue.record("two spectra")
      return
    }
    #expect(before.y.bounds == after.y.bounds)
  }

  @Test func manyCellsShareTheirFindings() throws {
    var result = try Self.result.get()
    let one = result.cells[0]
    result.cells = (0..<10).map { index in
      var cell = one
      cell.name = "cell\(index)"
      cell.training.heldOutError = Double(index + 1) / 100
      cell.training.isSolved = index < 2
      return cell
    }
    let findings = result.findings
    #expect(findings.count <= 6)
    #expect(
      findings[0].contains("that solved the adding problem") && findings[0].contains(": `cell0` 0.01, `cell1` 0.02."))
    #expect(
      findings[1].contains("did not solve") && findings[1].contains("`cell2` 0.03")
        && findings[1].contains("`cell9` 0.1."))
    #expect(findings[2].contains("factor") && findings[2].contains("`cell4`"))
    let colors = Set(
      result.page.figures[0].svg.components(separatedBy: "class=\"curve ").dropFirst().map { $0.prefix(4) })
    #expect(colors.count == 10)
  }
}
