internal import EbbGraph
internal import EbbTensors
internal import Foundation

extension PJRTDevice {
  /// What the device does to numbers of 32 bits, measured there in a moment: one sentence, for pages and tables.
  ///
  /// - Throws: `PJRTError` with the plugin's words.
  public func arithmetic() throws(PJRTError) -> String {
    let points = (-4000...4000).map { Float($0) / 500 }
    let subnormal = Float.leastNormalMagnitude / 4
    var graph = Graph()
    let axis = graph.addAxis(AxisDescription(name: "points", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [axis]), name: "x")
    // The factor is an input, so that nothing is computed before the run.
    let factor = graph.appendLeaf(.input, NodeType(.float32), name: "factor")
    graph.setOutput("tanh", graph.append(.unary(.tanh), [x]))
    graph.setOutput("product", graph.append(.binary(.multiply), [x, factor]))
    let session = try PJRTSession(graph, lengths: [points.count], device: self)
    func output(_ name: String) throws(PJRTError) -> [Float] {
      guard let found = try session.output(name), case .float32(let values) = found.storage else {
        preconditionFailure("the module has no \(name)")
      }
      return values
    }
    try session.set("x", Tensor([points.count], points))
    try session.set("factor", Tensor([], [subnormal]))
    try session.run()
    let error = zip(points, try output("tanh")).reduce(0.0) { largest, pair in
      let exact = Foundation.tanh(Double(pair.0))
      return max(largest, abs(Double(pair.1) - exact) / Double(Float(exact).ulp))
    }
    let keeps = try output("product")[4500] == points[4500] * subnormal
    let small = keeps ? "kept" : "0"
    return "\(platform) through XLA: numbers below 10⁻³⁸ are \(small) in 32 bits, and tanh is off by up to "
      + "\((error * 10).rounded() / 10) units in the last place"
  }
}
