public import EbbFiles
internal import EbbInterchange
internal import EbbTensors

/// The names in the file. A parameter's name comes last, may contain any characters and is never cut.
private enum Key {
  static let parameter = "parameter/"
  static let average = "average/"
  static let best = "best/"
  static let carried = "carried"
  static func slot(_ index: Int) -> String { "optimizer/\(index)/" }
  static let rateFactor = "rateFactor"
  static let recentLosses = "call.recentLosses"
  static let losses = "call.losses"
  static let gradientNorms = "call.gradientNorms"
  static let clippedSteps = "call.clippedSteps"
  static let skippedSteps = "call.skippedSteps"
  static let validationSteps = "call.validationSteps"
  static let validations = "call.validations"
  static let plateauBest = "plateau.best"
  static let stoppingBest = "earlyStopping.best"
  /// The prefix of the program's own metadata.
  static let note = "note/"
  /// The prefix of what others have noted: a line for each value.
  static let record = "record/"
  static let format = "ebb.checkpoint"
  static let network = "network"
  /// Version 1 had no checksum.
  static let version = "2"
  static let oldVersion = "1"
}

extension Checkpoint {
  /// The file's bytes: a function of only the checkpoint.
  public var bytes: [UInt8] {
    var tensors: [String: Tensor] = [:]
    var texts = [Key.format: Key.version, "optimizer": optimizer, "seed": "\(seed)", Key.network: network]
    func put(_ values: [String: Tensor], _ prefix: String) {
      for (name, value) in values { tensors[prefix + name] = value }
    }
    /// Floats are tensors, which keep every bit.
    func put(_ number: Double, _ name: String) { tensors[name] = Tensor([1], [number]) }

    put(state.parameters, Key.parameter)
    for (name, slots) in state.optimizer.slots {
      for (index, slot) in slots.enumerated() { tensors[Key.slot(index) + name] = slot }
    }
    put(state.rateFactor, Key.rateFactor)
    texts["step"] = "\(state.step)"
    texts["run"] = "\(state.run)"
    texts["skippedSteps"] = "\(state.skippedSteps)"
    texts["epochs"] = "\(state.epochs)"
    texts["call.steps"] = "\(state.callSteps)"
    if state.isInCall { texts["call.isRunning"] = "1" }
    func put(_ numbers: [Double], _ name: String) {
      if !numbers.isEmpty { tensors[name] = Tensor([numbers.count], numbers) }
    }
    put(state.recentLosses, Key.recentLosses)
    let history = state.history
    put(history.losses, Key.losses)
    put(history.gradientNorms, Key.gradientNorms)
    put(history.clippedSteps.map(Double.init), Key.clippedSteps)
    put(history.skippedSteps.map(Double.init), Key.skippedSteps)
    put(history.validations.map { Double($0.step) }, Key.validationSteps)
    put(history.validations.map(\.value), Key.validations)
    texts["optimizer.kind"] = state.optimizer.kind
    texts["optimizer.step"] = "\(state.optimizer.step)"
    if let plateau = state.plateau {
      put(plateau.best.value, Key.plateauBest)
      texts["plateau.stale"] = "\(plateau.best.stale)"
      texts["plateau.cooldownLeft"] = "\(plateau.cooldownLeft)"
    }
    if let stopping = state.earlyStopping {
      put(stopping.best.value, Key.stoppingBest)
      texts["earlyStopping.stale"] = "\(stopping.best.stale)"
      if let best = stopping.bestParameters {
        texts["earlyStopping.holdsBest"] = "1"
        put(best, Key.best)
      }
    }
    if let average = state.average {
      texts["average.count"] = "\(average.count)"
      put(average.values, Key.average)
    }
    if let carried = state.carried {
      texts[Key.carried] = "1"
      put(carried, "")
    }
    for (name, note) in notes { texts[Key.note + name] = note }
    for (name, values) in records.texts { texts[Key.record + name] = values.joined(separator: "\n") }
    return Safetensors(tensors, metadata: texts).withChecksum.bytes
  }

  /// Reads a file's bytes. Truncated, modified and other files are errors.
  public init(bytes: [UInt8], source: String = "checkpoint") throws(FileError) {
    let reader: CheckpointReader
    do {
      reader = CheckpointReader(file: try Safetensors(bytes: bytes, source: source), source: source)
    } catch {
      throw FileError(source, "this is no checkpoint, or it is damaged: \(error.message)")
    }
    self = try reader.checkpoint()
  }
}

/// Takes a checkpoint from the tensors and texts of its file.
private struct CheckpointReader {
  var file: Safetensors
  var source: String

  func checkpoint() throws(FileError) -> Checkpoint {
    guard let version = file.metadata[Key.format] else {
      throw FileError(source, "this safetensors file is no checkpoint of a training")
    }
    switch version {
    case Key.version: _ = try text(Safetensors.checksumName)
    case Key.oldVersion: break
    case _:
      throw FileError(
        source, "this is a checkpoint of version \(version); known are \(Key.oldVersion) and \(Key.version)")
    }
    guard let seed = UInt64(try text("seed")) else { throw damaged("seed") }
    let optimizer = OptimizerState(
      kind: file.metadata["optimizer.kind"], step: try integer("optimizer.step"), slots: try slots())
    var state = TrainingState(
      step: try integer("step"), run: try integer("run"), skippedSteps: try integer("skippedSteps"),
      parameters: tensors(Key.parameter), optimizer: optimizer, rateFactor: try number(Key.rateFactor))
    if file.metadata["call.steps"] == nil {
      // Older files counted all steps as steps of one call.
      (state.callSteps, state.isInCall) = (state.step, true)
    } else {
      state.epochs = try integer("epochs")
      state.callSteps = try integer("call.steps")
      state.isInCall = file.metadata["call.isRunning"] != nil
    }
    state.recentLosses = try numbers(Key.recentLosses)
    state.history = try history()
    if file.tensors[Key.plateauBest] != nil {
      state.plateau = PlateauDecay.State(
        best: BestValue(value: try number(Key.plateauBest), stale: try integer("plateau.stale")),
        cooldownLeft: try integer("plateau.cooldownLeft"))
    }
    if file.tensors[Key.stoppingBest] != nil {
      state.earlyStopping = EarlyStopping.State(
        best: BestValue(value: try number(Key.stoppingBest), stale: try integer("earlyStopping.stale")),
        bestParameters: file.metadata["earlyStopping.holdsBest"] == nil ? nil : tensors(Key.best))
    }
    if file.metadata["average.count"] != nil {
      state.average = AveragedWeights(count: try integer("average.count"), values: tensors(Key.average))
    }
    if file.metadata[Key.carried] != nil {
      // The states' own names begin so.
      state.carried = file.tensors.filter { $0.key.hasPrefix(Key.carried + "/") }
    }
    if let problem = state.problem { throw FileError(source, "the checkpoint is damaged: \(problem)") }
    var records = TrainingRecords()
    records.texts = entries(file.metadata, Key.record).mapValues { $0.split(separator: "\n").map(String.init) }
    return Checkpoint(
      state: state, seed: seed, optimizer: try text("optimizer"), network: file.metadata[Key.network] ?? "",
      notes: entries(file.metadata, Key.note), records: records)
  }

  /// Empty in files from before it was kept.
  private func history() throws(FileError) -> StepHistory {
    guard file.tensors[Key.validationSteps]?.count == file.tensors[Key.validations]?.count else {
      throw damaged(Key.validations)
    }
    return StepHistory(
      losses: try numbers(Key.losses), gradientNorms: try numbers(Key.gradientNorms),
      clippedSteps: try integers(Key.clippedSteps), skippedSteps: try integers(Key.skippedSteps),
      validations: zip(try integers(Key.validationSteps), try numbers(Key.validations)).map(Validation.Point.init))
  }

  private func integers(_ name: String) throws(FileError) -> [Int] {
    let numbers = try numbers(name)
    let integers = numbers.compactMap { Int(exactly: $0) }
    guard integers.count == numbers.count else { throw damaged(name) }
    return integers
  }

  private func numbers(_ name: String) throws(FileError) -> [Double] {
    guard let tensor = file.tensors[name] else { return [] }
    guard tensor.element == .float64 else { throw damaged(name) }
    return tensor.doubles
  }

  private func tensors(_ prefix: String) -> [String: Tensor] { entries(file.tensors, prefix) }

  /// The entries whose names begin so, by the rest of their names.
  private func entries<Value>(_ all: [String: Value], _ prefix: String) -> [String: Value] {
    var values: [String: Value] = [:]
    for (name, value) in all where name.hasPrefix(prefix) { values[String(name.dropFirst(prefix.count))] = value }
    return values
  }

  private func slots() throws(FileError) -> [String: [Tensor]] {
    var slots = tensors(Key.slot(0)).mapValues { [$0] }
    var index = 1
    while true {
      let next = tensors(Key.slot(index))
      if next.isEmpty { return slots }
      for (name, tensor) in next {
        guard slots[name]?.count == index else { throw damaged("optimizer/\(index)/\(name)") }
        slots[name]?.append(tensor)
      }
      index += 1
    }
  }

  private func number(_ name: String) throws(FileError) -> Double {
    guard let tensor = file.tensors[name], tensor.element == .float64, tensor.count == 1 else { throw damaged(name) }
    return tensor.doubles[0]
  }

  private func integer(_ name: String) throws(FileError) -> Int {
    guard let number = Int(try text(name)), number >= 0 else { throw damaged(name) }
    return number
  }

  private func text(_ name: String) throws(FileError) -> String {
    guard let text = file.metadata[name] else { throw damaged(name) }
    return text
  }

  private func damaged(_ name: String) -> FileError {
    FileError(source, "the checkpoint is damaged: its \(name) is missing or makes no sense")
  }
}
