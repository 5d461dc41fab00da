/// A picture of numbers: a value that does not depend on where it is drawn.
///
/// `svg(…)` draws it for a page or a paper, `terminal(…)` for a terminal, and `table` has the numbers themselves.
public enum Chart: Sendable, Hashable {
  /// Quantities that change along x.
  case line(LineChart)
  /// Points without an order.
  case scatter(ScatterChart)
  /// Quantities by name.
  case bars(BarChart)
  /// How often values occur.
  case histogram(Histogram)
  /// A grid of values as colours.
  case heatMap(HeatMap)

  /// The title above the chart.
  public var title: String { content.title }

  /// The picture itself.
  var content: any ChartContent {
    switch self {
    case .line(let chart): chart
    case .scatter(let chart): chart
    case .bars(let chart): chart
    case .histogram(let chart): chart
    case .heatMap(let chart): chart
    }
  }
}

/// The drawing of one kind of chart.
protocol ChartContent {
  var title: String { get }
  func drawn(_ options: ChartDrawingOptions) -> SVGCanvas
  /// Lines of text; the plot itself has at most this many rows, unless each bar has its own.
  func terminalLines(_ style: TerminalStyle, rows: Int) -> [String]
}
