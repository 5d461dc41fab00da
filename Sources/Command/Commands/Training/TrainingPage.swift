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

/// The measurements of a command while it trains, by name.
struct TrainingEvaluations {
  private var series: [(name: String, steps: [Double], values: [Double])] = []

  mutating func add(_ measured: KeyValuePairs<String, Double>, after step: Int) {
    for (name, value) in measured {
      let index = series.firstIndex { $0.name == name } ?? series.count
      if index == series.count { series.append((name, [], [])) }
      series[index].steps.append(Double(step))
      series[index].values.append(value)
    }
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
