import Foundation
import Testing

@testable import EbbCommand

@Suite struct PageOutputTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
  private let flow = ["flow", "--cell", "gru", "--hidden", "3", "--length", "10", "--batch", "2"]

  @Test func figuresAreWrittenForPapers() throws {
    try withTemporaryFolder { folder in
      let figures = folder + "/new/figures"
      let outcome = ebb(flow + ["--figures", figures])
      #expect(outcome.status == 0, "\(outcome.messages)")
      let names = try FileManager.default.contentsOfDirectory(atPath: figures).sorted()
      let stems = Set(names.map { ($0 as NSString).deletingPathExtension })
      #expect(names.count == 2 * stems.count && stems.count == 7)
      #expect(outcome.messages.contains("wrote 7 charts to \(figures), each as SVG and CSV"))
      for name in ["gradient-through-time", "eigenvalues-of-the-step-jacobian", "credit-dl-dh-of-h"] {
        #expect(stems.contains(name), "\(name)")
      }
      let gradient = try text(figures + "/gradient-through-time.csv").split(separator: "\n")
      #expect(gradient.count == 11 && gradient[0].hasPrefix("timestep_t,h_total,"))
      #expect(try text(figures + "/gradient-through-time.svg").hasPrefix("<svg xmlns="))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["new"], "no page was asked for")
      // They are written over.
      #expect(ebb(flow + ["--figures", figures, "--report", folder + "/p.html"]).status == 0)
      #expect(try text(folder + "/p.html").contains("data-name=\"gradient-through-time\""))
      #expect(try FileManager.default.contentsOfDirectory(atPath: figures).sorted() == names)
    }
  }

  @Test func aFileIsNoFolderForFigures() throws {
    try withTemporaryFolder { folder in
      try "a file".write(toFile: folder + "/file", atomically: true, encoding: .utf8)
      for place in ["/file", "/file/in"] {
        let refused = ebb(flow + ["--figures", folder + place])
        #expect(refused.status == 1 && refused.output.isEmpty, "refused before anything is measured")
        #expect(refused.messages.contains("cannot write '\(folder)\(place)': Not a directory"), "\(refused.messages)")
      }
      let study = ebb(
        "study", "--cells", "rnn", "--hidden", "2", "--length", "6", "--task-length", "5", "--steps", "3", "--figures",
        folder + "/file", "--html", folder + "/s.html", "--json", folder + "/s.json")
      #expect(study.status == 1 && !FileManager.default.fileExists(atPath: folder + "/s.json"))
    }
  }

  @Test func studiesAndForecastsHaveFiguresToo() throws {
    try withTemporaryFolder { folder in
      let study = ebb(
        "study", "--cells", "rnn,gru", "--hidden", "2", "--length", "6", "--batch", "2", "--task-length", "5",
        "--training-batch", "2", "--steps", "3", "--figures", folder + "/study", "--html", folder + "/s.html", "--json",
        folder + "/s.json")
      #expect(study.status == 0, "\(study.messages)")
      #expect(
        try text(folder + "/study/gradient-through-time-at-initialisation.csv").hasPrefix("timestep_t,rnn,gru\n1,"))
      let rows = (0..<60).map { "2020-\($0 / 28 + 1)-\($0 % 28 + 1),\($0 % 7)" }.joined(separator: "\n")
      try "date,v\n\(rows)\n".write(toFile: folder + "/d.csv", atomically: true, encoding: .utf8)
      let forecast = ebb(
        "forecast", "train", folder + "/d.csv", "--target", "v", "--hidden", "2", "--steps", "5", "--window", "4",
        "--figures", folder + "/forecast", "--report", folder + "/f.svg")
      #expect(forecast.status == 0, "\(forecast.messages)")
      let next = try text(folder + "/forecast/the-next-value-of-v.csv").split(separator: "\n")
      #expect(
        next[0] == "date,v,forecast,forecast_lower,forecast_upper" && next.last?.hasPrefix("2020-03-05,nan,") == true)
      #expect(try text(folder + "/f.svg").hasPrefix("<svg"))
    }
  }

  @Test func pagesSayHowTheyWereMade() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a page.html"
      #expect(ebb(flow + ["--seed", "7", "--report", path]).status == 0)
      let page = try text(path)
      #expect(page.contains("<dt>made with</dt><dd>ebb \(EbbProgram.version)</dd>"))
      #expect(page.contains("<code>ebb flow --cell gru --hidden 3 --length 10 --batch 2 --seed 7 --report &#39;"))
      #expect(page.contains(" UTC</dd>") && page.contains("<dt>seed</dt><dd>7</dd>"))
    }
  }

  @Test func theDateMayBeGiven() {
    #expect(PageOrigin.date(environment: [:], now: 1_700_000_000) == "2023-11-14 22:13 UTC")
    #expect(PageOrigin.date(environment: ["SOURCE_DATE_EPOCH": "86400"], now: 1_700_000_000) == "1970-01-02 00:00 UTC")
    #expect(PageOrigin.date(environment: ["SOURCE_DATE_EPOCH": "soon"], now: 59) == "1970-01-01 00:00 UTC")
    #expect(PageOrigin.date(environment: [:], now: 1e300) == "unknown")
  }

  @Test func wordsAreQuotedForAShell() {
    #expect(
      ["flow", "--cell", "a=b,c", "", "it's", "h_t = x"].map(PageOrigin.quoted) == [
        "flow", "--cell", "a=b,c", "''", "'it'\\''s'", "'h_t = x'",
      ])
  }
}
