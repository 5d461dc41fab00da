public import EbbMarkup

/// A whole experiment: one command with many settings and seeds.
public struct Experiment: Sendable, Hashable {
  /// The command, such as `train` or `text train`.
  public var command: String
  /// What the command reads, if that has no option name: the file of a text; nil if there is none.
  public var input: String?
  /// The options that are the same in all tasks, in the order of the file.
  public var options: [Named<SettingValue>]
  /// The options of which every combination is a setting.
  public var grid: [Named<[SettingValue]>]
  /// Settings that are drawn; each is combined with every setting of the grid. Nil for none.
  public var draw: Draw?
  /// Each setting runs with each of these.
  public var seeds: [UInt64]
  /// What is reported of each task: names, or places in the command's numbers. Empty for the command's usual ones.
  public var report: [String]
  /// Which reported number decides the best setting; nil for the first.
  public var best: Best?
  /// Hopeless settings end early; nil if all run to their end.
  public var halving: Halving?
  /// The threads of one task.
  public var threads: Int

  /// Something with the name of an option.
  public struct Named<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The option, without dashes.
    public var name: String
    /// Its value or values.
    public var value: Value

    /// A value under a name.
    public init(_ name: String, _ value: Value) { (self.name, self.value) = (name, value) }
  }

  /// Settings that are drawn at random.
  public struct Draw: Sendable, Hashable {
    /// How many.
    public var count: Int
    /// Whether each option's range is cut into `count` parts of which each is drawn from once (a Latin hypercube: McKay,
    /// Beckman & Conover 1979); otherwise all draws are independent.
    public var isLatinHypercube: Bool
    /// Decides the draws.
    public var seed: UInt64
    /// What is drawn, in the order of the file.
    public var options: [Named<SettingChoice>]
  }

  /// The number that decides which setting is best.
  public struct Best: Sendable, Hashable {
    /// One of the reported names.
    public var metric: String
    /// Whether more is better.
    public var isLargest: Bool
  }

  /// Successive halving (Jamieson & Talwalkar 2016): all settings train for a few steps, the best share of them goes on,
  /// and so on.
  public struct Halving: Sendable, Hashable {
    /// The training steps at the end of each rung, rising.
    public var steps: [Int]
    /// One in so many settings goes on.
    public var factor: Int
    /// Whether a setting can go on before all others are there (ASHA: Li et al. 2020).
    public var isAsynchronous: Bool
  }

  /// The fields of the file as they are, from which the experiment can be read again.
  public var json: JSONValue
}
