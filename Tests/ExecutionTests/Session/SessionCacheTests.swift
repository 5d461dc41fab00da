import EbbCells
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// Sequences of many lengths keep a bounded number of sessions.
@Suite struct SessionCacheTests {
  private func executable(_ cacheBytes: Int? = nil) throws -> Executable {
    let recording = try Recording(GRU(units: 3), features: 2) { scope, y in scope.output("loss", mean(square(y))) }
    var options = ExecutionOptions(threads: 1)
    if let cacheBytes { options.cacheBytes = cacheBytes }
    return Executable(try Passes.optimized(recording.graph), options: options)
  }

  private func loss(_ executable: Executable, _ length: Int) throws -> Double {
    let recording = try Recording(GRU(units: 3), features: 2) { scope, y in scope.output("loss", mean(square(y))) }
    let x = Tensor([length, 1, 2], (0..<length * 2).map { Float($0 % 5) - 2 })
    return try executable.run(Bindings(recording.initialValues(seed: 1).merging(["x": x]) { $1 }))["loss"]!.doubles[0]
  }

  @Test func sessionsAreLetGoAndResultsStay() throws {
    let free = try executable()
    let expected = try (1...150).map { try loss(free, $0) }
    #expect(free.keptSessions == 150)
    let limit = free.keptBytes / 10
    let bounded = try executable(limit)
    var most = 0
    for round in 0..<2 {
      for length in 1...150 {
        #expect(try loss(bounded, length) == expected[length - 1], "length \(length) in round \(round)")
        #expect(bounded.keptBytes <= limit)
        most = max(most, bounded.keptSessions)
      }
    }
    #expect(most < 50 && most > 3)
  }

  @Test func whatWasUsedLastIsKept() throws {
    let free = try executable()
    for length in [10, 11, 12] { _ = try loss(free, length) }
    let bounded = try executable(free.keptBytes)
    let sessions = try [10, 11, 12].map { try bounded.session(lengths: [$0, 1]) }
    #expect(try bounded.session(lengths: [10, 1]) === sessions[0])
    // Room for a fourth is made by letting 11 go, which was not used for the longest.
    _ = try bounded.session(lengths: [9, 1])
    #expect(
      try bounded.session(lengths: [10, 1]) === sessions[0] && bounded.session(lengths: [12, 1]) === sessions[2])
    #expect(try bounded.session(lengths: [11, 1]) !== sessions[1])
  }

  @Test func oneIsKeptWhateverItHolds() throws {
    let executable = try executable(1)
    for length in [5, 6, 6] { _ = try loss(executable, length) }
    #expect(executable.keptSessions == 1)
    #expect(try executable.session(lengths: [6, 1]) === executable.session(lengths: [6, 1]))
  }
}
