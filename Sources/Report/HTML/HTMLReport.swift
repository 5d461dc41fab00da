/// A study on one page: a file without network access that reads well on a screen, in the dark and on paper.
///
/// All texts are plain; `backticks` set code. Each chart's numbers are one click away, and a script shows the numbers
/// under the pointer; without the script nothing is missing but that.
public struct HTMLReport: Sendable, Hashable {
  /// A part of the page under a heading.
  public struct Section: Sendable, Hashable {
    /// The heading.
    public var heading: String
    /// What stands under it, in order.
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
    /// Text in a fixed pitch, line by line, such as the equations of a cell.
    case code(String)
    /// A chart, and under it what the reader should see in it.
    case chart(Chart, caption: String)
    /// Charts to compare, side by side where the page is wide enough; the caption is that of all of them.
    case row([Chart], caption: String)
    /// A table, and under it how its numbers were measured.
    case table(DataTable, caption: String)
  }

  /// Something that a reader needs to do the study again: a seed, a version, a machine.
  public struct Detail: Sendable, Hashable {
    /// What it is.
    public var name: String
    /// Its value.
    public var value: String

    /// A value under its name.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A page that is written again and again while its numbers are being made.
  ///
  /// It loads itself again as long as it says so, and says when nothing new has come for a while: the process may have
  /// been killed.
  public struct Running: Sendable, Hashable {
    /// What is being done, such as `"training lstm: 400 of 2000 steps"`.
    public var text: String
    /// How much is done, in 0 … 1.
    public var fraction: Double
    /// About how many seconds lie between two writings.
    public var interval: Double
    /// When this page was written, in seconds since 1970.
    public var time: Double

    /// A page that is written again and again.
    public init(_ text: String, fraction: Double, interval: Double, time: Double) {
      self.text = text
      self.fraction = fraction
      self.interval = interval
      self.time = time
    }
  }

  /// The heading of the page.
  public var title: String
  /// One paragraph: the question and the answer.
  public var lead: String
  /// One sentence each, the most important first.
  public var findings: [String]
  /// The parts of the page, in order.
  public var sections: [Section]
  /// Stands at the end of the page.
  public var details: [Detail]
  /// Nil for a page that is finished.
  public var running: Running?

  /// A page; by default finished.
  public init(
    title: String, lead: String, findings: [String] = [], sections: [Section], details: [Detail] = [],
    running: Running? = nil
  ) {
    self.title = title
    self.lead = lead
    self.findings = findings
    self.sections = sections
    self.details = details
    self.running = running
  }
}
