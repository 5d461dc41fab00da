extension TrainingState {
  /// More steps than any training makes, but few enough that no number computed from them overflows.
  static let mostSteps = 1 << 40

  /// The first impossible value in a saved state, with the allowed values; nil if there is none.
  var problem: String? {
    let ofSteps = [
      ("skippedSteps", skippedSteps), ("optimizer.step", optimizer.step), ("average.count", average?.count ?? 0),
      ("call.steps", callSteps),
    ]
    let others = [
      ("step", step), ("run", run), ("epochs", epochs), ("plateau.stale", plateau?.best.stale ?? 0),
      ("plateau.cooldownLeft", plateau?.cooldownLeft ?? 0), ("earlyStopping.stale", earlyStopping?.best.stale ?? 0),
    ]
    for (name, count) in others + ofSteps where !(0...Self.mostSteps).contains(count) {
      return "its \(name) is \(count), and can be at most \(Self.mostSteps)"
    }
    for (name, count) in ofSteps where count > step { return "its \(name) is \(count), after \(step) steps" }
    let steps = history.losses.count
    guard steps <= callSteps, history.gradientNorms.count == steps else {
      return "it has \(steps) losses and \(history.gradientNorms.count) norms of gradients of \(callSteps) steps"
    }
    return nil
  }
}
