/// `ebb train`: a cell that is trained on a task of the literature.
struct TrainCommand: Command {
  let name = "train"
  let summary = "trains a cell on a task that needs a memory"
  let discussion = """
    The cell learns a task of the literature, and is tested on new sequences as it goes. The tasks:
    \(taskNames.joined(separator: ", ")).

    What forecasts a column of a file is ebb forecast train.
    """
  static let rate = 3e-3
  let options: [Option] =
    [
      Option("task", "NAME", "the task: one of those below").with(values: .words(taskNames)),
      Option("length", "STEPS", "steps of the task's sequences", standard: "50"),
      Option("data", "FOLDER", "of the digits: the folder with their files"),
      .cell, .hidden(32),
      Option("steps", "COUNT", "training steps", standard: "1000"), .batch(32),
    ] + OptimizerOptions.options(rate: rate, schedule: .constant) + [
      Option("save", "FILE", "writes the network as safetensors")
        .with(letter: "o", values: .written([.safetensors])),
      .json(),
      .seed, .threads,
    ] + TrainingFiles.options
  let absentOptions = ["epochs": "a task draws new sequences at each step; give --steps"]
  static let decisive = ["task", "length", "cell", "hidden", "batch", "seed"] + OptimizerOptions.names

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    guard options.isGiven("task") || !options.isGiven("data") else {
      throw UsageError("a column of a file is forecast by ebb forecast train FILE --target COLUMN")
    }
    return try runTask(options, context)
  }
}
