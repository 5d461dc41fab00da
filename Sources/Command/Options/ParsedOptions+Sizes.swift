internal import EbbBench
internal import EbbExecution
internal import EbbDiagnostics

extension Option {
  static func sizes(_ help: String, standard: String) -> Option {
    Option("sizes", "NAMES", help, standard: standard).with(values: .list(TrainingStepBenchmark.Size.all.map(\.name)))
  }
  static let shape = Option("shape", "T,B,I,H", "one size of your own instead")
}

extension WorkSizes {
  init(_ size: TrainingStepBenchmark.Size, _ execution: ExecutionOptions) {
    self.init(
      length: size.length, batch: size.batch, features: size.features, units: size.units, execution: execution)
  }
}

extension ParsedOptions {
  /// The sizes of training steps that an option names, or the one of `--shape`.
  func stepSizes(_ option: String) throws(UsageError) -> [TrainingStepBenchmark.Size] {
    let sizes = try isGiven("shape") ? [ownSize()] : list(option).map { name throws(UsageError) in try size(name) }
    for size in sizes { try check(WorkSizes(size, ExecutionOptions())) }
    return sizes
  }

  private func ownSize() throws(UsageError) -> TrainingStepBenchmark.Size {
    let numbers = try list("shape").map { Int($0) ?? 0 }
    guard numbers.count == 4, numbers.allSatisfy({ $0 >= 1 }) else {
      throw UsageError("--shape takes four whole numbers of at least 1: T,B,I,H")
    }
    return TrainingStepBenchmark.Size(
      "custom", length: numbers[0], batch: numbers[1], features: numbers[2], units: numbers[3])
  }

  private func size(_ name: String) throws(UsageError) -> TrainingStepBenchmark.Size {
    let all = TrainingStepBenchmark.Size.all
    guard let size = all.first(where: { $0.name == name }) else {
      throw UsageError(unknown: name, "size", plural: "sizes", among: all.map(\.name))
    }
    return size
  }
}
