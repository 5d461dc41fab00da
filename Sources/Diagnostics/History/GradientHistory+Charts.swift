public import EbbReport
internal import EbbTensors

/// Pictures of a training.
extension GradientHistory {
  /// The points of a curve over all steps; each is the mean over neighbouring ones.
  private static let points = 300
  /// Whether curves over all steps have fewer points than there are steps.
  var isSmoothed: Bool { losses.count > Self.points }

  /// The loss of the training steps, and other losses of the same kind.
  ///
  /// - Parameter evaluations: Losses measured from time to time, such as on held-out sequences.
  public func lossChart(_ evaluations: [ChartSeries] = []) -> Chart {
    let series = [smoothed("training", losses)] + evaluations.filter { !$0.x.isEmpty }
    let values = series.flatMap(\.y)
    // A loss that falls by two decades is a flat line on a linear axis.
    let least = values.min() ?? 0
    let isWide = least > 0 && (values.max() ?? 0) > 100 * least
    return .line(
      LineChart(
        "Loss", x: ChartAxis("training step"), y: ChartAxis("loss", scale: isWide ? .log10 : .linear), series: series))
  }

  /// ‖g‖₂ of the parameters' gradient before clipping, and the steps that were clipped.
  public var normChart: Chart {
    var events: [ChartEvents] = []
    if !clippedSteps.isEmpty { events.append(ChartEvents("clipped", at: clippedSteps.map(Double.init))) }
    if !nonFiniteSteps.isEmpty { events.append(ChartEvents("not finite", at: nonFiniteSteps.map(Double.init))) }
    return .line(
      LineChart(
        "Gradient of the parameters", x: ChartAxis("training step"), y: ChartAxis("‖g‖", scale: .log10),
        series: [smoothed("‖g‖", gradientNorms)], events: events))
  }

  /// Values of all steps as means over neighbouring ones; numbers that are not finite are left out.
  private func smoothed(_ name: String, _ values: [Double]) -> ChartSeries {
    let width = max(1, (values.count + Self.points - 1) / Self.points)
    let parts = stride(from: 0, to: values.count, by: width).map { $0..<min($0 + width, values.count) }
    return ChartSeries(
      name, x: parts.map { Double(firstStep) + 1 + Double($0.lowerBound + $0.upperBound - 1) / 2 },
      y: parts.map { part in
        let finite = values[part].filter(\.isFinite)
        return finite.isEmpty ? .nan : arithmeticMean(finite)
      })
  }

  // MARK: Through time

  /// The states' names, in the order of their declaration.
  public var stateNames: [String] { measurements.first?.states.map(\.name) ?? [] }

  /// Training step by timestep: ‖dL/dhₜ‖ of a state as colours. All states have one scale.
  public func heatMap(of name: String) -> Chart {
    let curves = curves(of: name)
    let axis = timeAxis(of: curves)
    let columns = curves.map(\.curve.means.count).max() ?? 0
    return .heatMap(
      HeatMap(
        "\(name): gradient through time during training", x: ChartAxis(axis.label), y: ChartAxis("training step"),
        value: ChartAxis("‖dL/dhₜ‖", scale: .log10, bounds: bounds), rows: curves.count, columns: columns,
        values: curves.flatMap { _, curve in
          let missing = [Double](repeating: .nan, count: columns - curve.means.count)
          return curve.flowsBackward ? missing + curve.means : curve.means + missing
        },
        rowNames: curves.map { "\($0.measurement.step)" }, firstColumn: axis.first(columns)))
  }

  /// ‖dL/dhₜ‖ of a state over time: at the first measurement, at the middle one and at the last.
  ///
  /// - Parameters:
  ///   - name: The state.
  ///   - direct: Whether the direct gradients are drawn instead of the total ones.
  public func curveChart(of name: String, direct: Bool = false) -> Chart {
    let all = curves(of: name, direct: direct)
    let axis = timeAxis(of: all)
    let chosen = Set([0, all.count / 2, all.count - 1]).sorted().filter(all.indices.contains)
    return .line(
      LineChart(
        "\(name): \(direct ? "direct" : "total") gradient", x: ChartAxis(axis.label),
        y: ChartAxis("‖\(direct ? "∂L/∂hₜ" : "dL/dhₜ")‖", scale: .log10, bounds: bounds),
        series: chosen.map { index in
          let (measurement, curve) = all[index]
          return ChartSeries(measurement.when, curve.means, first: axis.first(curve.means.count))
        }))
  }

  /// The curves of a state with their measurements.
  private func curves(of name: String, direct: Bool = false) -> [(measurement: Measurement, curve: NormCurve)] {
    measurements.compactMap { measurement in
      let state = measurement[name]
      return (direct ? state?.direct : state?.total).map { (measurement, $0) }
    }
  }

  /// Whether a state's gradient flows to earlier steps.
  func flowsBackward(_ name: String) -> Bool { measurements.first?[name]?.total.flowsBackward ?? true }

  /// The meaning of the steps of curves, and the number of the first of so many. Sequences of different lengths that are
  /// aligned at their ends have no common t.
  private func timeAxis(
    of curves: [(measurement: Measurement, curve: NormCurve)]
  ) -> (label: String, first: (Int) -> Double) {
    let isAligned = isRagged || Set(curves.map(\.curve.means.count)).count > 1
    return isAligned && curves.first?.curve.flowsBackward == true
      ? ("timestep from the end of the sequence", { Double(1 - $0) }) : ("timestep t", { _ in 1 })
  }

  /// All norms of all states.
  private var norms: [Double] {
    measurements.flatMap { measurement in
      measurement.states.flatMap { $0.total.means + ($0.direct?.means ?? []) }
    }
  }

  /// The bounds of the gradients of all states, for axes that can be compared: twelve decades at most.
  private var bounds: ClosedRange<Double>? {
    let positive = norms.filter { $0 > 0 && $0.isFinite }
    guard let least = positive.min(), let largest = positive.max() else { return nil }
    let smallest = max(least, largest * 1e-12)
    return smallest < largest ? smallest...largest : nil
  }

  /// Whether a total gradient is below the bounds.
  var hasHidden: Bool {
    guard let bounds else { return false }
    return measurements.contains { $0.states.contains { $0.total.means.contains { $0 < bounds.lowerBound } } }
  }

  // MARK: Over training

  /// The fitted factor of each state's gradient per step back, over training: below 1 it vanishes, above 1 it explodes.
  ///
  /// - Parameters:
  ///   - names: The states.
  ///   - path: The layer that all of them belong to, which their names in the chart leave out.
  public func factorChart(of names: [String], in path: String = "") -> Chart {
    // One axis for the charts of all layers.
    let factors = measurements.flatMap { $0.states.compactMap(\.total.decay?.factor) }.filter(\.isFinite) + [1]
    let (least, most) = (factors.min() ?? 1, factors.max() ?? 1)
    let margin = 0.05 * max(most - least, 0.01)
    return .line(
      LineChart(
        path.isEmpty ? "Growth of the gradient" : "\(path): growth of the gradient", x: ChartAxis("training step"),
        y: ChartAxis("factor a step back", bounds: least - margin...most + margin),
        series: names.map { name in series(name, in: path) { $0[name]?.total.decay?.factor } },
        references: [ReferenceLine(.y, at: 1, label: "neither grows nor shrinks")]))
  }

  /// The share of each gate's numbers within 5% of an end of its range, over training.
  ///
  /// - Parameters:
  ///   - names: The gates.
  ///   - path: The layer that all of them belong to, which their names in the chart leave out.
  public func saturationChart(of names: [String], in path: String = "") -> Chart {
    // One axis for the charts of all layers.
    let shares = measurements.flatMap { $0.gates.map { 100 * $0.saturation.total } }
    let highest = [5.0, 10, 20, 50].first { $0 >= shares.max() ?? 0 } ?? 100
    return .line(
      LineChart(
        path.isEmpty ? "Saturation of gates and activations" : "\(path): saturation", x: ChartAxis("training step"),
        y: ChartAxis("share near an end", unit: "%", bounds: 0...highest),
        series: names.map { name in
          series(name, in: path) { measurement in
            measurement.gates.first { $0.name == name }.map { 100 * $0.saturation.total }
          }
        }))
  }

  /// The share of each state's gradients that were clipped inside the recurrence, over training; nil if none can be.
  public var clipChart: Chart? {
    guard let names = measurements.first?.clips.map(\.state), !names.isEmpty else { return nil }
    return .line(
      LineChart(
        "Clipped inside the recurrence", x: ChartAxis("training step"),
        y: ChartAxis("share of steps and samples", unit: "%", bounds: 0...100),
        series: names.map { name in
          series(name) { measurement in
            measurement.clips.first { $0.state == name }.map { 100 * Double($0.clipped) / Double(max(1, $0.places)) }
          }
        }))
  }

  private func series(_ name: String, in path: String = "", _ value: (Measurement) -> Double?) -> ChartSeries {
    ChartSeries(
      path.isEmpty ? name : name.replacing(path + ".", with: ""), x: measurements.map { Double($0.step) },
      y: measurements.map { value($0) ?? .nan })
  }

  /// How far the gradient of each state reaches, at the first measurement and at the last.
  public func table(title: String = "How far the gradient reaches") -> DataTable {
    let moments = Set([0, measurements.count - 1]).sorted().filter(measurements.indices.contains)
    let rows = stateNames.flatMap { name in
      moments.compactMap { index in
        measurements[index][name].map { (name: name, when: measurements[index].when, curve: $0.total) }
      }
    }
    let reach = rows.map { row -> String in
      guard let steps = row.curve.stepsBack() else { return row.curve.notWithin }
      return steps == 1 ? "1 step" : "\(steps) steps"
    }
    return DataTable(
      title,
      columns: [
        .text("state", rows.map(\.name)), .text("measured", rows.map(\.when)),
        .numbers("factor a step back", format: .significant(4), rows.map(\.curve.decay?.factor)),
        .text("below 1% after", reach),
      ])
  }
}

extension GradientHistory.Measurement {
  /// When it was made, in words.
  var when: String { step == 0 ? "before training" : step == 1 ? "after 1 step" : "after \(step) steps" }
}
