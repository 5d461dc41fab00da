internal import EbbLinearAlgebra
public import EbbReport

extension FlowPortrait {
  /// Total and direct gradients of all states over time, with what theory predicts.
  public func gradientChart(title: String = "Gradient through time") -> Chart {
    guard case .line(var chart) = profile.chart(title: title) else {
      preconditionFailure("a profile is drawn as lines")
    }
    chart.series += theory.map { curve in
      let name = profile.states.count > 1 ? "\(curve.state), \(curve.name)" : curve.name
      return ChartSeries(name, curve.norms, first: 1, isTheory: true)
    }
    chart.y.bounds = Self.bounds(profile.states.flatMap { $0.total.means + ($0.direct?.means ?? []) })
    return .line(chart)
  }

  /// A logarithmic axis of what was measured and a decade around it, so that no prediction decides what is seen.
  static func bounds(_ norms: [Double]) -> ClosedRange<Double>? {
    let positive = norms.filter { $0 > 0 && $0.isFinite }
    guard let least = positive.min(), let largest = positive.max() else { return nil }
    let (low, high) = (max(least / 10, .leastNormalMagnitude), min(largest * 10, .greatestFiniteMagnitude))
    return low < high ? low...high : nil
  }

  /// Credit of each state as colours.
  public var creditCharts: [Chart] { credit.map { credit in credit.states.map { credit.chart(of: $0) } } ?? [] }

  /// How many samples' gradients were clipped at each step, and how long they were before.
  public var clipCharts: [Chart] {
    guard experiment.clip != nil else { return [] }
    let counts = profile.states.map { state -> ChartSeries in
      var counts = [Double](repeating: 0, count: experiment.length)
      for event in profile.clips where event.state == state.name { counts[event.step - 1] += 1 }
      return ChartSeries(state.name, counts, first: 1)
    }
    let norms = profile.states.compactMap { state -> ChartSeries? in
      let events = profile.clips.filter { $0.state == state.name }
      return events.isEmpty
        ? nil : ChartSeries(state.name, x: events.map { Double($0.step) }, y: events.map(\.before))
    }
    let events = Chart.line(
      LineChart(
        "Clipped samples, of \(experiment.batch)", x: ChartAxis("timestep t"),
        y: ChartAxis("samples", bounds: 0...Double(experiment.batch)), series: counts))
    guard !norms.isEmpty else { return [events] }
    // The same steps as beside it.
    let time = experiment.length > 1 ? 1...Double(experiment.length) : nil
    return [
      events,
      .scatter(
        ScatterChart(
          "Norms before clipping", x: ChartAxis("timestep t", bounds: time),
          y: ChartAxis("‖dL/dhₜ‖ before", scale: .log10), series: norms)),
    ]
  }
}

extension StepDynamics {
  /// The eigenvalues of up to three steps on the complex plane, with the unit circle.
  public func eigenvalueChart(title: String = "Eigenvalues of the step Jacobian") -> Chart {
    eigenvalueChart(title: title, series: shownSteps.map { ("t = \($0.step)", [$0]) })
  }

  /// The first, a middle and the last step.
  private var shownSteps: [Step] {
    guard steps.count > 3 else { return steps }
    return [steps[0], steps[(steps.count - 1) / 2], steps[steps.count - 1]]
  }

  func eigenvalueChart(title: String, series: [(name: String, steps: [Step])]) -> Chart {
    .scatter(
      ScatterChart(
        title, x: ChartAxis("real part"), y: ChartAxis("imaginary part"),
        series: series.map { name, steps in
          let values = steps.flatMap(\.spectrum.eigenvalues)
          return ChartSeries(name, x: values.map(\.real), y: values.map(\.imaginary))
        },
        circles: [ScatterChart.Circle(radius: 1, label: "unit circle")], hasEqualUnits: true))
  }

  /// The singular values of all steps whose spectrum was taken.
  public func singularValueChart(title: String = "Singular values of the step Jacobian") -> Chart {
    .histogram(
      Histogram(
        title, value: ChartAxis("singular value σ", scale: .log10), of: steps.flatMap(\.spectrum.singularValues),
        bins: 30, references: [ReferenceLine(.x, at: 1, label: "σ = 1")]))
  }

  /// λ₁ ≥ λ₂ ≥ … over their index.
  public func lyapunovChart(title: String = "Lyapunov spectrum") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("index i"), y: Self.lyapunovAxis(lyapunov.exponents),
        series: [ChartSeries("λᵢ", lyapunov.exponents, first: 1)], references: [Self.lyapunovReference]))
  }

  static let lyapunovReference = ReferenceLine(.y, at: 0, label: "neither grows nor shrinks")

  /// With room for the name of the line at 0 above it.
  static func lyapunovAxis(_ exponents: [Double]) -> ChartAxis {
    let finite = exponents.filter(\.isFinite)
    let (low, high) = (min(0, finite.min() ?? -1), max(0, finite.max() ?? 0))
    let room = 0.12 * max(high - low, 1e-3)
    return ChartAxis("λᵢ", unit: "1/step", bounds: low - room / 3...high + room)
  }
}

extension [GateUse] {
  /// The share of each gate's numbers that lie near the ends of its range.
  public func saturationChart(title: String = "Saturation of gates and activations") -> Chart {
    .bars(
      BarChart(
        title, categories: map(\.name), value: ChartAxis("share of all numbers", unit: "%"),
        groups: [
          BarChart.Group("within 5% of the lower end", map { 100 * $0.saturation.lower }),
          BarChart.Group("within 5% of the upper end", map { 100 * $0.saturation.upper }),
        ]))
  }

  /// The same over time, both ends together.
  public func saturationOverTimeChart(title: String = "Saturation through time") -> Chart {
    .line(
      LineChart(
        title, x: ChartAxis("timestep t"), y: ChartAxis("share near an end", unit: "%"),
        series: map { gate in ChartSeries(gate.name, gate.saturationByStep.map { 100 * $0.total }, first: 1) }))
  }
}
