/// A study on one page: a file without network access that is legible on light and dark screens and on paper.
///
/// All texts are plain; `backticks` mark code. Each chart's numbers are one click away. In a page, equal names and
/// subjects have equal colours, and the charts of a row share the axes of equal quantities. A script shows the numbers
/// under the pointer and saves charts as pictures; without it, nothing else is missing.
public struct HTMLReport: Sendable, Hashable {
  /// A part of the page under a heading.
  public struct Section: Sendable, Hashable {
    /// The heading.
    public var heading: String
    /// The content of the section, in order.
    public var blocks: [Block]

    /// A part of the page.
    public init(_ heading: String, _ blocks: [Block]) {
      self.heading = heading
      self.blocks = blocks
    }
  }

  /// A piece of a section.
  public enum Block: Sendable, Hashable {
    /// Running text.
    case paragraph(String)
    /// A list of sentences.
    case list([String])
    /// Monospaced text, line by line, such as the equations of a cell.
    case code(String)
    /// A chart, and a caption with its main point.
    case chart(Chart, caption: String)
    /// Charts to compare, side by side if the page is wide enough, with one caption for all.
    case row([Chart], caption: String)
    /// A table, and a caption on how its numbers were measured.
    case table(DataTable, caption: String)
  }

  /// Information needed to reproduce the study: a seed, a version, a machine.
  public struct Detail: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A value under its name.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// How a page was made, so that it can be made again.
  public struct Origin: Sendable, Hashable {
    /// The program and its version, such as `"ebb 0.1.0"`.
    public var version: String
    /// The command line.
    public var command: String
    /// The date, in words or in ISO 8601.
    public var date: String

    /// The origin of a page.
    public init(version: String, command: String, date: String) {
      self.version = version
      self.command = command
      self.date = date
    }

    var details: [Detail] {
      [Detail("made with", version), Detail("command", "`\(command)`"), Detail("date", date)]
    }
  }

  /// A page that is updated while its numbers are being computed.
  ///
  /// It reloads itself during that time, and reports if there has been no update for a while: the process may have been
  /// killed.
  public struct Running: Sendable, Hashable {
    /// The current work, such as `"training lstm: 400 of 2000 steps"`.
    public var text: String
    /// The fraction done, in 0 … 1.
    public var fraction: Double
    /// The approximate number of seconds between updates.
    public var interval: Double
    /// The time of this update, in seconds since 1970.
    public var time: Double

    /// A page that is updated repeatedly.
    public init(_ text: String, fraction: Double, interval: Double, time: Double) {
      self.text = text
      self.fraction = fraction
      self.interval = interval
      self.time = time
    }
  }

  /// The heading of the page.
  public var title: String
  /// The page's name at the beginning of the names of files that are saved from it; empty takes it from the title.
  public var name: String
  /// One paragraph: the question and the answer.
  public var lead: String
  /// One sentence each, the most important first.
  public var findings: [String]
  /// The parts of the page, in order.
  public var sections: [Section]
  /// Stands at the end of the page.
  public var details: [Detail]
  /// Stands before the details. A page does not read the clock itself, so equal reports give equal pages.
  public var origin: Origin?
  /// Nil for a page that is finished.
  public var running: Running?

  /// A page; by default finished.
  public init(
    title: String, name: String = "", lead: String, findings: [String] = [], sections: [Section],
    details: [Detail] = [],
    origin: Origin? = nil, running: Running? = nil
  ) {
    self.title = title
    self.name = name
    self.lead = lead
    self.findings = findings
    self.sections = sections
    self.details = details
    self.origin = origin
    self.running = running
  }
}
