public import EbbDiagnostics
public import EbbMarkup
public import EbbReport
internal import EbbStatistics
internal import EbbTensors

/// The gradient of one cell through time, with several seeds for its parameters and inputs.
public struct FlowRuns: Sendable, Hashable {
  /// The seed of each run.
  public var seeds: [UInt64]
  /// The gradients of each run.
  public var flows: [GradientFlow]

  /// - Precondition: A seed for each run, and at least one.
  public init(seeds: [UInt64], flows: [GradientFlow]) {
    precondition(!flows.isEmpty && seeds.count == flows.count, "\(seeds.count) seeds of \(flows.count) runs")
    (self.seeds, self.flows) = (seeds, flows)
  }

  private func curves(_ state: Int) -> [NormCurve] { flows.map { $0.states[state].total } }

  private var names: [String] { flows[0].states.map(\.name) }

  /// The total gradients: for each state the median of the seeds, and a band between the quartiles.
  public func chart(title: String) -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("timestep t"), y: ChartAxis("‖dL/dhₜ‖", scale: .log10),
        series: names.indices.map { state in
          ChartSeries(
            "\(names[state]), total", runs: curves(state).map(\.means), first: 1, color: .of(names[state]))
        }))
  }

  /// One row for each state.
  public var table: DataTable {
    func column(_ name: String, _ value: @escaping (NormCurve) -> Double) -> DataTable.Column {
      .text(name, names.indices.map { Spread(curves($0).map(value)).text })
    }
    return DataTable(
      "",
      columns: [
        .text("state", names), column("at t = T") { $0.flow.first ?? .nan },
        column("at t = 1") { $0.flow.last ?? .nan }, column("factor a step") { $0.decay?.factor ?? .nan },
        column("below 1% after steps") { $0.stepsBack().map(Double.init) ?? .infinity },
      ])
  }

  /// The runs on one page.
  public func page(cell: String, units: Int, _ experiment: FlowExperiment) -> HTMLReport {
    let list = seeds.map(String.init).joined(separator: ", ")
    return HTMLReport(
      title: "\(cell): the gradient through \(experiment.length) steps, with \(seeds.count) seeds",
      name: "flow \(cell)",
      lead: """
        A loss of `\(cell)` is followed back through \(experiment.length) steps; the seeds \(list) draw the parameters, the \
        inputs and the direction in which the loss reads.
        """,
      sections: [
        .init(
          "Gradient through time",
          [
            .chart(
              chart(title: "Gradient magnitude through time"),
              caption: "The line is the median of \(seeds.count) seeds, the band lies between their quartiles."),
            .table(table, caption: caption),
          ])
      ],
      details: [
        .init("cell", cell), .init("units", "\(units)"), .init("steps", "\(experiment.length)"),
        .init("samples", "\(experiment.batch)"), .init("seeds", list), .init("element", experiment.element.name),
      ])
  }

  /// What the table's numbers are.
  public var caption: String { "Numbers are \(Spread.textMeaning(flows.count))." }

  /// Every number of every seed, and the spread of the factor of one step back.
  public var json: JSONValue {
    [
      "seeds": .array(seeds.map { Int(exactly: $0).map(JSONValue.integer) ?? .string("\($0)") }),
      "summary": [
        "states": .array(
          names.indices.map { state in
            [
              "name": .string(names[state]),
              "factor": Spread(curves(state).map { $0.decay?.factor ?? .nan }).json,
              "medianNorms": .numbers(
                curves(state)[0].means.indices.map { t in Spread(curves(state).map { $0.means[t] }).median }),
            ]
          })
      ],
      "runs": .array(flows.map(\.json)),
    ]
  }
}
