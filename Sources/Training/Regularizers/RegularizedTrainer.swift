/// A trainer with regularizers: `Trainer(_:regularizers:)`.
public typealias RegularizedTrainer = Trainer
