/// A study on one page: a file without network access that reads well on a screen, in the dark and on paper.
///
/// All texts are plain; `backticks` set code. Each chart's numbers are one click away, and a script shows the numbers
/// under the pointer; without the script nothing is missing but that.
public struct HTMLReport: Sendable, Hashable {
  public struct Section: Sendable, Hashable {
    public var heading: String
    public var blocks: [Block]

    public init(_ heading: String, _ blocks: [Block]) {
      self.heading = heading
      self.blocks = blocks
    }
  }

  public enum Block: Sendable, Hashable {
    case paragraph(String)
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
    public var name: String
    public var value: String

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

    public init(_ text: String, fraction: Double, interval: Double, time: Double) {
      self.text = text
      self.fraction = fraction
      self.interval = interval
      self.time = time
    }
  }

  public var title: String
  /// One paragraph: the question and the answer.
  public var lead: String
  /// One sentence each, the most important first.
  public var findings: [String]
  public var sections: [Section]
  /// Stands at the end of the page.
  public var details: [Detail]
  /// Nil for a page that is finished.
  public var running: Running?

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
