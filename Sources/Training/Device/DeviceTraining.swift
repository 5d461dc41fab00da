internal import EbbExecution
internal import EbbGraph
internal import EbbPJRT
internal import EbbPlanning
internal import EbbTensors
internal import EbbTransforms

/// Training on a device: the whole step is one module, and what it changes stays there from step to step.
///
/// A step sends the batch and a few numbers, and reads one vector: the loss, the norms, and whether the step counted.
/// Parameters, the state of the optimizer, the mean of the parameters and carried states are read when someone asks for
/// them, which a checkpoint does.
final class DeviceTraining {
  /// Where the newest values are.
  enum Place {
    /// Not on the device, which gets them before its next step.
    case host
    case both
    /// Only on the device.
    case device
  }

  private(set) var place = Place.host
  private let device: PJRTDevice
  private let memory: PJRTMemory
  /// The step of the settings that it was made with, and its modules.
  private var step: UpdateGraph?
  private var settings: Settings?
  private var optimized = Graph()
  private(set) var sessions: [[Int]: PJRTSession] = [:]
  /// Programs of observers for some lengths, which read the parameters in the same memory.
  private var programs: [ObjectIdentifier: (program: Executable, sessions: [[Int]: PJRTSession])] = [:]
  /// The last state that was whole here: what is left if the device fails.
  private var whole: TrainingState?
  /// Why the device failed where that could not be thrown.
  private var failure: PJRTError?
  /// The next step, sent before the report of the one before was read.
  private var ahead: (request: Request, run: Result<PJRTRun, PJRTError>)?
  /// How many steps counted as they had been sent ahead.
  private(set) var stepsAhead = 0

  /// The settings that the equations contain.
  private struct Settings: Hashable {
    /// Without its rate, which is one of the factors.
    let rule: AnyHashable
    let clipping: ParameterGradientClipping
  }

  init(_ device: PJRTDevice) {
    self.device = device
    memory = PJRTMemory(device)
  }

  // MARK: Where the values are

  /// The values here are about to change: the device's are not valid any more.
  func leave() {
    settle()
    (place, whole) = (.host, nil)
  }

  /// Forgets the step that was sent ahead, once the device has computed it.
  func settle() {
    if case .success(let run)? = ahead?.run { _ = try? run.output(UpdateGraph.report) }
    ahead = nil
  }

  /// Copies the newest values here. If the device fails, the state becomes the last one that was whole, and the next
  /// step throws.
  func fetch(into state: inout TrainingState) {
    guard place == .device, let step else { return }
    do {
      state = try read(step, state)
      place = .both
      whole = state
    } catch {
      failure = error
      fallBack(&state)
    }
  }

  /// The carried states, which alone are copied.
  func carried(_ names: [String]) throws(TrainingError) -> [String: Tensor] {
    do {
      return try read(names)
    } catch {
      throw .batch(BindingError(error.description))
    }
  }

  /// The device has lost what it had: the last state that was whole is left.
  private func fallBack(_ state: inout TrainingState) {
    if let whole { state = whole }
    leave()
  }

  private func read(_ names: some Sequence<String>) throws(PJRTError) -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    for name in names {
      guard let tensor = try memory.value(name) else { throw PJRTError("\(name) is not on the device any more") }
      values[name] = tensor
    }
    return values
  }

  /// The state with the values of the device.
  private func read(_ step: UpdateGraph, _ state: TrainingState) throws(PJRTError) -> TrainingState {
    let values = try read(step.kept.map(\.input))
    var found = state
    for name in step.parameters { if let value = values[name] { found.parameters[name] = value } }
    for name in step.layout.parameters where !step.slots.isEmpty {
      found.optimizer.slots[name] = step.slots.compactMap { values[UpdateGraph.slot($0, of: name)] }
    }
    if found.average?.count ?? 0 > 0 {
      // A parameter that the step does not read never changes, and neither does its mean.
      var means = found.parameters
      for name in step.parameters { means[name] = values[UpdateGraph.mean(of: name)] }
      found.average?.values = means
    }
    if let carried = found.carried { found.carried = carried.reduce(into: [:]) { $0[$1.key] = values[$1.key] } }
    return found
  }

  /// Copies the values to the device where it lacks them.
  private func send(_ state: TrainingState, _ step: UpdateGraph, _ rule: some Optimizer) throws(PJRTError) {
    guard place == .host else { return }
    memory.removeAll()
    let goesOn = state.optimizer.kind == rule.kind
    for name in step.parameters {
      guard let value = state.parameters[name] else { preconditionFailure("no parameter is named \(name)") }
      try memory.set(name, value)
      let zeros = Tensor(value.dimensions, [Double](repeating: 0, count: value.count), as: value.element)
      if step.layout.parameters.contains(name) {
        let slots = goesOn ? state.optimizer.slots[name] : nil
        for (index, slot) in rule.slots.enumerated() {
          try memory.set(UpdateGraph.slot(slot, of: name), slots?[index] ?? zeros)
        }
      }
      let mean = UpdateGraph.mean(of: name)
      if step.kept.contains(where: { $0.input == mean }) {
        try memory.set(mean, state.average?.values[name] ?? zeros)
      }
    }
    for (name, value) in state.carried ?? [:] { try memory.set(name, value) }
    place = .both
    whole = state
  }

  // MARK: Observers

  /// Begins a program that reads the parameters and changes nothing. It comes after the step that was sent last, and is
  /// not waited for.
  ///
  /// - Parameters:
  ///   - batch: Its inputs, of the lengths.
  ///   - parameters: Those here, for what the device lacks.
  func begin(
    _ program: Executable, _ lengths: [Int], _ batch: [String: Tensor], _ parameters: [String: Tensor], seed: UInt64,
    run: Int
  ) throws(PJRTError) -> PJRTRun {
    let session = try self.session(program, lengths)
    for (name, value) in batch where session.takes(name) { try session.set(name, value) }
    for (name, value) in parameters where session.takes(name) && (place == .host || !memory.names.contains(name)) {
      try memory.set(name, value)
    }
    return try session.begin(seed: seed, run: UInt64(run))
  }

  private func session(_ program: Executable, _ lengths: [Int]) throws(PJRTError) -> PJRTSession {
    let graph = program.plan.graph
    let lengths = graph.completed(lengths)
    let key = ObjectIdentifier(program)
    if let known = programs[key]?.sessions[lengths] { return known }
    let session = try PJRTSession(graph, lengths: lengths, device: device, memory: memory)
    programs[key, default: (program, [:])].sessions[lengths] = session
    return session
  }

  // MARK: A step

  /// What a step is given.
  struct Request: Equatable {
    /// The inputs, of this batch only.
    var batch: [String: Tensor]
    /// The values of carried states where they begin anew; nil where they go on.
    var beginnings: [String: Tensor]?
    var lengths: [Int]
    /// The number of the update, from 1.
    var update: Int
    var rate: Double
    var meanWeight: Double
    var seed: UInt64
    /// The number of the batch among all, for its random numbers.
    var run: Int
  }

  /// Runs a step; the values are then newer on the device than in `state`.
  ///
  /// The next step is sent before the report of this one is read. It reads what this one gives and takes over none of
  /// its memory, so that the values between the two stay. If it is asked for as it was sent, it counts; otherwise, as
  /// after a step that did not count, it is forgotten and sent again.
  ///
  /// - Parameters:
  ///   - rule: The optimizer, with any rate.
  ///   - next: Called while the device computes: what the next step will be given if this one counts; nil if that is not
  ///     known.
  ///   - graph: Makes the step's graph for these settings.
  /// - Throws: `PJRTError` with the plugin's words. The state then is the last one that was whole here.
  func run(
    _ request: Request, _ rule: some ElementwiseOptimizer, _ clipping: ParameterGradientClipping,
    _ state: inout TrainingState, next: () -> Request?, graph: () -> UpdateGraph
  ) throws(TrainingError) -> ReportLayout.Report {
    if let failure {
      self.failure = nil
      throw .batch(BindingError(failure.description))
    }
    let step = try self.step(rule, clipping, &state, graph)
    let sent = ahead?.request == request ? ahead?.run : nil
    if sent == nil { settle() }
    ahead = nil
    do {
      let running: PJRTRun
      if let sent {
        running = try sent.get()
        stepsAhead += 1
      } else {
        try send(state, step, rule)
        for (name, value) in request.beginnings ?? [:] { try memory.set(name, value) }
        running = try begin(request, step, rule)
      }
      // What begins anew lies in the memory, which is that of the step before.
      if let next = next(), next.beginnings == nil {
        ahead = (next, Result { () throws(PJRTError) in try begin(next, step, rule, after: running) })
      }
      guard let report = try running.output(UpdateGraph.report) else { preconditionFailure("a step without report") }
      memory.take(running)
      place = .device
      return step.layout.report(report.doubles)
    } catch {
      if !step.kept.allSatisfy({ memory.names.contains($0.input) }) { fallBack(&state) }
      settle()
      throw .batch(BindingError(error.description))
    }
  }

  /// The step's graph for these settings.
  private func step(
    _ rule: some ElementwiseOptimizer, _ clipping: ParameterGradientClipping, _ state: inout TrainingState,
    _ graph: () -> UpdateGraph
  ) throws(TrainingError) -> UpdateGraph {
    var constant = rule
    constant.learningRate = 0
    let settings = Settings(rule: AnyHashable(constant), clipping: clipping)
    if let step, self.settings == settings { return step }
    fetch(into: &state)
    leave()
    let step = graph()
    do { optimized = try Passes.optimized(step.graph) } catch { throw .pass(error) }
    (self.step, self.settings, sessions) = (step, settings, [:])
    return step
  }

  /// Sends a step to the device.
  private func begin(
    _ request: Request, _ step: UpdateGraph, _ rule: some ElementwiseOptimizer, after earlier: PJRTRun? = nil
  ) throws(PJRTError) -> PJRTRun {
    let session = try self.session(step, request.lengths)
    var now = rule
    now.learningRate = request.rate
    let factors = step.factors(now, step: request.update, meanWeight: request.meanWeight)
    var inputs = request.batch
    inputs[UpdateGraph.factors] = Tensor([factors.count], factors, as: step.element)
    for (name, value) in inputs where session.takes(name) { try session.set(name, value) }
    return try session.begin(seed: request.seed, run: UInt64(request.run), after: earlier)
  }

  private func session(_ step: UpdateGraph, _ lengths: [Int]) throws(PJRTError) -> PJRTSession {
    if let known = sessions[lengths] { return known }
    let kept = Dictionary(step.kept.map { ($0.input, $0.output) }) { first, _ in first }
    let all = lengths + optimized.axes.dropFirst(lengths.count).map { $0.length ?? 1 }
    guard device.count == 1 || optimized.dividedAxis(all, among: device.count) != nil else {
      throw PJRTError(
        "\(device.count) devices do not divide this batch; the number of its samples must be a multiple of "
          + "\(device.count)")
    }
    let session = try PJRTSession(optimized, lengths: all, device: device, kept: kept, memory: memory)
    sessions[lengths] = session
    return session
  }
}
