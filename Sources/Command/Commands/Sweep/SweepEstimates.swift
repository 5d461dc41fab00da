internal import EbbApplications
internal import EbbDiagnostics
internal import EbbExecution
internal import EbbFiles
internal import EbbRecording
internal import EbbSweeps
internal import Foundation

/// What tasks cost: their plans' memory, for the longest sequence of their data, and the time of the command itself with a few training steps.
///
///     seconds = s(10) + (steps − 10) (s(40) − s(10)) / 30
///
/// What a command does once, as its tests, does not depend on the number of steps.
struct SweepEstimates {
  /// The cost of one task.
  struct Cost {
    var seconds: Double
    /// Nil if the command does not tell.
    var bytes: Double?
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
  /// The cost of one size.
  private struct Step {
    var once: Double
    var perStep: Double
    var operations: Double
    var bytes: Double
  }

  private var measured: [Size: Step] = [:]
  /// The costs of settings whose sizes depend on data.
  private var onData: [Int: Cost] = [:]
  /// The settings that fail.
  private var failed: Set<Int> = []
  /// So many sizes are measured; the times of others follow from the operations of their plans.
  private static let measurements = 6
  private static let steps = (few: 10, more: 40)
  /// What the program takes besides its values.
  private static let programBytes = 64.0 * 1_048_576

  init(_ sweep: Sweep) { self.sweep = sweep }

  /// Nil if the task fails at once, which is told.
  mutating func estimate(of task: SweepTask) -> Cost? {
    if failed.contains(task.setting) { return nil }
    do {
      return try cost(of: task)
    } catch {
      failed.insert(task.setting)
      sweep.context.output.warn("task \(task.number), \(task.words): \(error)")
      return nil
    }
  }

  private mutating func cost(of task: SweepTask) throws -> Cost? {
    guard
      case .values(let values) = try ArgumentReader.read(
        task.arguments.dropFirst(sweep.command.words.count)[...], of: sweep.command, sweep.context.cells)
    else { return nil }
    let read = try EquationCells(values, of: sweep.command, sweep.context.cells)
    let options = ParsedOptions(read.values, of: sweep.command)
    guard let works = try works(options, read.cells) else { return try costOnData(task, options) }
    var cost = Cost(seconds: 0)
    var bytes = 0.0
    for (cell, sizes) in works {
      let size = Size(
        cell: cell, length: sizes.length, batch: sizes.batch, features: sizes.features, units: sizes.units)
      let step = try step(size, sizes, task, read.cells)
      cost.seconds += step.once + Double(sizes.steps) * step.perStep
      bytes = max(bytes, step.bytes)
    }
    cost.bytes = bytes + Self.programBytes
    return cost
  }

  /// The time of a task whose sizes depend on data, from a few steps or epochs of its setting.
  private mutating func costOnData(_ task: SweepTask, _ options: ParsedOptions) throws -> Cost {
    if let known = onData[task.setting] { return known }
    let others = onData.values
    if others.count >= Self.measurements {
      return Cost(
        seconds: others.reduce(0) { $0 + $1.seconds } / Double(others.count), bytes: others.compactMap(\.bytes).max())
    }
    let names = sweep.command.options.map(\.name)
    let hasEpochs = try names.contains("epochs") && options.optionalInteger("epochs") != nil
    let countsEpochs = !names.contains("steps") || hasEpochs
    let (unit, few, more) = countsEpochs ? ("epochs", 1, 2) : ("steps", Self.steps.few, Self.steps.more)
    let first = try run(task, ["--\(unit)", "\(few)"])
    let second = try run(task, ["--\(unit)", "\(more)"])
    let slope = max(0, second.seconds - first.seconds) / Double(more - few)
    let total = try sweep.experiment.halving?.steps.last ?? options.integer(unit)
    let cost = Cost(seconds: max(0, first.seconds + Double(total - few) * slope), bytes: second.bytes)
    onData[task.setting] = cost
    return cost
  }

  private mutating func step(
    _ size: Size, _ sizes: WorkSizes, _ task: SweepTask, _ cells: CellLibrary
  ) throws -> Step {
    if let known = measured[size] { return known }
    let estimate = try WorkEstimate(
      cells.cell(size.cell, units: size.units), length: size.length, batch: size.batch, features: size.features,
      layers: sizes.layers, execution: sizes.execution)
    var step = Step(once: 0, perStep: 0, operations: estimate.operations, bytes: estimate.bytes)
    let others = measured.values.filter { $0.perStep > 0 }
    if measured.count >= Self.measurements, !others.isEmpty {
      step.once = others.map(\.once).reduce(0, +) / Double(others.count)
      step.perStep = estimate.operations * others.reduce(0) { $0 + $1.perStep / $1.operations } / Double(others.count)
    } else if sweep.command.options.contains(where: { $0.name == "steps" }) {
      let few = try run(task, ["--steps", "\(Self.steps.few)"]).seconds
      let more = try run(task, ["--steps", "\(Self.steps.more)"]).seconds
      step.perStep = max(1e-9, (more - few) / Double(Self.steps.more - Self.steps.few))
      step.once = max(0, few - Double(Self.steps.few) * step.perStep)
    } else {
      step.once = try run(task, []).seconds
    }
    measured[size] = step
    return step
  }

  /// What a task's command takes with other options for some of its own.
  private func run(_ task: SweepTask, _ changed: [String]) throws -> Cost {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString)").path
    try makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var arguments = task.arguments.filter { !$0.hasPrefix("--steps=") && !$0.hasPrefix("--epochs=") }
    arguments += changed + ["--json", folder + "/numbers.json"]
    for option in sweep.command.options {
      if option.name == "html" { arguments += ["--html", folder + "/page.html"] }
      if option.name == "save", option.standard != nil { arguments += ["--save", folder + "/model.safetensors"] }
    }
    let clock = ContinuousClock()
    var messages = ""
    var told: Double?
    var output = CommandOutput(write: { _ in }, writeError: { messages += $0 })
    output.onEstimate = { told = max(told ?? 0, $0.bytes) }
    let begin = clock.now
    let status = EbbProgram.run(
      cells: sweep.context.cells, arguments: arguments, program: sweep.context.program, output: output)
    guard status == ExitStatus.success else {
      throw SweepError("\(sweep.file): task \(task.number), \(task.words)", messages.trimmed)
    }
    return Cost(seconds: (clock.now - begin) / .seconds(1), bytes: told.map { $0 + Self.programBytes })
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

extension String {
  /// The text without line ends at its end.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isNewline == true { text.removeLast() }
    return String(text)
  }
}
