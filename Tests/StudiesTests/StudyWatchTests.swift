import EbbCells
import EbbMarkup
import EbbReport
import EbbStudies
import EbbTraining
import Testing

@testable import EbbDiagnostics

@Suite struct StudyWatchTests {
  @Test func partialResultsGrowIntoTheWholeOne() throws {
    let study = Study(StudyTests.cells, settings: StudyTests.settings)
    var trained: [Int] = []
    var pages: [String] = []
    let result = try study.run(watch: { event, soFar in
      let partial = soFar()
      trained.append(partial.cells.count { $0.training.end.isReached })
      if case .training(_, let step, _, _) = event, step == 3 {
        let running = HTMLReport.Running("training", fraction: 0.5, interval: 3, time: 0)
        pages.append(partial.page(running: running).html())
        let current = partial.cells.first { $0.training.end == .running }
        #expect(current?.training.losses.count == 3)
      }
      return .continue
    })
    #expect(trained == trained.sorted() && trained.last == 3)
    #expect(result.isFinished && pages.count == 3)
    for page in pages { #expect(page.contains("class=\"running\"") && page.contains("location.reload")) }
    #expect(pages[0].contains("not trained yet") && pages[0].contains("in training"))
    let finished = result.page.html()
    #expect(!finished.contains("class=\"running\"") && !finished.contains("location.reload"))
    #expect(!finished.contains("not trained yet"))
    // Watching changes no number.
    let unwatched = try study.run()
    #expect(result.cells.map(\.training.losses) == unwatched.cells.map(\.training.losses))
    #expect(result.cells.map(\.training.measurements) == unwatched.cells.map(\.training.measurements))
  }

  @Test func aStoppedStudyKeepsWhatWasDone() throws {
    let study = Study(StudyTests.cells, settings: StudyTests.settings)
    let result = try study.run(watch: { event, _ in
      if case .training("mgu", let step, _, _) = event, step == 2 { return .stop }
      return .continue
    })
    #expect(!result.isFinished)
    #expect(result.cells.map(\.training.end) == [.steps, .interrupted, .waiting])
    #expect(result.cells[1].training.losses.count == 2)
    #expect(result.page.html().contains("interrupted"))
    #expect(result.comparisonByCell.terminal().contains("not trained yet"))
    #expect(try JSONValue(parsing: result.json.text())["cells"]?.array?.count == 3)
  }
}
