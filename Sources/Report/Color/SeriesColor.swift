/// The meaning of a series' colour. On a page, a colour has the same meaning in every chart.
///
/// Shades tell the series of one subject apart: 0 is the full colour; 1 is a light line or bar, or a hollow mark; from 2
/// on, light lines are dotted.
public enum SeriesColor: Sendable, Hashable {
  /// The colour of the series' own name.
  case ofName
  /// The colour of a subject, such as a cell that several charts show.
  case of(String, shade: Int = 0)
  /// Grey, for a series that is compared with nothing.
  case neutral(shade: Int = 0)
}

/// How a series is drawn: a place in the palette, or none for grey, and a shade.
struct SeriesStyle: Sendable, Hashable {
  var slot: Int?
  var shade = 0

  /// The stylesheet classes with its colour and shade.
  var cssClass: String {
    let color = slot.map(SeriesPalette.cssClass) ?? "n"
    return shade == 0 ? color : "\(color) v\(min(shade, 2))"
  }

  /// The mark's number; its shape repeats the information of the colour.
  var mark: Int { slot ?? 0 }

  func dashes(isTheory: Bool) -> String? {
    if isTheory { return SeriesPalette.theoryDashes }
    return shade >= 2 ? "2 3" : slot.flatMap(SeriesPalette.dashes)
  }
}

/// The colours of subjects, in the order of their first appearance.
struct ColorAssignment: Sendable, Hashable {
  private var slots: [String: Int] = [:]

  init(_ charts: [Chart]) {
    for chart in charts {
      for (color, name) in chart.colors { add(color, name) }
    }
  }

  private mutating func add(_ color: SeriesColor, _ name: String) {
    guard let subject = subject(color, name), slots[subject] == nil else { return }
    slots[subject] = slots.count
  }

  private func subject(_ color: SeriesColor, _ name: String) -> String? {
    switch color {
    case .ofName: name
    case .of(let subject, _): subject
    case .neutral: nil
    }
  }

  /// The style of each series of a chart.
  func styles(of chart: Chart) -> [SeriesStyle] {
    chart.colors.map { color, name in
      let slot = subject(color, name).flatMap { slots[$0] }
      switch color {
      case .ofName: return SeriesStyle(slot: slot)
      case .of(_, let shade), .neutral(let shade): return SeriesStyle(slot: slot, shade: max(0, shade))
      }
    }
  }
}

extension Chart {
  /// The colours of the series, each with the name that it has by itself. Equal names in one chart are told apart.
  fileprivate var colors: [(color: SeriesColor, name: String)] {
    let series: [(SeriesColor, String)]
    switch self {
    case .line(let chart): series = chart.series.map { ($0.color, $0.name.isEmpty ? chart.y.label : $0.name) }
    case .scatter(let chart): series = chart.series.map { ($0.color, $0.name.isEmpty ? chart.y.label : $0.name) }
    case .bars(let chart): series = chart.groups.map { ($0.color, $0.name) }
    case .histogram(let chart): series = [(chart.color, chart.value.label)]
    case .heatMap: series = []
    }
    var counts: [String: Int] = [:]
    return series.map { color, name in
      counts[name, default: 0] += 1
      let count = counts[name] ?? 1
      return (color, count == 1 ? name : "\(name)\u{0}\(count)")
    }
  }
}
