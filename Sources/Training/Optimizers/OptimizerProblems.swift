// What settings of optimizers must be. A setting out of its range gives steps that are not finite, or that grow.

extension Optimizer {
  /// The problem with all settings and what would be right; nil if there is none.
  var problem: String? {
    let rate = learningRate >= 0 && learningRate.isFinite
    return settingProblem.map { "\(kind): \($0)" }
      ?? (rate ? nil : "\(kind): the learning rate is a number of at least 0, not \(learningRate)")
      ?? atLeastZero("the weight decay", weightDecay.factor).map { "\(kind): \($0)" }
  }
}

/// Why a factor by which something decays is none; nil if it is one.
private func decaying(_ name: String, _ value: Double) -> String? {
  value >= 0 && value < 1 ? nil : "\(name) is at least 0 and below 1, not \(value)"
}

private func atLeastZero(_ name: String, _ value: Double) -> String? {
  value >= 0 && value.isFinite ? nil : "\(name) is a number of at least 0, not \(value)"
}

extension Adam {
  public var settingProblem: String? {
    decaying("beta1", beta1) ?? decaying("beta2", beta2) ?? atLeastZero("epsilon", epsilon)
  }
}

extension AdamW {
  public var settingProblem: String? { adam.settingProblem }
}

extension Lion {
  public var settingProblem: String? { decaying("beta1", beta1) ?? decaying("beta2", beta2) }
}

extension SGD {
  public var settingProblem: String? { decaying("momentum", momentum) }
}

extension RMSprop {
  public var settingProblem: String? {
    decaying("decay", decay) ?? decaying("momentum", momentum) ?? atLeastZero("epsilon", epsilon)
  }
}

extension Adagrad {
  public var settingProblem: String? {
    atLeastZero("epsilon", epsilon) ?? atLeastZero("initialAccumulator", initialAccumulator)
  }
}
