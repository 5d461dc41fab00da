import EbbTensors
import EbbTraining
import Testing

private func rates(_ schedule: LearningRateSchedule, _ count: Int) -> [Double] {
  (0..<count).map { schedule.rate(at: $0) }
}

private func isClose(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-14 }
}

/// The numbers are those of PyTorch 2.15's schedulers.
@Suite struct ScheduleTests {
  @Test func stepsFallByAFactor() {
    #expect(rates(.step(0.4, factor: 0.5, every: 3), 8) == [0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1, 0.1])
    #expect(isClose(rates(.exponential(0.4, factor: 0.9), 4), [0.4, 0.36, 0.324, 0.2916]))
    #expect(isClose(rates(.linear(0.4, to: 0.1, steps: 3), 5), [0.4, 0.3, 0.2, 0.1, 0.1]))
  }

  @Test func theCosineEndsAtItsFloor() {
    let expected = [
      0.4, 0.3738749537379656, 0.3025, 0.205, 0.1075, 0.03612504626203445, 0.01,
    ]
    #expect(isClose(rates(.cosine(0.4, to: 0.01, steps: 6), 7), expected))
    #expect(LearningRateSchedule.cosine(0.4, to: 0.01, steps: 6).rate(at: 99) == 0.01)
  }

  @Test func oneCycleRisesAndFalls() {
    let expected = [
      0.016, 0.208, 0.4, 0.38019385280538953, 0.3246982615799052, 0.24450480877451572, 0.1554967912254843,
      0.0753033384200948, 0.019807747194610516, 1.6e-06,
    ]
    let cycle = LearningRateSchedule.oneCycle(OneCycle(peak: 0.4, steps: 10))
    #expect(isClose(rates(cycle, 10), expected))
    #expect(cycle.rate(at: 500) == cycle.rate(at: 9))
    for steps in 1...4 { #expect(rates(.oneCycle(OneCycle(peak: 1, steps: steps)), 6).allSatisfy { $0.isFinite }) }
  }

  @Test func warmUpComesBeforeTheScheduleAndDelaysIt() {
    let schedule = LearningRateSchedule.warmUp(steps: 4, then: .step(0.8, factor: 0.5, every: 2))
    #expect(isClose(rates(schedule, 8), [0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.4, 0.4]))
  }

  @Test func aPlateauLowersTheRate() {
    let rule = PlateauDecay(factor: 0.5, patience: 1, tolerance: 0.1, cooldown: 1, smallestFactor: 0.2)
    var state = PlateauDecay.State()
    var factor = 1.0
    let values = [1.0, 0.95, 0.8, 0.79, 0.78, 0.77, 0.76, 0.75, 0.74, 0.73] + [Double](repeating: 0.5, count: 8)
    let factors = values.map { value in
      factor = rule.observe(value, &state, rateFactor: factor)
      return factor
    }
    #expect(
      factors == [1, 1, 1, 1, 0.5, 0.5, 0.5] + [0.25, 0.25, 0.25, 0.25, 0.25] + [Double](repeating: 0.2, count: 6))
  }

  @Test func noNumberIsNoImprovement() {
    var state = EarlyStopping.State()
    let rule = EarlyStopping(patience: 1, restoresBest: true)
    let weights = { (x: Double) in ["w": Tensor([1], [x])] }
    #expect(!rule.observe(.nan, parameters: weights(0), &state))
    #expect(!rule.observe(2, parameters: weights(1), &state))
    #expect(!rule.observe(2, parameters: weights(2), &state))
    #expect(rule.observe(.nan, parameters: weights(3), &state))
    #expect(state.best == BestValue(value: 2, stale: 2) && state.bestParameters == weights(1))
  }
}
