import EbbReport

/// Charts as bad runs produce them.
enum Awkward {
  static let x = ChartAxis("x")
  static let linear = ChartAxis("y", unit: "m")
  static let logarithmic = ChartAxis("y", scale: .log10)
  static let hostile = "<script>alert('1')</script> & \"quotes\" \u{0} \u{1B}[31m \u{FFFE} `code` 😀"

  static let charts: [(name: String, chart: Chart)] = [
    ("no series", line([])),
    ("empty series", line([ChartSeries("a", [])])),
    ("one point", line([ChartSeries("a", [3])])),
    ("one point on a log axis", line([ChartSeries("a", [3])], logarithmic)),
    ("only NaN", line([ChartSeries("a", [.nan, .nan])])),
    ("zeros on a log axis", line([ChartSeries("a", [0, 0, 0])], logarithmic)),
    ("gaps", line([ChartSeries("a", [1, .nan, 2, 3, .infinity, 4, 0, -1, 5])], logarithmic)),
    ("NaN in x", line([ChartSeries("a", x: [0, .nan, 2], y: [1, 2, 3])])),
    ("huge", line([ChartSeries("a", [-1.7e308, 1.7e308])])),
    ("tiny", line([ChartSeries("a", [.leastNonzeroMagnitude, .leastNormalMagnitude, 1])], logarithmic)),
    ("constant", line([ChartSeries("a", [2, 2, 2])])),
    ("unordered", line([ChartSeries("a", x: [3, 1, 2], y: [1, 2, 3])])),
    ("twenty series", line((0..<20).map { ChartSeries("series \($0)", [Double($0), 1]) })),
    ("same end", line((0..<6).map { ChartSeries("series \($0)", [Double($0), 1]) })),
    ("hostile names", line([ChartSeries(hostile, [1, 2]), ChartSeries(hostile, [2, 1])], ChartAxis(hostile))),
    (
      "events and references",
      .line(
        LineChart(
          hostile, x: x, y: logarithmic, series: [ChartSeries("a", [1, 2, 3])],
          events: [ChartEvents("e", at: [0, .nan, 99]), ChartEvents("f", at: [])],
          references: [
            ReferenceLine(.x, at: .nan, label: "n"), ReferenceLine(.y, at: 0, label: "z"),
            ReferenceLine(.y, at: 2, label: "two"), ReferenceLine(.x, at: 1, label: "one"),
          ]))
    ),
    ("dates", .line(LineChart("t", x: ChartAxis("date", scale: .time), y: linear, series: [dated]))),
    (
      "dates beyond the calendar",
      .line(
        LineChart(
          "t", x: ChartAxis("date", scale: .time), y: linear,
          series: [ChartSeries("a", x: [-1e15, 0, 1e15], y: [1, 2, 3])]
        ))
    ),
    ("one date", .line(LineChart("t", x: ChartAxis("", scale: .time), y: linear, series: [ChartSeries("a", [1])]))),
    (
      "band with gaps",
      line([
        ChartSeries(
          "a", [1, 2, .nan, 4, 5, 6],
          band: .init(hostile, lower: [0, 1, .nan, 3, .infinity, 5], upper: [2, 3, .nan, 5, 6, 7]))
      ])
    ),
    ("empty map", map(0, 0, [])),
    ("no columns", map(3, 0, [])),
    ("one cell", map(1, 1, [4])),
    ("map of NaN", map(2, 2, [.nan, .nan, .infinity, -.infinity])),
    ("map of zeros on a log scale", map(2, 2, [0, 0, 0, 0], logarithmic)),
    ("constant map", map(2, 3, [1, 1, 1, 1, 1, 1])),
    ("tall map", map(300, 2, (0..<600).map(Double.init))),
    ("wide map", map(2, 3000, (0..<6000).map(Double.init))),
    ("signed map", .heatMap(signed)),
    ("no bars", bars([], [])),
    ("bar of NaN", bars(["a", "b"], [.nan, 1])),
    ("bars of zero", bars(["a", "b"], [0, 0])),
    ("bars of both signs", bars(["a", hostile], [-3, 2])),
    ("bars on a log axis", bars(["a", "b", "c"], [0, 1e-9, 1e3], logarithmic)),
    ("infinite bar", bars(["a"], [.infinity])),
    ("no values", histogram([])),
    ("one value", histogram([2])),
    ("values of NaN", histogram([.nan, .infinity])),
    ("values with zeros on a log axis", histogram([0, 1, 10, 100, -1], logarithmic)),
    ("no points", .scatter(ScatterChart("t", x: x, y: linear, series: []))),
    (
      "many points",
      .scatter(
        ScatterChart(
          "t", x: logarithmic, y: linear,
          series: [ChartSeries("a", x: (0..<5000).map(Double.init), y: (0..<5000).map { Double($0 % 7) })]))
    ),
  ]

  static let dated = ChartSeries("a", x: (0..<400).map { 86_400 * Double($0) }, y: (0..<400).map { Double($0 % 9) })

  static let signed = HeatMap(
    "t", x: x, y: x, value: linear, rows: 2, columns: 2, values: [-3, 0, 1, .nan], rowNames: ["a", hostile],
    palette: .diverging)

  private static func line(_ series: [ChartSeries], _ y: ChartAxis = linear) -> Chart {
    .line(LineChart("t", x: x, y: y, series: series))
  }

  private static func map(_ rows: Int, _ columns: Int, _ values: [Double], _ value: ChartAxis = linear) -> Chart {
    .heatMap(HeatMap("t", x: x, y: x, value: value, rows: rows, columns: columns, values: values))
  }

  private static func bars(_ names: [String], _ values: [Double], _ value: ChartAxis = linear) -> Chart {
    .bars(BarChart("t", categories: names, value: value, values: values))
  }

  private static func histogram(_ values: [Double], _ value: ChartAxis = linear) -> Chart {
    .histogram(Histogram("t", value: value, of: values))
  }
}
