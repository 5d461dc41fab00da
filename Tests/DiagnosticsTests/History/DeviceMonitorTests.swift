import EbbApplications
import EbbCells
import EbbExecution
import EbbGraph
import EbbPJRT
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTraining
import Foundation
import Testing

@testable import EbbDiagnostics

/// A monitor of a training on a device: what it measures comes back while the next step runs.
@Suite(.serialized) struct DeviceMonitorTests {
  private static let plugin = ProcessInfo.processInfo.environment["EBB_PJRT_PLUGIN"]

  /// Trains with a measurement in every step.
  private static func train(
    _ device: PJRTDevice?, steps: Int, drawsAhead: Bool, every interval: Int = 1, element: ElementType = .float32,
    dropout: Double = 0, progress: (GradientMonitor, Trainer) -> Void = { _, _ in }
  ) throws -> (history: GradientHistory, state: TrainingState) {
    let recording = try Recording(LSTM(units: 4), features: 2, element: element) { scope, y in
      let target = scope.input("target", [1], over: [Axis(1)])
      let kept = scope.dropout(last(y, along: Axis(0)), dropout, over: [Axis(1)])
      scope.output("loss", meanSquaredError(scope.run(Dense(units: 1), kept, named: "readout"), target))
    }
    let trainer = try Trainer(recording, seed: 4, options: ExecutionOptions(device: device))
    let monitor = try GradientMonitor(trainer, every: interval)
    let task = AddingProblem(length: 8)
    _ = try trainer.train(
      until: StoppingCriteria(steps: steps), drawsAhead: drawsAhead,
      batch: { number throws(TrainingError) in
        task.batch(size: 4, seed: 1, step: number).mapValues { Tensor($0.dimensions, $0.doubles, as: element) }
      },
      progress: { _ throws(TrainingError) in
        progress(monitor, trainer)
        return .continue
      })
    #expect(monitor.history.problem == nil)
    return (monitor.history, trainer.state)
  }

  /// Measurement, next step, and only then the numbers of the measurement: with each measurement the device has work
  /// while these are read. They are there when the step is reported, and nothing else is read for them.
  @Test(.enabled(if: FakePlugin.compiler != nil)) func theNextStepIsSentFirst() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    var measured: [Int] = []
    _ = try Self.train(PJRTDevice(plugin: plugin.path), steps: 4, drawsAhead: true) { monitor, trainer in
      measured.append(monitor.latest?.step ?? -1)
      #expect(monitor.history.measurements.count == trainer.stepCount)
    }
    #expect(measured == [0, 1, 2, 3])
    // Measurement 1 and step 2, then always the next measurement and the step after it; 9 is that at the end.
    let events = plugin.events.reduce(into: [FakePlugin.Event]()) { if $0.last != $1 { $0.append($1) } }
    #expect(
      Array(events.prefix(17)) == [
        .run(1), .run(2), .run(3), .read(2), .read(1),
        .run(4), .run(5), .read(3), .read(4),
        .run(6), .run(7), .read(5), .read(6),
        .run(8), .read(7), .read(8), .run(9),
      ], "\(events)")
  }

  /// The same numbers, to the bit, as where each step waits for its measurement and the next one for the step; and
  /// those of the kernels here within rounding. The training has the same bits with and without.
  @Test(.enabled(if: plugin != nil), arguments: [0, 0.3]) func theSameNumbers(dropout: Double) throws {
    let device = try PJRTDevice(plugin: Self.plugin ?? "")
    let ahead = try Self.train(device, steps: 5, drawsAhead: true, dropout: dropout)
    let inTurn = try Self.train(device, steps: 5, drawsAhead: false, dropout: dropout)
    let without = try Self.train(device, steps: 5, drawsAhead: true, every: .max, dropout: dropout)
    #expect(ahead.history.json == inTurn.history.json)
    #expect(ahead.state == inTurn.state && ahead.state.parameters == without.state.parameters)
    #expect(ahead.history.measurements.map(\.step) == [0, 1, 2, 3, 4, 5])
    // The loss of the step, with its parameters and its dropout.
    for (measurement, loss) in zip(ahead.history.measurements, ahead.history.losses) {
      #expect([measurement.loss].isClose(to: [loss], 1e-6))
    }
    let (here, there) = (
      try Self.train(nil, steps: 5, drawsAhead: true, element: .float64, dropout: dropout),
      try Self.train(device, steps: 5, drawsAhead: true, element: .float64, dropout: dropout)
    )
    #expect(here.history.measurements.count == there.history.measurements.count)
    for (x, y) in zip(here.history.measurements, there.history.measurements) {
      for (x, y) in zip(x.states, y.states) { #expect(y.total.means.isClose(to: x.total.means, 1e-9)) }
    }
  }
}
