public import EbbMarkup
public import EbbReport

extension NoiseStatistics {
  /// The signal-to-noise ratio over time, one line for each state.
  public func chart(title: String = "Signal to noise of the gradient through time") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("timestep t"), y: ChartAxis("‖mean‖ / deviation", scale: .log10),
        series: states.map { ChartSeries($0.name, $0.steps.map(\.signalToNoise), first: 1) }))
  }

  /// One row for each parameter.
  public func table(title: String = "") -> DataTable {
    DataTable(
      title,
      columns: [
        .text("parameter", parameters.map(\.name)),
        .numbers("‖mean‖", format: .significant(3), parameters.map(\.noise.meanNorm)),
        .numbers("variance", format: .significant(3), parameters.map(\.noise.variance)),
        .numbers("signal to noise", format: .significant(3), parameters.map(\.noise.signalToNoise)),
        .numbers("noise scale", unit: "samples", format: .significant(3), parameters.map(\.noise.noiseScale)),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    [
      "parameters": .array(
        parameters.map { parameter in
          [
            "name": .string(parameter.name), "samples": .numbers(parameter.sampleNorms), "noise": parameter.noise.json,
          ]
        }),
      "states": .array(
        states.map { ["name": .string($0.name), "steps": .array($0.steps.map(\.json))] }),
    ]
  }
}

extension GradientNoise {
  var json: JSONValue {
    [
      "mean": .number(meanNorm), "variance": .number(variance), "signalToNoise": .number(signalToNoise),
      "noiseScale": .number(noiseScale),
    ]
  }
}
