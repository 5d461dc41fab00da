internal import EbbGraph
internal import EbbRecording

/// The histories of a step, each recorded once.
final class RecordedPast {
  private var axis: Axis?
  private var histories: [Reference: Signal] = [:]

  /// The axis of the past, declared at its first use.
  func axis(in scope: Scope) -> Axis {
    if let axis { return axis }
    let new = scope.past()
    axis = new
    return new
  }

  /// The values up to the present one.
  ///
  /// - Parameter reference: What they are the values of; nil if they have no name.
  func history(of signal: Signal, _ reference: Reference?, in scope: Scope) -> Signal {
    if let reference, let known = histories[reference] { return known }
    let history = signal.history(along: axis(in: scope))
    if let reference { histories[reference] = history }
    return history
  }
}

extension Evaluator {
  /// ∑_{i<t} and softmax_{i<t}.
  mutating func overPast(
    _ function: NamedFunction, _ past: PastIndex?, _ argument: Expression
  ) throws(EquationError) -> EquationValue {
    let x = try value(argument)
    guard let scope else { return x }
    // The entries of a vector at each step of the past.
    if function == .softmax, x.shape != .scalar {
      return EquationValue(shape: x.shape, form: .signal(softmax(signal(x))))
    }
    let axis = recordedPast.axis(in: scope)
    let values = signal(x)
    func own(_ neutral: Double) -> Signal {
      past?.skipsStart == true ? select(scope.index(of: axis) .>= 1, values, neutral) : values
    }
    var result = x
    result.form = .signal(
      function == .sumOverPast ? sum(own(0), over: [axis]) : softmax(own(-.infinity), over: [axis]))
    return result
  }
}
