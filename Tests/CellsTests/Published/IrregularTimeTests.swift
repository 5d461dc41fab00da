import EbbCells
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Cells with clocks, and cells for observations at irregular times.
@Suite struct IrregularTimeTests {
  /// While a clock is closed without a leak, the state and its gradient stay as they are.
  @Test func closedUnitsKeepStateAndGradient() throws {
    var trial = try Trial(PhasedLSTM(units: 2, leak: 0), steps: 4, batch: 1)
    // The first unit's phases are 0.25 … 0.625, the second's 0 … 0.375; both are open below 0.2.
    (trial["period"], trial["shift"], trial["ratio"]) = ([log(8), log(8)], [0.75, 0], [0.2, 0.2])
    let found = try trial.run()
    for name in ["h", "c"] {
      let start = trial[name + ".initial"]
      for time in 0..<4 {
        let row = trial.row(time, of: found[name] ?? [], of: 4)
        #expect(row[0] == start[0])
        if time == 1 { #expect(row[1] != start[1]) }
      }
    }
    #expect(try trial.sensitivity(to: "h.initial") { $0 == 3 && $1 == 0 ? 1 : 0 } == [1, 0])
  }

  @Test func indicesAreTimes() throws {
    let plain = try Trial(PhasedLSTM(units: 3), features: 2, steps: 5, batch: 1)
    var timed = try Trial(PhasedLSTM(units: 3, readsTimes: true), features: 3, steps: 5, batch: 1)
    for name in plain.values.keys where name != "x" { timed[name] = plain[name] }
    timed["x"] = (0..<5).flatMap { [plain.row($0, of: plain["x"], of: 5), [Double($0)]].flatMap { $0 } }
    #expect(distance(try timed.run()["y"] ?? [], try plain.run()["y"] ?? [0]) < 1e-15)
  }

  /// Each group changes where its period divides the step, and reads no faster one.
  @Test func groupsKeepTheirPeriods() throws {
    let trial = try Trial(ClockworkRNN(units: 6, groups: 3), steps: 9, batch: 1)
    let h = try #require(try trial.run()["h"])
    for time in 1..<9 {
      for unit in 0..<6 {
        let changes = time % [1, 2, 4][unit / 2] == 0
        #expect((h[time * 6 + unit] != h[(time - 1) * 6 + unit]) == changes, "\(time) \(unit)")
      }
    }
    let slow = try trial.sensitivity(to: "h.initial") { time, unit in time == 8 && unit == 4 ? 1 : 0 }
    #expect(slow[..<4].allSatisfy { $0 == 0 } && slow[4...].allSatisfy { $0 != 0 })
  }

  /// What a mask leaves out is not read, not even if it is NaN.
  @Test func missingValuesAreNotRead() throws {
    var trial = try Trial(GRUD(units: 3), features: 6, steps: 5, batch: 1)
    func fill(_ missing: Double) -> Vector {
      (0..<5).flatMap { time -> Vector in
        let isSeen = [time % 2 == 0, time == 1]
        let values = zip([0.3, -0.8], isSeen).map { $1 ? $0 * Double(time + 1) : missing }
        return [values, isSeen.map { $0 ? 1 : 0 }, [0.5, 1.5]].flatMap { $0 }
      }
    }
    trial["x"] = fill(0)
    let expected = try #require(try trial.run()["y"])
    trial["x"] = fill(.nan)
    let found = try trial.run(gradients: ["update.weight", "valueDecay.weight"])
    #expect(found["y"] == expected)
    #expect((found["d/update.weight"] ?? [.nan]).allSatisfy { $0.isFinite })
    #expect((found["d/valueDecay.weight"] ?? [.nan]).allSatisfy { $0.isFinite })
  }

  /// Twice the steps of a fourth-order method have a sixteenth of the error; an interval of 0 leaves the GRU.
  @Test func integrationIsOfFourthOrder() throws {
    func result(_ steps: Int, _ interval: Double = 1) throws -> Vector {
      let trial = try Trial(ODERNN(units: 3, steps: steps, interval: interval), steps: 1, batch: 1, scale: 0.9)
      return try trial.run()["y"] ?? []
    }
    let exact = try result(64)
    let ratio = distance(try result(2), exact) / distance(try result(4), exact)
    #expect((12...20).contains(ratio), "\(ratio)")
    let trial = try Trial(ODERNN(units: 3, interval: 0))
    var plain = try Trial(GRU(units: 3))
    for name in plain.values.keys { plain[name] = trial[name] }
    #expect(distance(try trial.run()["y"] ?? [], try plain.run()["y"] ?? [0]) < 1e-15)
  }

  @Test func inputsThatDoNotFitAreRefused() {
    #expect(throws: RecordingError.self) { try Recording(GRUD(units: 3), features: 4) }
    #expect(throws: RecordingError.self) { try Recording(PhasedLSTM(units: 3, readsTimes: true), features: 1) }
    #expect(throws: RecordingError.self) { try Recording(ODERNN(units: 3, interval: nil), features: 1) }
    #expect(throws: RecordingError.self) { try Recording(ClockworkRNN(units: 3, groups: 0), features: 2) }
  }
}
