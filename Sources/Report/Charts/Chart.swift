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
  public var title: String {
    switch self {
    case .line(let chart): chart.title
    case .scatter(let chart): chart.title
    case .bars(let chart): chart.title
    case .histogram(let chart): chart.title
    case .heatMap(let chart): chart.title
    }
  }
}
