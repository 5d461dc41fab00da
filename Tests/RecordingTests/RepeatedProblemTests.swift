import EbbGraph
import EbbRecording
import Testing

/// One mistake is told once, at the line of the one who made it.
@Suite struct RepeatedProblemTests {
  /// What is wrong with a recording. Its closure stands outside of the macro, in which no line is its own.
  private func error(_ equations: (Scope) -> Void) throws -> RecordingError {
    try #require(throws: RecordingError.self) { try Recording(equations) }
  }

  @Test func aMistakeInALoopIsCounted() throws {
    let error = try error { scope in
      let x = scope.input("x", [4], over: [scope.time("t")])
      for index in 0..<7 {
        scope.output("y\(index)", concatenate([x, x]) + scope.parameter("w\(index)", [index + 20], .zeros))
      }
    }
    #expect(error.problems.count == 1 && error.problems[0].count == 7, "\(error)")
    #expect(error.description.contains("the same 7 times at this line"))
  }

  @Test func twoMistakesAreTwo() throws {
    let error = try error { scope in
      let x = scope.input("x", [4], over: [scope.time("t")])
      scope.output("y", slice(x, 0..<9))
      scope.output("z", slice(x, 0..<9))
    }
    #expect(error.problems.map(\.count) == [1, 1])
    #expect(!error.description.contains("times at this line"))
  }

  @Test func aSubscriptIsAtItsOwnLine() throws {
    let line = #line + 3
    let error = try error { scope in
      let x = scope.input("x", [4], over: [scope.time("t")])
      scope.output("y", x[2..<9])
    }
    #expect(error.problems[0].line == line && error.problems[0].file.hasSuffix("RepeatedProblemTests.swift"))
    #expect(error.problems[0].call == "slice")
  }
}
