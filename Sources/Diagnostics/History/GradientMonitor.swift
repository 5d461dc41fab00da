internal import EbbCompiler
internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
package import EbbTensors
public import EbbTraining

/// Follows the gradient through time of a network while it is trained: in one line, for any trainer.
///
/// ```swift
/// let monitor = try GradientMonitor(trainer)
/// try trainer.fit(x, y, epochs: 20)
/// print(monitor.history.lines.joined(separator: "\n"))
/// try monitor.history.page(title: "My network").html().write(toFile: "training.html", atomically: true, encoding: .utf8)
/// ```
///
/// From then on each step of the trainer counts, whether of `fit`, of `train` or by itself. A measurement is a separate
/// program on the batch of the step, with the parameters, the carried states and the dropout of the step. It changes
/// nothing in the training: the parameters have the same bits with it and without.
///
/// **When it measures** depends on numbers of steps alone, so the same training gives the same history: before the first
/// step, then at each multiple of the interval, and at the end of a call of `fit` or `train`. A measurement costs at
/// most about 1.5 training steps (with direct gradients 2), so by default every 30th (40th) step is measured, which takes
/// at most 5% of the time. Of a long training at most `capacity` measurements are kept: when there are more, every other
/// one is dropped, and the interval doubles. They travel with the trainer's checkpoint, so a resumed training has the
/// history of an uninterrupted one.
public final class GradientMonitor {
  /// What has been measured so far.
  public private(set) var history: GradientHistory
  /// The last measurement, whether it is kept or not; nil before the first.
  public private(set) var latest: GradientHistory.Measurement?
  /// The interval that was asked for; nil for one that doubles as measurements are dropped.
  private let fixedInterval: Int?
  /// Nil for a network without a state.
  let program: MeasuringProgram?
  private let isDirect: Bool
  /// The inputs of the last step.
  private var inputs: [String: Tensor] = [:]
  /// The measurement of the present step, which a device may still compute.
  private var begun: BegunProgram?
  /// Whether the last measurement in the history is that of the end of a call, which is replaced if training continues.
  private var endsWithCall = false
  /// Whether a call of this training has ended with a measurement.
  private var hasEnded = false

  /// The largest number of measurements that are kept, besides the last.
  public static let capacity = 120
  /// The largest share of the time of training steps that measurements take by default.
  static let share = 0.05

  /// The default number of steps between measurements.
  public static func interval(direct: Bool) -> Int {
    // Forward and back to the states, without the products for parameters but with the norms and the gates; direct
    // gradients need a sweep of their own. Bounds of what was measured: see Design/0009.
    let costInSteps = direct ? 2.0 : 1.5
    return Int((costInSteps / share).rounded(.up))
  }

  /// Follows the steps of a trainer from now on.
  ///
  /// - Parameters:
  ///   - trainer: Any trainer; it keeps the monitor.
  ///   - interval: The number of steps between measurements, at least 1; `Int.max` for only the first and the last. Nil
  ///     for the default, which takes at most 5% of the time.
  ///   - direct: Whether direct gradients are measured too: the part of dL/dhₜ that comes from uses within the step.
  /// - Throws: `DiagnosticError.setting` if the interval is below 1.
  ///
  /// Of a network without a state only the losses and the gradient of the parameters are kept.
  public init(_ trainer: Trainer, every interval: Int? = nil, direct: Bool = false) throws(DiagnosticError) {
    if let interval, interval < 1 {
      throw .setting("gradients are measured every 1 or more steps, not every \(interval)")
    }
    fixedInterval = interval
    isDirect = direct
    program = try MeasuringProgram(trainer, direct: direct)
    history = GradientHistory(
      interval: interval ?? Self.interval(direct: direct), isRagged: program?.isRagged ?? false,
      problem: program == nil ? "the network has no state, so no gradient flows through time" : nil)
    trainer.observers.append(self)
  }
}

extension GradientMonitor: TrainingStepObserver {
  package func observe(step: Int, on batch: [String: Tensor], of trainer: Trainer) {
    if endsWithCall { history.measurements.removeLast() }
    endsWithCall = false
    if step != history.nextStep { begin(at: step, of: trainer) }
    inputs = batch
    let isDue = step == history.firstStep || step % (fixedInterval ?? history.interval) == 0
    begun = isDue ? begin(trainer) : nil
  }

  /// The first step, or the first after a restored state: what was recorded belongs to another training. A checkpoint
  /// that was made with such a monitor has what was recorded of this one.
  private func begin(at step: Int, of trainer: Trainer) {
    history = GradientHistory(
      interval: fixedInterval ?? Self.interval(direct: isDirect), isRagged: history.isRagged, problem: history.problem)
    history.firstStep = step
    hasEnded = false
    let (past, measured) = (trainer.history, trainer.records.values(records, GradientHistory.Measurement.self))
    guard let first = measured.first, first.step == step - past.losses.count else { return }
    history.take(past, measured)
    latest = measured.last
  }

  /// The name of the measurements in the trainer's records, those of monitors with other settings have another.
  private var records: String {
    "gradients every \(fixedInterval.map(String.init) ?? "share") steps\(isDirect ? ", direct" : "")"
  }
  /// The name of the measurement at the end of a call.
  private var lastRecord: String { records + ", last" }

  package func note(_ result: TrainingStepResult, of trainer: Trainer) {
    // A device has got the next step by now, and computes while these numbers come back.
    if let measured = finish(begun, step: result.step), history.keep(measured) {
      trainer.records.add(measured, to: records)
    }
    begun = nil
    history.note(result)
  }

  package func callEnded(after steps: Int, of trainer: Trainer) {
    let step = trainer.stepCount
    if steps == 0, step != history.nextStep {
      // The end of a training that had made all its steps; the inputs of the last one are not there to be measured.
      begin(at: step, of: trainer)
      let ends: [GradientHistory.Measurement] = trainer.records.values(lastRecord)
      if step == history.nextStep, let last = ends.first, last.step == step {
        history.measurements.append(last)
        (latest, endsWithCall, hasEnded) = (last, true, true)
      }
    }
    // Many short calls would each be measured.
    let isDue = steps >= (fixedInterval ?? history.interval) || !hasEnded
    guard steps > 0, isDue, step == history.nextStep, let measured = finish(begin(trainer), step: step) else { return }
    history.measurements.append(measured)
    trainer.records.set(measured, lastRecord)
    (endsWithCall, hasEnded) = (true, true)
  }

  /// Begins to measure on the inputs of the last step. A failure ends measuring, not training.
  private func begin(_ trainer: Trainer) -> BegunProgram? {
    guard let program, history.problem == nil else { return nil }
    do throws(TrainingError) {
      return try program.begin(of: trainer, on: inputs)
    } catch {
      history.problem = "\(error)"
      return nil
    }
  }

  /// The measurement that was begun, if there is one.
  private func finish(_ begun: BegunProgram?, step: Int) -> GradientHistory.Measurement? {
    guard let program, let begun else { return nil }
    do throws(TrainingError) {
      let measured = try program.measurement(begun, on: inputs, step: step)
      latest = measured
      return measured
    } catch {
      history.problem = "\(error)"
      return nil
    }
  }
}
