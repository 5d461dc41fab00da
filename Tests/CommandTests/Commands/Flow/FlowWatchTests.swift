import EbbDiagnostics
import EbbExecution
import EbbFiles
import Foundation
import Testing

@testable import EbbCommand

/// A page that follows a file of equations.
@Suite struct FlowWatchTests {
  static let good = "g_t = σ(U x_t + b)\nh_t = g_t ⊙ φ(W h_{t-1})"
  static let wrong = "g_t = σ(U x_t + b)\nh_t = g_t ⊙ φ(W ? h_{t-1})"
  static let other = "g_t = σ(U x_t + b)\nh_t = (1 - g_t) ⊙ φ(W h_{t-1})"

  /// `g_t ⊙ tanh` and `(1 − g_t) ⊙ tanh` on the page.
  private static let goodMarkup = "</mrow></msub><mo>⊙</mo><mrow><mi>tanh"
  private static let otherMarkup = "</mo></mrow><mo>⊙</mo><mrow><mi>tanh"

  private static let experiment = FlowExperiment(
    length: 6, features: 2, batch: 2, run: RunOptions(ExecutionOptions(threads: 1)))

  private static func write(_ text: String, to path: String) throws {
    try text.write(toFile: path, atomically: false, encoding: .utf8)
  }

  private static func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  // MARK: Changes

  /// The changes of a file on which each wait does one of these deeds.
  private func changes(of path: String, _ deeds: [() throws -> Void]) throws -> [FileChanges.Change] {
    var (rest, failure, waits) = (deeds[...], (any Error)?.none, 0)
    var changes = FileChanges(path, read: try Self.read(path)) { _ in
      waits += 1
      // Between the deeds the file is left alone, longer than an absence may last.
      if waits.isMultiple(of: 12), let deed = rest.popFirst() {
        do { try deed() } catch { failure = error }
      }
      return waits < 12 * (deeds.count + 2)
    }
    var found: [FileChanges.Change] = []
    while let change = changes.next() { found.append(change) }
    if let failure { throw failure }
    return found
  }

  @Test func everyWayToSaveIsNoticedOnce() throws {
    try withTemporaryFolder { folder in
      let (path, draft) = (folder + "/cell.tex", folder + "/draft")
      try Self.write("one", to: path)
      let found = try changes(
        of: path,
        [
          { try Self.write("two", to: path) },
          // The same text is no change.
          { try Self.write("two", to: path) },
          {
            // An editor that moves the old file away and a new one to its place, with the same size and time.
            let old = try FileManager.default.attributesOfItem(atPath: path)
            try Self.write("six", to: draft)
            try FileManager.default.setAttributes(
              [.modificationDate: try #require(old[.modificationDate])], ofItemAtPath: draft)
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: draft, toPath: path)
          },
          { try FileManager.default.removeItem(atPath: path) },
          { try Self.write("six", to: path) },
          {
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
          },
        ])
      #expect(
        found.dropLast() == [
          .text("two"), .text("six"), .failure(FileError(path, "there is no such file")), .text("six"),
        ])
      guard case .failure(let error) = found.last else { return #expect(Bool(false), "\(found)") }
      #expect(error.description.hasPrefix("\(path): cannot be read: "))
    }
  }

  @Test func aFileThatIsBeingWrittenIsReadAtItsEnd() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cell.tex"
      try Self.write("old", to: path)
      var waits: [Double] = []
      var changes = FileChanges(path, read: "old") { seconds in
        waits.append(seconds)
        switch waits.count {
        case 4: try? Self.write("", to: path)
        case 5: try? Self.write("n", to: path)
        case 6: try? Self.write("new", to: path)
        case let count where count > 12: return false
        case _: break
        }
        return true
      }
      #expect(changes.next() == .text("new"))
      #expect(changes.next() == nil)
      #expect(waits[4...6] == [FileChanges.settling, FileChanges.settling, FileChanges.settling])
    }
  }

  @Test func aDifferenceIsAFewWords() {
    for (old, new, words) in [
      ("a\nb\nc", "a\nB\nc", "line 2: B"), ("a\nc", "a\nb\n  d\nc", "lines 2–3: b …"), ("a\nb", "a", "line 2 removed"),
      ("a\nb\nc\nd", "d", "lines 1–3 removed"), ("a\na", "a\na\na", "line 3: a"), ("a\nb", "a\n\nb", "line 2 blank"),
      ("a", "  a", ""),
    ] { #expect(TextDifference.summary(from: old, to: new) == words) }
  }

  // MARK: The page

  private final class Lines {
    var results: [String] = []
    var messages = ""
    var context: CommandContext {
      CommandContext(
        cells: [:],
        output: CommandOutput(write: { self.results.append($0) }, writeError: { self.messages += $0 }))
    }
  }

  @Test func thePageFollowsTheText() throws {
    try withTemporaryFolder { folder in
      let (path, page, numbers) = (folder + "/cell.tex", folder + "/page.html", folder + "/n.json")
      let lines = Lines()
      var time = 1e9
      let file = try #require(EquationFile(path, given: []))
      var watcher = FlowWatcher(
        file, Self.experiment, units: 3, page: page, numbers: numbers,
        lines.context,
        now: {
          time += 0.25
          return time
        })
      func show(_ text: String) throws -> String {
        lines.messages = ""
        watcher.show(.text(text))
        return try Self.read(page)
      }

      let first = try show(Self.good)
      for words in [
        "Gradient through time", "changes by a factor of", Self.goodMarkup, "φ is tanh", "g</td>",
        "measured at", "const version = \"10000000",
      ] { #expect(first.contains(words), "\(words)") }
      #expect(!first.contains("class=\"problem\"") && !first.contains("Lyapunov") && !first.contains("Credit"))
      #expect(lines.results.count == 1 && lines.results[0].contains("  h × 0."), "\(lines.results)")
      #expect(lines.messages.contains("φ is tanh"))
      let before = try Self.read(numbers)

      // With an error the page keeps what was measured last.
      let second = try show(Self.wrong)
      #expect(lines.results.count == 1)
      let place = "\(path):2:17: ? is not read in equations"
      let excerpt = "  h_t = g_t ⊙ φ(W ? h_{t-1})\n" + String(repeating: " ", count: 18) + "^"
      #expect(lines.messages.contains("  \(place)\n\(excerpt)\n"), "\(lines.messages)")
      #expect(second.contains("<div class=\"problem\" role=\"alert\"><pre><code>\(place)\n\(excerpt)</code>"))
      #expect(second.contains(Self.goodMarkup) && second.contains("Gradient through time"))
      #expect(try Self.read(numbers) == before)

      let third = try show(Self.other)
      #expect(!third.contains("class=\"problem\"") && third.contains(Self.otherMarkup))
      #expect(lines.results.count == 2 && lines.messages.isEmpty, "\(lines.messages)")
      #expect(try Self.read(numbers) != before)
      let versions = [first, second, third].map { page in
        page.components(separatedBy: "const version = \"")[1].prefix { $0 != "\"" }
      }
      #expect(Set(versions).count == 3)

      watcher.show(.failure(FileError(path, "there is no such file")))
      #expect(try Self.read(page).contains("cell.tex: there is no such file"))
      _ = try show(Self.other)
      #expect(lines.results.last?.hasSuffix("  as before\n") == true)
      watcher.finish()
      let last = try Self.read(page)
      #expect(last.contains("Gradient through time") && !last.contains("ebb-version") && !last.contains("reload"))
    }
  }

  @Test func aTextThatIsWrongFromTheStartHasAPage() throws {
    try withTemporaryFolder { folder in
      let lines = Lines()
      let page = folder + "/page.html"
      let file = try #require(EquationFile(folder + "/cell.md#Second", given: []))
      var watcher = FlowWatcher(
        file, Self.experiment, units: 3, page: page, numbers: nil,
        lines.context)
      watcher.show(.text("# First\n$$ h_t = W h_{t-1} + x_t $$"))
      #expect(try Self.read(page).contains("no heading Second has equations"))
      // What can be read may still not fit the experiment.
      watcher.show(.text("# Second\n$$ h_t = W h_{t-1} + x_t, W: [7, 7] $$"))
      #expect(lines.results.isEmpty && lines.messages.contains("7"), "\(lines.messages)")
      watcher.show(.text("# Second\n$$ h_t = W h_{t-1} + U x_t $$"))
      #expect(lines.results.count == 1, "\(lines.messages)")
    }
  }

  // MARK: The command

  @Test func whatCannotBeFollowedIsSaid() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cell.tex"
      try Self.write(Self.good, to: path)
      let page = folder + "/page.html"
      for (arguments, words) in [
        (["--watch", page], "lstm is a cell of this program"),
        (["--cell", "gru", "--watch", page], "--cell FILE or FILE#HEADING; gru is a cell of this program"),
        (["--cell", "lstn", "--watch", page], "there is no cell lstn"),
        (["--cell", "h_t = W h_{t-1} + U x_t", "--watch", page], "--cell FILE or FILE#HEADING; save these in one"),
        (["--cell", "/dev/null", "--watch", page], "'/dev/null' is a pipe or a device"),
        (["--cell", path, "--watch", "-"], "--watch needs a file that a browser can load again"),
        (["--cell", path, "--watch", page, "--report", folder + "/r.html"], "give one of the two"),
        (["--cell", path, "--watch", page, "--json"], "give the numbers a file: --json FILE"),
        (["--cell", path, "--watch", page, "--credit"], "give --credit without it"),
        (["--cell", path, "--watch", path], "--watch cannot write"),
      ] {
        let outcome = ebb(["flow"] + arguments)
        #expect(outcome.status == 2 && outcome.messages.contains(words), "\(arguments): \(outcome.messages)")
      }
      let missing = ebb("flow", "--cell", folder + "/none.tex", "--watch", page)
      #expect(missing.status == 1 && missing.messages.contains("there is no such file"))
      #expect(!FileManager.default.fileExists(atPath: page))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalEndsItInOrder(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let (path, page) = (folder + "/cell.tex", folder + "/page.html")
      try Self.write(Self.wrong, to: path)
      let run = try ProgramProcess([
        "flow", "--cell", path, "--length", "5", "--hidden", "2", "--input", "1", "--batch", "1", "--watch", page,
      ])
      func waits(for words: String) -> Bool { run.wait { (try? Self.read(page))?.contains(words) == true } }
      #expect(waits(for: "cell.tex:2:17: ? is not read"))
      try Self.good.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(waits(for: "Gradient through time"))
      run.send(signal)
      let outcome = try run.outcome()
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.contains("h × 0."), "\(outcome.output)")
      #expect(outcome.messages.contains("\(path) is no longer followed"))
      #expect(try !Self.read(page).contains("ebb-version"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["cell.tex", "page.html"])
    }
  }
}
