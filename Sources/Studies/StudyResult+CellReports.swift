internal import EbbDiagnostics
internal import EbbLinearAlgebra
internal import EbbReport

/// The cells' reports side by side, at initialisation and after training.
extension StudyResult {
  /// The gradient of each cell at initialisation with its predictions, for cells that have any.
  var theoryCharts: [Chart] {
    cells.filter { $0.cellReport.theory?.predictions.isEmpty == false }.map {
      $0.cellReport.gradientChart(title: "\($0.name): gradient and theory", subject: $0.name)
    }
  }

  /// The credit matrix of the first state of each cell, all on one colour scale.
  var creditCharts: [Chart] {
    let states = cells.compactMap { cell in
      cell.cellReport.credit.flatMap { credit in credit.states.first.map { (cell.name, credit, $0) } }
    }
    let bounds = Self.bounds(of: states.flatMap { $0.2.norms.joined() })
    return states.compactMap { name, credit, state in
      guard case .heatMap(var chart) = credit.chart(of: state) else { return nil }
      chart.title = "\(name): credit of \(state.name)"
      chart.value.bounds = bounds
      return .heatMap(chart)
    }
  }

  /// The eigenvalues of the last step's Jacobian at initialisation and after training, one plane for each cell.
  var eigenvalueCharts: [Chart] {
    cells.compactMap { cell in
      eigenvalueChart(
        [
          ("at initialisation", cell.cellReport.dynamics, .of(cell.name, shade: 1)),
          ("after training", cell.training.dynamics, .of(cell.name)),
        ],
        title: "\(cell.name): eigenvalues")
    }
  }

  /// The eigenvalues of all cells at initialisation on one plane.
  var eigenvalueChart: Chart? {
    eigenvalueChart(
      cells.map { ($0.name, $0.cellReport.dynamics, .ofName) }, title: "Eigenvalues of a step at initialisation")
  }

  private func eigenvalueChart(
    _ dynamics: [(name: String, StepDynamics?, SeriesColor)], title: String
  ) -> Chart? {
    let series = dynamics.compactMap { name, dynamics, color in
      dynamics?.jacobians?.steps.last.map { (name: name, step: $0, color: color) }
    }
    return series.isEmpty ? nil : JacobianSpectra.eigenvalueChart(title: title, series: series)
  }

  /// Singular values of each cell's steps, on one axis: at initialisation and after training.
  var singularValueCharts: [Chart] {
    let before = cells.map { cell in
      ("\(cell.name): σ at initialisation", cell.cellReport.dynamics?.jacobians, SeriesColor.of(cell.name, shade: 1))
    }
    let after = cells.map { cell in
      ("\(cell.name): σ after training", cell.training.dynamics?.jacobians, SeriesColor.of(cell.name))
    }
    let measured = (before + after).compactMap { name, jacobians, color in jacobians.map { (name, $0, color) } }
    // Below 10⁻⁷ of the largest, measurements in Float32 are noise.
    let bounds = Self.bounds(of: measured.flatMap { $0.1.steps.flatMap(\.spectrum.singularValues) }, downTo: 1e-7)
    return measured.map { name, jacobians, color in
      jacobians.singularValueChart(title: name, bounds: bounds, color: color)
    }
  }

  /// λᵢ over i / n, one line for each cell; nil if there are none.
  func lyapunovChart(of dynamics: (CellResult) -> StepDynamics?, title: String = "Lyapunov spectrum") -> Chart? {
    let series = cells.compactMap { cell -> ChartSeries? in
      guard let lyapunov = dynamics(cell)?.lyapunov else { return nil }
      return ChartSeries(
        cell.name, x: lyapunov.exponents.indices.map { Double($0 + 1) / Double(lyapunov.dimension) },
        y: lyapunov.exponents, margins: lyapunov.confidence)
    }
    guard !series.isEmpty else { return nil }
    return .line(
      LineChart(
        title, x: ChartAxis("i / n, share of the exponents"), y: LyapunovSpectrum.axis(series.flatMap(\.y)),
        series: series, references: [LyapunovSpectrum.reference]))
  }

  var lyapunovCharts: [Chart] {
    [
      lyapunovChart(of: \.cellReport.dynamics, title: "Lyapunov spectra at initialisation"),
      lyapunovChart(of: \.training.dynamics, title: "Lyapunov spectra after training"),
    ].compactMap { $0 }
  }

  /// The share of each gate's numbers near an end of its range, at initialisation and after training.
  var saturationCharts: [Chart] {
    cells.compactMap { cell in
      let before = cell.cellReport.gates?.records.bounded ?? []
      guard !before.isEmpty else { return nil }
      let after = before.map { gate in cell.training.gates.first { $0.name == gate.name } }
      func percent(_ gate: ActivationRecord?) -> Double { gate?.saturation().map { 100 * $0.total } ?? .nan }
      var groups = [BarChart.Group("at initialisation", before.map(percent), color: .of(cell.name, shade: 1))]
      if !cell.training.gates.isEmpty {
        groups.append(BarChart.Group("after training", after.map(percent), color: .of(cell.name)))
      }
      return .bars(
        BarChart(
          "\(cell.name): saturation", categories: before.map(\.name), value: ChartAxis("share near an end", unit: "%"),
          groups: groups))
    }
  }
}
