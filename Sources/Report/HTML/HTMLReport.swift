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

  public var title: String
  /// One paragraph: the question and the answer.
  public var lead: String
  /// One sentence each, the most important first.
  public var findings: [String]
  public var sections: [Section]
  /// Stands at the end of the page.
  public var details: [Detail]

  public init(
    title: String, lead: String, findings: [String] = [], sections: [Section], details: [Detail] = []
  ) {
    self.title = title
    self.lead = lead
    self.findings = findings
    self.sections = sections
    self.details = details
  }
}
