internal import EbbApplications
internal import EbbBench
internal import EbbDiagnostics
internal import EbbExecution
internal import EbbRecording
internal import EbbSweeps

/// What tasks cost: their plans' memory, and the time of a few training steps of each size.
struct SweepEstimates {
  /// The cost of one task.
  struct Cost {
    var seconds: Double
    var bytes: Double
  }

  /// What one training step depends on.
  private struct Size: Hashable {
    var cell: String
    var length: Int
    var batch: Int
    var features: Int
    var units: Int
  }

  private let sweep: Sweep
  private var measured: [Size: Cost] = [:]
  /// So many sizes are measured; the times of others follow from the operations of their plans.
  private static let measurements = 12
  /// What the program takes besides its values.
  private static let programBytes = 64.0 * 1_048_576

  init(_ sweep: Sweep) { self.sweep = sweep }

  /// Nil if the sizes depend on data.
  mutating func cost(of task: SweepTask) throws -> Cost? {
    guard
      case .values(let values) = try ArgumentReader.read(
        task.arguments.dropFirst(sweep.command.words.count)[...], of: sweep.command, sweep.context.cells)
    else { return nil }
    let read = try EquationCells(values, of: sweep.command, sweep.context.cells)
    let options = ParsedOptions(read.values, of: sweep.command)
    guard let works = try works(options, read.cells) else { return nil }
    var cost = Cost(seconds: 0, bytes: 0)
    for (cell, sizes) in works {
      let size = Size(
        cell: cell, length: sizes.length, batch: sizes.batch, features: sizes.features, units: sizes.units)
      let step = try step(size, sizes, read.cells)
      cost.seconds += step.seconds * Double(sizes.steps * sizes.layers)
      cost.bytes = max(cost.bytes, step.bytes)
    }
    cost.bytes += Self.programBytes
    return cost
  }

  private mutating func step(_ size: Size, _ sizes: WorkSizes, _ cells: CellLibrary) throws -> Cost {
    if let known = measured[size] { return known }
    let cell = try cells.cell(size.cell, units: size.units)
    let estimate = try WorkEstimate(
      cell, length: size.length, batch: size.batch, features: size.features, layers: sizes.layers,
      execution: sizes.execution)
    let seconds: Double
    if measured.count < Self.measurements {
      seconds = try TrainingStepBenchmark.measure(
        cell, .init("", length: size.length, batch: size.batch, features: size.features, units: size.units), runs: 3,
        minimumTime: 0.02, gradientNorms: false, execution: sizes.execution
      ).median
    } else {
      let rates = try measured.map { other, cost in
        let work = try WorkEstimate(
          cells.cell(other.cell, units: other.units), length: other.length, batch: other.batch,
          features: other.features, isPlanned: false)
        return cost.seconds / work.operations
      }
      seconds = estimate.operations * rates.reduce(0, +) / Double(rates.count)
    }
    let cost = Cost(seconds: seconds, bytes: estimate.bytes)
    measured[size] = cost
    return cost
  }

  /// The training steps of a task by cell; nil if they depend on data.
  private func works(_ options: ParsedOptions, _ cells: CellLibrary) throws -> [(String, WorkSizes)]? {
    let execution = try options.execution()
    func sizes(_ length: Int, _ batch: Int, _ features: Int, layers: Int = 1, steps: Int) throws -> WorkSizes {
      WorkSizes(
        length: length, batch: batch, features: features, units: try options.integer("hidden"), layers: layers,
        steps: steps, execution: execution)
    }
    let steps = sweep.experiment.halving?.steps.last
    switch sweep.command.name {
    case "train":
      let task = try TrainCommand.task(options)
      return [
        (
          options.cellName(of: cells),
          try sizes(
            task.length, options.integer("batch"), task.features, steps: steps ?? options.integer("steps"))
        )
      ]
    case "flow":
      return [
        (
          options.cellName(of: cells),
          try sizes(options.integer("length"), options.integer("batch"), options.integer("input"), steps: 1)
        )
      ]
    case "study":
      return try options.cellNames(of: cells).map { cell in
        (
          cell,
          try sizes(
            options.integer("task-length"), options.integer("training-batch"), 2, steps: options.integer("steps"))
        )
      }
    case "text train":
      guard try options.optionalInteger("epochs") == nil else { return nil }
      let settings = try TextSettings(options)
      return [
        (
          options.cellName(of: cells),
          try sizes(
            settings.window, settings.batchSize, settings.embedding, layers: settings.layers,
            steps: steps ?? settings.steps)
        )
      ]
    case _: return nil
    }
  }
}
