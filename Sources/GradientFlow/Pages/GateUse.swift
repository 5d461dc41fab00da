/// How much of its range a gate or an activation uses.
public struct GateUse: Sendable, Hashable {
  /// The user's name.
  public var name: String
  public var kind: ActivationRecord.Kind
  /// Over all steps, samples and units.
  public var saturation: Saturation
  /// For each step t = 1 … T.
  public var saturationByStep: [Saturation]
  /// The mean over samples and units for each step.
  public var means: [Double]

  /// Nil of a value without ends.
  public init?(_ record: ActivationRecord) {
    guard let total = record.saturation(), let byStep = record.saturationByStep() else { return nil }
    name = record.name
    kind = record.kind
    saturation = total
    saturationByStep = byStep
    means = record.statisticsByStep.map(\.mean)
  }
}
