package import EbbReport

extension GradientFlow {
  /// The number of samples at each step whose gradients were clipped inside the recurrence.
  ///
  /// - Parameter batch: The number of samples.
  package func clippingChart(of batch: Int) -> Chart {
    let counts = states.map { state -> ChartSeries in
      var counts = [Double](repeating: 0, count: state.total.means.count)
      for event in clips where event.state == state.name { counts[event.step - 1] += 1 }
      return ChartSeries(state.name, counts, first: 1)
    }
    return .line(
      LineChart(
        "Clipped samples, of \(batch)", x: ChartAxis("timestep t"),
        y: ChartAxis("samples", bounds: 0...Double(batch)), series: counts))
  }

  /// Sentences about the number of gradients clipped inside the recurrence and the largest of them.
  ///
  /// - Parameter batch: The number of samples.
  public func clippingRemarks(of batch: Int) -> [String] {
    guard let largest = clips.max(by: { $0.before < $1.before }) else { return ["Clipping changed no gradient."] }
    let places = states.reduce(0) { $0 + $1.total.means.count } * batch
    return [
      "Clipping changed \(clips.count) of \(places) gradients (each state, step and sample).",
      """
      The largest was \(readableNumber(largest.before)), of \(largest.state) at step \(largest.step) of sample \
      \(largest.sample), and became \(readableNumber(largest.after)).
      """,
    ]
  }
}
