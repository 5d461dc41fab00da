internal import EbbApplications
internal import EbbFiles
internal import EbbMarkup
internal import EbbReport
internal import EbbTraining

/// `ebb forecast predict`: a trained forecaster's values after the end of a file or of given values.
struct ForecastPredictCommand: Command {
  let name = "forecast predict"
  let summary = "forecasts what follows a CSV file, or values, with a saved model"
  let discussion = """
    The model reads the last rows of the file, from the columns with the names that it was trained on. A model of one
    column also reads values that are given directly: ebb forecast predict MODEL 120,123,125

    The error to expect is the root mean squared one that the model had on held-out values so many steps ahead.
    """
  let options: [Option] =
    [
      Option(positional: "model", "MODEL", "what ebb forecast train --save wrote"),
      Option(positional: "file", "FILE|VALUES", "a CSV file, or numbers with commas between them"),
      .json().with(letter: "o"),
    ] + ForecastSource.options

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let file = try ModelFile(contentsOf: try options.required("model"))
    let configuration = try file.configuration(ForecastModel.Configuration.self, kind: ForecastModel.kind)
    let model = try context.model(file, cell: configuration.cell) { cell throws(FileError) in
      try ForecastModel(file, cell: cell)
    } differences: { model, cell throws(TrainingError) in
      try model.differences(from: cell)
    }
    let table = try table(options, configuration, context)
    try context.checkCanSave(to: options.text("json"))
    if table.count < configuration.window {
      context.output.warn(
        "the model was trained on windows of \(configuration.window) values; \(table.count) are given")
    }
    let forecasts = try model.forecast(after: table)
    let target = configuration.columns[configuration.target]
    context.show(options) { output in
      let values = table.columns[configuration.target]
      output.write(chart(values, forecasts, target).terminal(output.style, rows: 10) + "\n")
      let numbers = forecasts.indices.map { "\($0 + 1)" }
      let result = DataTable(
        "Forecasts of \(target)",
        columns: [
          .text("ahead", numbers), .numbers(target, format: .significant(5), forecasts),
          .numbers("error to expect", configuration.heldOutErrors),
        ])
      output.write(result.terminal(output.style))
    }
    context.saveNumbers(
      options,
      [
        "target": .string(target), "forecasts": .numbers(forecasts),
        "heldOutErrors": .numbers(configuration.heldOutErrors),
      ])
    return ExitStatus.success
  }

  /// The file's columns, or the values as a table with one column.
  private func table(
    _ options: ParsedOptions, _ configuration: ForecastModel.Configuration, _ context: CommandContext
  ) throws -> ForecastTable {
    let text = try options.required("file")
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let values = words.compactMap { Double($0.filter { $0 != " " }) }
    guard values.count == words.count else {
      return try ForecastSource(options, context).table(configuration.columns)
    }
    guard configuration.columns.count == 1 else {
      throw UsageError(
        "the model reads \(configuration.columns.count) columns, \(configuration.columns.joined(separator: ", ")): "
          + "give a CSV file with them instead of values")
    }
    return try ForecastTable(configuration.columns, [values], source: "values")
  }

  /// The last values and the forecasts after them.
  private func chart(_ values: [Double], _ forecasts: [Double], _ target: String) -> Chart {
    let shown = values.suffix(max(24, 3 * forecasts.count))
    let first = values.count - shown.count + 1
    return .line(
      LineChart(
        "\(target) and its forecast", x: ChartAxis("row"), y: ChartAxis(target),
        series: [
          ChartSeries(target, Array(shown), first: Double(first)),
          // The line begins at the last value.
          ChartSeries("forecast", shown.suffix(1) + forecasts, first: Double(values.count)),
        ]))
  }
}
