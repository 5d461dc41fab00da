/// A picture of numbers: a value that knows nothing about where it is drawn.
///
/// `svg(…)` draws it for a page or a paper, `terminal(…)` for a terminal, and `table` gives the numbers themselves.
public enum Chart: Sendable, Hashable {
  case line(LineChart)
  case scatter(ScatterChart)
  case bars(BarChart)
  case histogram(Histogram)
  case heatMap(HeatMap)

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
