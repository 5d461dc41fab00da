import EbbEquations
import EbbRecording
import EbbTestSupport
import Testing

/// Random cells: what is written of each, and of its gradient, is read back to an equal graph.
@Suite struct WritingFuzzTests {
  /// Draws the equations of a cell with the states h and c and some gates.
  struct Draw {
    var stream: SplitMix
    var weights = 0
    /// Vectors that can be read.
    var values = ["h_{t-1}", "c_{t-1}", "x'"]

    mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &stream) }

    mutating func weight() -> String {
      weights += 1
      return "W_{\(weights)}"
    }

    mutating func vector(_ depth: Int) -> String {
      if depth == 0 { return values[pick(values.count)] }
      func v(_ draw: inout Draw) -> String { draw.vector(depth - 1) }
      switch pick(16) {
      case 0: return "(\(v(&self)) + \(v(&self)))"
      case 1: return "(\(v(&self)) - \(v(&self)))"
      case 2, 3: return "(\(v(&self)) ⊙ \(v(&self)))"
      case 4: return "tanh(\(v(&self)))"
      case 5: return "σ(\(v(&self)))"
      case 6: return "(1 - \(v(&self)))"
      case 7: return "(\(v(&self)) / (1 + \(v(&self))^2))"
      case 8: return "(\(weight()) \(v(&self)))"
      case 9: return "(\(weight()) [\(v(&self)), x_t])"
      case 10: return "(-\(v(&self)))"
      case 11: return "|\(v(&self))|"
      case 12: return "(‖\(v(&self))‖ \(v(&self)))"
      case 13: return "relu(\(v(&self)))"
      case 14: return "(0.5 \(v(&self)) + b_{\(pick(3))})"
      case _: return "max(\(v(&self)), \(v(&self)))"
      }
    }

    mutating func text() -> String {
      var lines = ["x'_t = V x_t"]
      values = ["h_{t-1}", "c_{t-1}", "x'_t"]
      for gate in ["f", "g", "o"].prefix(pick(4)) {
        lines.append("\(gate)_t = \(vector(2 + pick(2)))")
        values.append("\(gate)_t")
      }
      lines.append("c_t = \(vector(3)) + c_{t-1} + x'_t")
      values.append("c_t")
      lines.append("h_t = \(vector(3)) + U h_{t-1} + x'_t")
      return lines.joined(separator: "\n")
    }
  }

  @Test(arguments: 0..<60) func randomCellsReadBack(_ seed: Int) throws {
    var draw = Draw(stream: SplitMix(UInt64(seed)))
    let text = draw.text()
    let cell = try EquationCell(text, units: 4)
    for latex in [false, true] {
      #expect(try WritingTests.text(WritingTests.differences(cell, latex: latex)) == "", "\(text)")
      #expect(try WritingTests.text(WritingTests.gradientDifferences(cell, latex: latex)) == "", "\(text)")
    }
    try WrittenGradientTests.expectDerivative(of: cell)
  }
}
