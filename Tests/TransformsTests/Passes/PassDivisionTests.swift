import EbbGraph
import EbbTensors
import EbbTransforms
import Testing

/// x / 2ᵏ is x · 2⁻ᵏ only where both powers are normal numbers of the element type.
struct PassDivisionTests {
  @Test(arguments: [-1022, -1000, -149, -130, -127, -126, -101, -100, -1, 1, 3, 100, 101, 126, 127, 1000, 1023])
  func reciprocalsAreNumbersOfTheElementType(exponent: Int) throws {
    for (element, least, largest) in [(ElementType.float32, -149, 127), (.float64, -1022, 1023)] {
      guard exponent >= least, exponent <= largest else { continue }
      var graph = Graph()
      let x = graph.appendLeaf(.input, NodeType(element, .empty, [2]), name: "x")
      let power = (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 2 : power * 2 }
      let divisor = graph.appendLeaf(.constant(power), NodeType(element))
      graph.setOutput("y", graph.append(.binary(.divide), [x, divisor]))
      let optimized = try Passes.optimized(graph)
      let constants = optimized.operations.compactMap { operation -> Double? in
        if case .constant(let value) = operation { value } else { nil }
      }
      let isMultiplied = optimized.operations.contains(.binary(.multiply))
      #expect(constants == [isMultiplied ? 1 / power : power])
      #expect(isMultiplied == (abs(exponent) <= 100), "2^\(exponent)")
      #expect(optimized.operations.contains(.binary(.divide)) != isMultiplied)
    }
  }
}
