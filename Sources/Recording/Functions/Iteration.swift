internal import EbbGraph
internal import EbbTensors

// Loops inside a step, with a bound and a stopping rule of their own for each index of the axes.

/// Repeats an update at most `count` times, and at each index of the axes until its own rule says that it has stopped:
///
///     z_k+1 = f(z_k) until stop(z_k, z_k+1), then z stays
///
/// ```swift
/// // Adaptive computation: at most 5 updates of h for each step of the sequence.
/// let (values, updates) = iterate([h, scope.constant(0)], atMost: 5, until: { $1[1] .>= 0.99 }) { z in
///   let next = tanh(scope.affine("update", [z[0], x], units))
///   return [next, z[1] + sigmoid(sumOverFeatures(scope.affine("halt", [next], 1)))]
/// }
/// ```
///
/// The update that meets the rule is the last. Later ones are computed, for all indices take the same steps together, but
/// leave no trace, neither in the values nor in the gradients. Gradients are those of the updates that were made, as the
/// rule has none.
///
/// - Parameters:
///   - initial: The values before the first update.
///   - count: The most updates, at least 1. The recorded equations are as many times those of `body`.
///   - hasStopped: From the values before and after an update, whether it is the last one: a Bool scalar. By default none
///     is the last before `count`.
///   - fileID: The file of the call, for errors.
///   - line: The line of the call, for errors.
///   - body: An update, which keeps the shapes. It may read parameters, the same in each update, but declares no states.
/// - Returns: The values after the last update, and the number of updates: an Int32 scalar.
public func iterate(
  _ initial: [Signal], atMost count: Int, until hasStopped: ((_ previous: [Signal], _ next: [Signal]) -> Signal)? = nil,
  fileID: String = #fileID, line: Int = #line, _ body: ([Signal]) -> [Signal]
) -> (values: [Signal], updates: Signal) {
  precondition(!initial.isEmpty, "at least one value is updated")
  let recorder = initial[0].noted("iterate", fileID, line).recorder
  func failed(_ problem: String) -> (values: [Signal], updates: Signal) {
    recorder.report("iterate: \(problem)")
    return (initial.map { _ in recorder.signal(nil) }, recorder.signal(nil))
  }
  guard count >= 1 else { return failed("at most \(count) updates; there is at least 1") }
  var values = initial
  func number(_ count: Int) -> Signal {
    recorder.signal(recorder.leaf(.constant(Double(count)), NodeType(.int32)))
  }
  var updates = number(0)
  var isRunning: Signal?
  for _ in 0..<count {
    let next = body(values)
    recorder.note("iterate", fileID, line)
    guard next.count == values.count else {
      return failed("there are \(values.count) values, and an update returns \(next.count)")
    }
    for (value, next) in zip(values, next) where value.node != nil && next.node != nil {
      guard next.shape == value.shape, next.element == value.element else {
        return failed(
          "a value is \(value.element.name) \(value.shape), and after an update \(next.element.name) \(next.shape)")
      }
    }
    let goesOn = hasStopped.map { .!$0(values, next) }
    if let running = isRunning {
      values = zip(values, next).map { select(running, $1, $0) }
      updates = updates + select(running, number(1), number(0))
      isRunning = goesOn.map { running .& $0 }
    } else {
      values = next
      updates = updates + number(1)
      isRunning = goesOn
    }
  }
  return (values, updates)
}

/// `iterate` of one value.
public func iterate(
  _ initial: Signal, atMost count: Int, until hasStopped: ((_ previous: Signal, _ next: Signal) -> Signal)? = nil,
  fileID: String = #fileID, line: Int = #line, _ body: (Signal) -> Signal
) -> (value: Signal, updates: Signal) {
  let rule = hasStopped.map { rule in { (previous: [Signal], next: [Signal]) in rule(previous[0], next[0]) } }
  let (values, updates) = iterate([initial], atMost: count, until: rule, fileID: fileID, line: line) { [body($0[0])] }
  return (values[0], updates)
}

/// A solution of z = f(z), by repeated updates, with its implicit gradient: that of the equation, and not of the way to the
/// solution, so that no update is kept for it (Bai, Kolter & Koltun 2019, theorem 1):
///
///     z_k+1 = f(z_k)                              until ‖z_k+1 − z_k‖ ≤ tolerance · ‖z_k+1‖
///     u_k+1 = z̄ + (∂f/∂z)ᵀ u_k at z               likewise, in the backward pass
///     x̄     = (∂f/∂x)ᵀ u                          for everything else that f reads
///
/// ```swift
/// let h = scope.state("h", units)
/// let z = fixedPoint(from: h, atMost: 20) { tanh(scope.affine("layer", [$0, x], units)) }.value
/// let y = h.next(z)
/// ```
///
/// f must be a contraction near the solution; the gradient is as exact as the solution is. The first value, `initial`, has
/// no influence on the solution, and its gradient is 0.
///
/// - Parameters:
///   - initial: z_0, floats of any shape.
///   - count: The most updates in either pass, at least 1.
///   - tolerance: The relative change at which updates end, in the Euclidean norm of all features.
///   - order: How often the value can be differentiated. A derivative of a gradient holds the solution at its value
///     beyond it, and is wrong. Each order takes one more update, and one more solution of the backward pass.
///   - fileID: The file of the call, for errors.
///   - line: The line of the call, for errors.
///   - body: f, which keeps the shape and declares no states.
/// - Returns: z, and the number of updates: an Int32 scalar.
public func fixedPoint(
  from initial: Signal, atMost count: Int, tolerance: Double = 1e-6, order: Int = 1, fileID: String = #fileID,
  line: Int = #line, _ body: (Signal) -> Signal
) -> (value: Signal, updates: Signal) {
  func hasSettled(_ previous: Signal, _ next: Signal) -> Signal {
    norm(next - previous) .<= tolerance * norm(next)
  }
  let (solution, updates) = iterate(
    stopGradient(initial), atMost: count, until: hasSettled, fileID: fileID, line: line, body)
  let fixed = stopGradient(solution)
  let value = body(fixed)
  // The operand, with the derivative (I − ∂f/∂z)⁻¹.
  func solved(_ x: Signal) -> Signal {
    withGradient(x, fileID: fileID, line: line) {
      $0
    } backward: { _, _, adjoint in
      iterate(adjoint, atMost: count, until: hasSettled, fileID: fileID, line: line) { u in
        // u depends on the points before, which a further derivative follows, and has to lack this one.
        let point = order > 1 ? stopGradient(solution) : fixed
        let along = order > 1 ? body(point) * u : value * stopGradient(u)
        return adjoint + gradient(of: sumOverFeatures(along), withRespectTo: [point], fileID: fileID, line: line)[0]
      }.value
    }
  }
  var z = solved(value)
  // A step of Newton's method from a value with k right derivatives has one more, for its residual has k that are 0.
  for _ in 1..<max(1, order) { z = z + solved(body(z) - z) }
  return (z, updates)
}
