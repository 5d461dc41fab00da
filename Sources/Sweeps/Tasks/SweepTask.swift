/// One run of the command: a setting with a seed.
public struct SweepTask: Sendable, Hashable {
  /// From 1.
  public var number: Int
  /// Which setting it is, from 0; tasks of one setting differ only in their seed.
  public var setting: Int
  /// The options that differ between settings.
  public var varied: [Experiment.Named<SettingValue>]
  /// The seed.
  public var seed: UInt64
  /// The command and its options, without those for files.
  public var arguments: [String]

  /// The setting in words, as `rate 0.01, cell gru`.
  public var words: String {
    varied.isEmpty ? "the only setting" : varied.map { "\($0.name) \($0.value.text)" }.joined(separator: ", ")
  }
}

extension Experiment {
  /// The names of the options that differ between settings: those of the grid, then those that are drawn.
  public var variedNames: [String] { grid.map(\.name) + (draw?.options.map(\.name) ?? []) }

  /// Every task: each combination of the grid, the last option varying fastest, with each draw and each seed.
  public var tasks: [SweepTask] {
    var tasks: [SweepTask] = []
    for (index, setting) in settings.enumerated() {
      for seed in seeds {
        var arguments = command.split(separator: " ").map(String.init)
        if let input { arguments.append(input) }
        for option in options + setting { arguments += Self.typed(option) }
        arguments += ["--seed", "\(seed)", "--threads", "\(threads)"]
        tasks.append(
          SweepTask(
            number: tasks.count + 1, setting: index, varied: setting, seed: seed, arguments: arguments))
      }
    }
    return tasks
  }

  private static func typed(_ option: Named<SettingValue>) -> [String] {
    switch option.value {
    case .flag(false): []
    case .flag(true): ["--" + option.name]
    // A value may begin with a dash.
    case .number, .word: ["--\(option.name)=\(option.value.text)"]
    }
  }

  private var settings: [[Named<SettingValue>]] {
    var settings: [[Named<SettingValue>]] = [[]]
    for option in grid {
      settings = settings.flatMap { setting in option.value.map { setting + [Named(option.name, $0)] } }
    }
    guard let draw else { return settings }
    let drawn = draw.settings
    return settings.flatMap { setting in drawn.map { setting + $0 } }
  }
}
