internal import EbbFiles
internal import EbbReport
internal import Foundation

extension Option {
  /// The charts of a command's page, for papers. Such a command calls `checkCanSaveFigures` before its work and
  /// `savePage` after it.
  static let figures = Option(
    "figures", "FOLDER", "writes each chart of the page as SVG and as CSV, for papers")
}

extension CommandContext {
  /// Throws if the folder of `--figures` could not be made or written to.
  func checkCanSaveFigures(_ options: ParsedOptions) throws(FileWritingError) {
    guard let folder = options.text("figures") else { return }
    try checkWritableFolder(folder)
    output.delivery.awaitsFiles = true
  }

  /// Writes a page with its origin, if it has a path, and each of its charts, if `--figures` names a folder.
  func savePage(_ page: @autoclosure () -> HTMLReport, to path: String?, _ options: ParsedOptions) {
    let folder = options.text("figures")
    guard path != nil || folder != nil else { return }
    var page = page()
    page.origin = origin
    if let line = options.deviceArithmetic { page.details.append(.init("device", line)) }
    if let path { save(page.html(), to: path) }
    guard let folder else { return }
    do {
      try makeFolder(folder)
    } catch {
      output.fail(error)
      return
    }
    let figures = page.figures
    do {
      try Interrupts.protect {
        for figure in figures {
          try writeAtomically(figure.svg, to: "\(folder)/\(figure.name).svg")
          try writeAtomically(figure.csv, to: "\(folder)/\(figure.name).csv")
        }
      }
      output.writeError("wrote \(figures.count) charts to \(folder), each as SVG and CSV\n")
    } catch {
      output.fail(error)
    }
  }
}

/// How and when a page is made.
enum PageOrigin {
  /// The origin of a page of this process.
  static func current(program: String, version: String, arguments: [String]) -> HTMLReport.Origin {
    HTMLReport.Origin(
      version: "\(program) \(version)", command: ([program] + arguments).map(quoted).joined(separator: " "),
      date: date(environment: ProcessInfo.processInfo.environment, now: Date().timeIntervalSince1970))
  }

  /// The date in UTC. `SOURCE_DATE_EPOCH`, seconds since 1970, takes the place of the clock, so that a page can be made
  /// again bit for bit (https://reproducible-builds.org/specs/source-date-epoch).
  static func date(environment: [String: String], now: Double) -> String {
    let given = environment["SOURCE_DATE_EPOCH"].flatMap { Int($0) }.map(Double.init)
    guard let moment = Moment(seconds: ((given ?? now) / 60).rounded(.down) * 60) else { return "unknown" }
    // A date without a time is midnight.
    let text = "\(moment)"
    return (text.count > 10 ? text : text + " 00:00") + " UTC"
  }

  /// A word as a shell reads it back.
  static func quoted(_ word: String) -> String {
    let plain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./,=:@%+#".contains($0) }
    return plain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
