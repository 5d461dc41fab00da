import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Numbers that belong to a recording.
@Suite struct LiteralTests {
  @Test func equalLiteralsAreOneAndNoParameters() throws {
    let recording = try Recording { scope in
      let mask = scope.literal([1, 0, 1])
      let again = scope.literal(Tensor([3], [1 as Float, 0, 1]))
      let whole = scope.literal(Tensor([3], [1 as Int32, 0, 1]))
      scope.output("y", mask + again + convert(whole, to: .float32) + scope.literal([1, 0, 2]))
    }
    let literals = recording.graph.nodes.filter { recording.graph.operation($0).keyword == "literal" }
    #expect(literals.map { recording.graph.type($0).element } == [.float32, .int32, .float32])
    #expect(recording.parameters.isEmpty && recording.initialValues(seed: 1).isEmpty)
  }

  @Test func theyAreSavedWithTheRecording() throws {
    func recording(_ last: Double) throws -> Recording {
      try Recording(element: .float64) { scope in
        scope.output("y", scope.literal([0.1, -0.0, .infinity, last], [2, 2]).named("H"))
      }
    }
    let saved = try recording(.nan)
    let back = try JSONDecoder().decode(Recording.self, from: JSONEncoder().encode(saved))
    #expect(back.graph == saved.graph && back.fingerprint == saved.fingerprint)
    #expect(saved.graph.description.contains("%0 H: f64 [2, 2] = literal(0.1, -0, inf, nan)\n"))
    #expect(try recording(2).fingerprint != saved.fingerprint)
  }

  @Test(arguments: [
    ([1.0, 2, 3], ElementType.float32, "literal: a literal of [2, 2] has 4 numbers, not 3"),
    ([1, 2, 3, 0.5], .int32, "literal: 0.5 is no i32"),
    ([1, 0, 1, 2], .bool, "literal: a truth value is written 0 or 1, not 2"),
  ])
  func misfitsAreReported(numbers: [Double], element: ElementType, message: String) throws {
    let error = #expect(throws: RecordingError.self) {
      _ = try Recording { scope in scope.output("y", scope.literal(numbers, [2, 2], as: element)) }
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
