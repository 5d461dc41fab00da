import EbbEquations
import EbbGraph
import EbbRecording
import Testing

/// What a state is before the first step.
@Suite struct StartTests {
  private static let memory = "v_t = V x_t\nS_t = 0.9 S_{t-1} + v_t x_t^T\ny_t = S_t x_t\n"

  /// The initial values of the trained starts, by the names of their parameters.
  private func starts(_ text: String) throws -> [String: Initializer] {
    let cell = try EquationCell(text, units: 3)
    let recording = try Recording { scope in
      let x = scope.input("x", [3], over: [scope.time("t"), scope.batch("b")])
      scope.output("y", scope.run(cell, x))
    }
    return Dictionary(
      uniqueKeysWithValues: recording.parameters.filter { $0.name.hasSuffix(".initial") }.map {
        ($0.name, $0.initializer)
      })
  }

  @Test func aTrainedStartBeginsAsTheTextSays() throws {
    #expect(try starts(Self.memory) == [:])
    #expect(try starts(Self.memory + "S_0 ~ trained") == ["S.initial": .zeros])
    #expect(try starts(Self.memory + "S_0 ~ identity") == ["S.initial": .identity(scale: 1)])
    #expect(try starts("h_t = tanh(W h_{t-1} + U x_t)\nh_0 ~ constant(2)") == ["h.initial": .constant(2)])
  }

  /// One of two states of a letter does not begin as the other's start says.
  @Test func aStartIsThatOfOneState() throws {
    let text = "h_{1,t} = tanh(A h_{1,t-1} + U x_t)\nh_t = tanh(W h_{t-1} + V h_{1,t})\nh_0 ~ ones"
    #expect(try starts(text) == ["h.initial": .constant(1)])
  }

  /// A parameter may be called as a start would be.
  @Test func aParameterOfThatNameIsNone() throws {
    #expect(try starts("W_t = 0.9 W_{t-1} + W_0 x_t\nW_0 ~ orthogonal") == [:])
  }

  @Test func aStartOfNothingIsNoted() throws {
    let text = "h_t = tanh(W h_{t-1} + U x_t)\nh_0 ~ trained; W ~ orthogonal; q_0 ~ ones; q ~ ones; c_0 ~ trained"
    let cell = try EquationCell(text, units: 3)
    #expect(cell.assumptions.count == 3)
    for name in ["q", "q_0", "c_0"] {
      #expect(cell.assumptions.contains("\(name) ~ says how a trained value begins, and there is no \(name)"))
    }
  }
}
