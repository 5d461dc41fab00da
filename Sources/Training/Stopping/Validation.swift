/// A value that is measured as training goes, and what follows from it.
public struct Validation {
  /// After how many steps of the call the value is measured each time.
  public var interval: Int
  /// The value, of which lower is better, such as the loss on held-out samples.
  public var measure: (Trainer) throws(TrainingError) -> Double
  /// Lowers the learning rate when the value stops falling.
  public var plateau: PlateauDecay?
  /// Ends training when the value stops falling.
  public var earlyStopping: EarlyStopping?

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

  /// A value and the number of steps that were made before it.
  public struct Point: Hashable, Sendable {
    /// How many steps were made before it.
    public var step: Int
    /// The measured value.
    public var value: Double

    /// A value that was measured after so many steps.
    public init(step: Int, value: Double) {
      self.step = step
      self.value = value
    }
  }
}
