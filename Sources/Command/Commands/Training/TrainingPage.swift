internal import EbbDiagnostics
internal import EbbReport
internal import EbbTraining

/// What the page of a training says besides the gradients.
struct TrainingPage {
  var title: String
  /// One paragraph: what is trained on what.
  var lead: String
  /// The label of held-out results that are no losses like those of the training steps, and so have their own chart.
  var heldOutLabel: String?
  var details: [HTMLReport.Detail]

  /// A loss on held-out data among the measurements of a training, also in TensorBoard.
  static let heldOutLoss = "loss/held out"
}

/// The measurements of a command while it trains, by name. They travel with the trainer's checkpoint.
struct TrainingEvaluations {
  private struct Entry: Codable {
    var name: String
    var step: Int
    var value: Double
  }

  private static let record = "command"
  private var series: [(name: String, steps: [Double], values: [Double])] = []

  /// Those of a trainer's checkpoint, if there is one.
  init(_ trainer: Trainer) {
    for entry in trainer.records.values(Self.record, Entry.self) { add(entry) }
  }

  /// Adds measurements after a step of the trainer.
  mutating func add(_ measured: KeyValuePairs<String, Double>, of trainer: Trainer) {
    for (name, value) in measured {
      let entry = Entry(name: name, step: trainer.stepCount, value: value)
      add(entry)
      trainer.records.add(entry, to: Self.record)
    }
  }

  private mutating func add(_ entry: Entry) {
    let index = series.firstIndex { $0.name == entry.name } ?? series.count
    if index == series.count { series.append((entry.name, [], [])) }
    series[index].steps.append(Double(entry.step))
    series[index].values.append(entry.value)
  }

  /// The losses that can be drawn beside those of the training steps.
  func losses(_ page: TrainingPage) -> [ChartSeries] {
    guard page.heldOutLabel == nil else { return [] }
    return series.filter { $0.name == TrainingPage.heldOutLoss }.map {
      ChartSeries("held out", x: $0.steps, y: $0.values)
    }
  }

  /// A chart for each other measurement.
  func charts(_ page: TrainingPage) -> [Chart] {
    series.compactMap { name, steps, values in
      let isLoss = name == TrainingPage.heldOutLoss
      if isLoss, page.heldOutLabel == nil { return nil }
      let words = isLoss ? page.heldOutLabel ?? name : name.split(separator: "/").joined(separator: ", ")
      return .line(
        LineChart(
          words.prefix(1).uppercased() + words.dropFirst(), x: ChartAxis("training step"), y: ChartAxis(words),
          series: [ChartSeries(words, x: steps, y: values)]))
    }
  }
}
