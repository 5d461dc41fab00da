import EbbReport
import Foundation

/// One chart of each kind, with the awkward values that real studies have.
enum Sample {
  static let steps = 120

  /// ‖∂L/∂hₜ‖ of an invented network that forgets by `rate` a step, with a little noise that is the same every time.
  static func norms(rate: Double, from last: Double) -> [Double] {
    (0..<steps).map { t in
      let noise = 0.25 * sin(Double(t) * 1.7) + 0.15 * cos(Double(t) * 4.1)
      return last * pow(rate, Double(steps - 1 - t)) * exp(noise)
    }
  }

  static let gradientNorms: LineChart = {
    var rnn = norms(rate: 0.8, from: 0.1)
    for t in 0..<12 { rnn[t] = 0 }
    var gru = norms(rate: 0.97, from: 0.12)
    gru[60] = .nan
    return LineChart(
      "Gradient magnitude over time", x: ChartAxis("timestep"), y: ChartAxis("‖∂L/∂hₜ‖", scale: .log10),
      series: [
        ChartSeries("rnn", rnn, first: 1), ChartSeries("lstm", norms(rate: 0.985, from: 0.07), first: 1),
        ChartSeries("gru", gru, first: 1), ChartSeries("mgu", norms(rate: 0.95, from: 0.09), first: 1),
      ],
      events: [ChartEvents("clipped", at: [20, 21, 22, 48, 90])],
      references: [
        ReferenceLine(.y, at: 1e-7, label: "float32 ε of the largest"), ReferenceLine(.x, at: 100, label: "lag"),
      ])
  }()

  static let loss: LineChart = {
    let training = (0..<3000).map { (step: Int) -> Double in
      let decay: Double = exp(-Double(step) / 600)
      return 0.02 + 0.67 * decay * (1 + 0.2 * sin(Double(step) * 0.9))
    }
    let validationSteps = (0...30).map { Double(100 * $0) }
    let validation = validationSteps.map { (step: Double) -> Double in 0.05 + 0.65 * exp(-step / 650) }
    return LineChart(
      "Training loss", x: ChartAxis("update"), y: ChartAxis("cross entropy", unit: "nat"),
      series: [
        ChartSeries("training", training), ChartSeries("validation", x: validationSteps, y: validation),
      ])
  }()

  static let credit: HeatMap = {
    let n = 64
    let values = (0..<n * n).map { index -> Double in
      let s = index / n
      let t = index % n
      return t > s ? .nan : pow(0.86, Double(s - t)) * (1 + 0.5 * sin(Double(t) * 0.6))
    }
    return HeatMap(
      "Credit matrix", x: ChartAxis("t, the state that gets credit"), y: ChartAxis("s, the loss that gives it"),
      value: ChartAxis("‖∂Lₛ/∂hₜ‖", scale: .log10), rows: n, columns: n, values: values)
  }()

  static let gates: HeatMap = {
    var values: [Double] = []
    for row in 0..<4 {
      for t in 0..<90 { values.append(sin(Double(t) / 9 + Double(row)) * cos(Double(90 * row + t) * 0.03)) }
    }
    return HeatMap(
      "Mean gate values", x: ChartAxis("timestep"), y: ChartAxis("gate"), value: ChartAxis("mean"), rows: 4,
      columns: 90, values: values, rowNames: ["input", "forget", "output", "candidate"], palette: .diverging)
  }()

  static let times = BarChart(
    "Time of one training step", categories: ["lstm", "gru", "peephole", "a cell <with> a name & more"],
    value: ChartAxis("time", unit: "ms"),
    groups: [
      .init("Ebb", [10.9, 8.1, 12.4, .nan]), .init("torch.nn", [31.1, 30.2, 56.4, 64.2]),
      .init("jax scan", [37.1, 28.1, 33.1, 41.0]),
    ])

  static let signed = BarChart(
    "Lyapunov exponents", categories: ["λ₁", "λ₂", "λ₃", "λ₄"], value: ChartAxis("exponent", unit: "1/step"),
    values: [0.021, -0.003, -0.11, -0.27])

  static let updateNorms: Histogram = {
    var values = [0, Double.nan]
    for index in 0..<4000 {
      let exponent: Double = 1.3 * sin(Double(index) * 12.9898) + 0.8 * cos(Double(index) * 78.233)
      values.append(exp(exponent))
    }
    return Histogram(
      "Gradient norms of all updates", value: ChartAxis("‖g‖", scale: .log10), of: values,
      references: [ReferenceLine(.x, at: 5, label: "clipping threshold")])
  }()

  static let scatter: ScatterChart = {
    let series = ["rnn", "lstm", "gru", "mgu"].enumerated().map { index, name in
      var x: [Double] = []
      var y: [Double] = []
      for seed in 0..<40 {
        x.append(10 + 20 * Double(index) + 9 * sin(Double(seed) * 7.1))
        y.append(pow(10, -6 + x[seed] / 20 + 0.5 * sin(Double(seed) * 3.3)))
      }
      return ChartSeries(name, x: x, y: y)
    }
    return ScatterChart(
      "Memory against gradient", x: ChartAxis("longest lag learned", unit: "steps"),
      y: ChartAxis("‖∂L/∂h₁‖ / ‖∂L/∂h_T‖", scale: .log10), series: series)
  }()

  static let table = DataTable(
    "One training step, size S",
    columns: [
      .text("cell", ["lstm", "gru", "peephole"]),
      .numbers("time", unit: "ms", format: .fixed(2), [10.871, 8.1, 112.449]),
      .numbers("best peer", unit: "ms", format: .fixed(1), [31.1, 28.1, 33.1]),
      .numbers("peak memory", unit: "MiB", [14.25, 12, 16.375]),
      DataTable.Column("largest error", cells: [.number(3.1e-7), .number(.nan), .missing]),
    ])

  static let charts: [Chart] = [
    .line(gradientNorms), .line(loss), .heatMap(credit), .heatMap(gates), .bars(times), .bars(signed),
    .histogram(updateNorms), .scatter(scatter),
  ]

  static let report = HTMLReport(
    title: "How far back does the gradient reach?",
    lead: """
      Four cells learn to recall a bit over a lag of 100 steps. The gradient of the plain network falls by a factor of \
      1.25 a step and is lost after about 60; the gated cells keep it, and they are the ones that learn the task.
      """,
    findings: [
      "The gradient of `rnn` reaches zero in float32 before the lag: it cannot learn this task.",
      "`lstm` loses a factor of 6 over the lag, `gru` a factor of 20.",
      "Clipping acted in 5 of 120 steps and changed no result.",
    ],
    sections: [
      .init(
        "Gradients over time",
        [
          .paragraph("For each timestep the norm of the total derivative of the loss, averaged over the batch."),
          .chart(
            .line(gradientNorms),
            caption: "A straight line on this axis is exponential decay. The dashed line is where float32 loses it."),
          .chart(.heatMap(credit), caption: "Row s says where the loss at step s sends its gradient."),
          .chart(.heatMap(gates), caption: "Means over batch and units."),
        ]),
      .init(
        "Training",
        [
          .chart(.line(loss), caption: "One update is a batch of 32 sequences."),
          .chart(.histogram(updateNorms), caption: "Norms before clipping."),
          .chart(.scatter(scatter), caption: "One point for each of 40 seeds."),
          .chart(.bars(signed), caption: "Of the trained `rnn`."),
        ]),
      .init(
        "Speed",
        [
          .chart(.bars(times), caption: "Median of nine runs on two cores; shorter is better."),
          .table(table, caption: "Measured with `ebb bench`."),
        ]),
      .init(
        "The cell", [.code("f = σ(W_f[h, x] + b_f)\nh' = (1 − f) ⊙ h + f ⊙ g"), .list(["one state", "two products"])]),
    ],
    details: [.init("seed", "20240117"), .init("machine", "2 cores, AVX-512")])
}
