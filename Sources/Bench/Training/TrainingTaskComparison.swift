public import EbbExecution
internal import EbbDiagnostics
internal import EbbFiles
internal import EbbInterchange
internal import EbbTraining
internal import Foundation

/// The time of an application's whole training step (forward, backward, clipping, optimizer), and that of the same step
/// in PyTorch, measured alternately.
///
/// Both begin with the same parameters and the same batch. Before anything is timed, the losses of some steps without
/// dropout are compared.
public struct TrainingTaskComparison: Sendable, Hashable {
  /// What was trained.
  public var task: TrainingTask
  /// Ebb's medians in seconds: before and after each round, so at least one.
  public var measurements: [Double]
  /// The others' times, one for each framework and round.
  public var rounds: [[PeerScript.Time]]

  /// How many steps are compared.
  static let comparedSteps = 3
  /// The largest difference of their losses, relative to Ebb's.
  static let tolerance = 1e-3

  /// Times a task.
  ///
  /// - Parameters:
  ///   - task: The network and its sizes.
  ///   - script: Runs the same steps in PyTorch; nil to time Ebb alone.
  ///   - rounds: How often PyTorch is timed, at least once.
  ///   - runs: The minimum number of timed steps per measurement.
  ///   - minimumTime: Measurements continue until this many seconds are timed.
  ///   - execution: Threads, instruction set and memory limits. PyTorch gets as many threads.
  ///   - isCancelled: Called many times a second while the script works. True ends the script, and the error is
  ///     `cancelled`.
  /// - Throws: `BenchError.peers` if the losses differ, or the script fails.
  public static func measure(
    _ task: TrainingTask, script: PeerScript? = nil, rounds: Int = 1, runs: Int = 7, minimumTime: Double = 0,
    execution: ExecutionOptions = ExecutionOptions(), isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(BenchError) -> TrainingTaskComparison {
    guard rounds >= 1 else { throw .diagnostic(.setting("a comparison has at least 1 round, not \(rounds)")) }
    func own() throws(BenchError) -> Double {
      do {
        return try TrainingTaskSession(task, execution).median(runs: runs, minimumTime: minimumTime)
      } catch {
        throw .diagnostic(error)
      }
    }
    var result = TrainingTaskComparison(task: task, measurements: [try own()], rounds: [])
    guard let script else { return result }
    // The equations without dropout have the same parameters.
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString).pt").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let losses = try losses(of: task, execution, writingTo: file)
    for _ in 0..<rounds {
      let answer = try script.measure(
        task, values: file, runs: runs, minimumTime: minimumTime, threads: execution.threads, isCancelled: isCancelled)
      for (peer, others) in answer.losses {
        if let problem = difference(losses, others) { throw .peers("\(task.name), \(peer): \(problem)") }
      }
      result.rounds.append(answer.times)
      result.measurements.append(try own())
    }
    return result
  }

  /// The losses of the first steps without dropout; the values that they begin with are written to a file.
  private static func losses(
    of task: TrainingTask, _ execution: ExecutionOptions, writingTo file: String
  ) throws(BenchError) -> [Double] {
    do {
      let session = try TrainingTaskSession(task.withoutDropout, execution)
      do { try TensorFile.write(session.values, to: file) } catch { throw DiagnosticError.training(.file(error)) }
      return try (0..<comparedSteps).map { _ in try session.step() }
    } catch let error as DiagnosticError {
      throw .diagnostic(error)
    } catch {
      preconditionFailure("\(error) is no error of a diagnostic")
    }
  }

  /// How the others' losses differ from Ebb's; nil if they do not.
  static func difference(_ own: [Double], _ others: [Double]) -> String? {
    let isSame = own.count == others.count && zip(own, others).allSatisfy { abs($0 - $1) <= tolerance * abs($0) }
    return isSame
      ? nil : "the losses of \(own.count) steps are \(own) here and \(others) there: it is not the same work"
  }

  /// Ebb's time that counts: the median, of two in the middle the slower.
  public var own: Double { measurements.sorted()[measurements.count / 2] }
  /// The counted times of the other frameworks.
  public var peers: [PeerScript.Time] { rounds.countedTimes }
  /// The fastest of the others.
  public var best: PeerScript.Time? { peers.min { $0.median < $1.median } }
  /// How many times longer the best other framework took; nil if there is none.
  public var ratio: Double? { best.map { $0.median / own } }
}
