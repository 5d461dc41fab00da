/// A value measured during training, and its consequences.
public struct Validation {
  /// The number of steps of the call between measurements.
  public var interval: Int
  /// The value, such as the loss on held-out samples; lower is better.
  public var measure: (Trainer) throws(TrainingError) -> Double
  /// Lowers the learning rate when the value stops falling.
  public var plateau: PlateauDecay?
  /// Ends training when the value stops falling.
  public var earlyStopping: EarlyStopping?
  /// The number of steps of the call before the first interval: those made before it was resumed.
  var stepsBefore = 0

  /// Measures after every `interval` steps.
  public init(
    every interval: Int, plateau: PlateauDecay? = nil, earlyStopping: EarlyStopping? = nil,
    measure: @escaping (Trainer) throws(TrainingError) -> Double
  ) {
    self.interval = max(1, interval)
    self.plateau = plateau
    self.earlyStopping = earlyStopping
    self.measure = measure
  }

  /// A value and the number of steps before it.
  public struct Point: Hashable, Sendable {
    /// How many steps were made before it.
    public var step: Int
    /// The measured value.
    public var value: Double
  }
}
