internal import EbbMarkup

extension HTMLReport {
  /// A chart of the page.
  public struct Figure: Sendable, Hashable {
    /// Its number on the page, from 1.
    public var number: Int
    /// A name for files, unique on the page: small letters, digits and hyphens, from the chart's title.
    public var name: String
    /// The chart, with the axes that it shares with the others of its row.
    public var chart: Chart
    var styles: [SeriesStyle]
    var layout: Layout

    /// The picture for a paper: no title, light colours on white, rules without variables.
    public var svg: String { chart.paperSVG(styles, width: layout.width, height: layout.height) }
    /// The numbers for a paper, as PGFPlots reads them.
    public var csv: String { chart.plotCSV }
  }

  /// The size of a chart, in CSS pixels.
  struct Layout: Sendable, Hashable {
    var width: Int
    var height: Int?

    /// As wide as the text.
    static func wide(_ chart: Chart) -> Layout { Layout(width: 696, height: nil) }
    /// As wide as a phone, or as a column of a row.
    static func narrow(_ chart: Chart) -> Layout {
      switch chart {
      case .line: Layout(width: 336, height: 260)
      case .histogram: Layout(width: 336, height: 220)
      case .scatter(let scatter): Layout(width: 336, height: scatter.isSquare ? nil : 280)
      case .bars, .heatMap: Layout(width: 336, height: nil)
      }
    }
  }

  /// Every chart of the page, in order.
  public var figures: [Figure] {
    var figures: [Figure] = []
    var names = FileNames()
    let charts = sections.flatMap(\.blocks).flatMap { block -> [(Chart, isWide: Bool)] in
      switch block {
      case .chart(let chart, _): [(chart, true)]
      case .row(let charts, _): charts.sharingAxes.map { ($0, charts.count == 1) }
      case .paragraph, .list, .code, .table: []
      }
    }
    let colors = ColorAssignment(charts.map(\.0))
    for (chart, isWide) in charts {
      figures.append(
        Figure(
          number: figures.count + 1, name: names.next(chart.title), chart: chart, styles: colors.styles(of: chart),
          layout: isWide ? .wide(chart) : .narrow(chart)))
    }
    return figures
  }

  /// The name of the page for files.
  var fileName: String { FileNames.safe(name.isEmpty ? title : name) }
}

/// Names of files from titles, each once.
struct FileNames {
  private var taken: Set<String> = []

  mutating func next(_ title: String) -> String {
    let name = Self.safe(title)
    var candidate = name
    var count = 1
    while !taken.insert(candidate).inserted {
      count += 1
      candidate = "\(name)-\(count)"
    }
    return candidate
  }

  /// Small letters, digits and hyphens. Greek letters are spelled out, other characters separate words.
  static func safe(_ title: String, separator: String = "-") -> String {
    let words = title.lowercased().reduce(into: "") { text, character in
      if character.isASCII, character.isLetter || character.isNumber {
        text.append(character)
      } else if let word = spelled[character] {
        // A derivative is one word with its variable.
        text += character == "∂" ? " \(word)" : " \(word) "
      } else if character != "'" && character != "’" {
        text += " "
      }
    }
    let name = words.split(separator: " ").joined(separator: separator)
    return name.isEmpty ? "figure" : String(name.prefix(80))
  }

  private static let spelled: [Character: String] = [
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "η": "eta", "θ": "theta", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "χ": "chi", "ω": "omega",
    "∂": "d", "±": "margin", "²": "2", "₁": "1", "%": "percent",
  ]
}
