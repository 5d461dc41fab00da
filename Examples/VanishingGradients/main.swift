// The smallest recurrence, h' = a · h + x, has its gradient in closed form: L = h_T gives dL/dhₜ = a^(T − t).
// It vanishes for a < 1 and explodes for a > 1; here the measured gradient stands next to the formula.
// Run it with: swift run -c release VanishingGradients
import Ebb
import Foundation

let steps = 60

/// dL/dhₜ for t = 1 … T: the adjoint of the state is a node of the graph, and so an output like any other.
func measuredGradient(factor: Double) throws -> [Double] {
  let recording = try Recording(element: .float64) { scope in
    let time = scope.time("t")
    let x = scope.input("x", over: [time])
    let a = scope.parameter("a", [], .constant(factor))
    let h = scope.over(time).state("h", shape: [])
    scope.output("loss", last(h.next(a * h + x), along: time))
  }
  var graph = recording.graph
  guard let loss = graph.output(named: "loss"), let h = graph.node(named: "h") else { return [] }
  graph.setOutput("dL/dh", try graph.gradient(of: loss, withRespectTo: [h])[0])
  var bindings = Bindings(recording.initialValues(seed: 0))
  bindings.values["x"] = Tensor([steps], [Double](repeating: 1, count: steps), as: .float64)
  return try Executable(compiling: graph).run(bindings)["dL/dh"]?.doubles ?? []
}

/// The closed form: a^(T − t).
func exactGradient(factor: Double) -> [Double] {
  (1...steps).map { t in pow(factor, Double(steps - t)) }
}

var largestError = 0.0
var columns: [DataTable.Column] = [.numbers("t", stride(from: steps, through: 1, by: -10).map(Double.init))]
for factor in [0.8, 1, 1.2] {
  let (measured, exact) = (try measuredGradient(factor: factor), exactGradient(factor: factor))
  for (m, e) in zip(measured, exact) { largestError = max(largestError, abs(m - e) / e) }
  let shown = stride(from: steps, through: 1, by: -10).map { $0 - 1 }
  columns.append(.numbers("a = \(factor)", format: .significant(4), shown.map { measured[$0] }))
  columns.append(.numbers("a^(T−t)", format: .significant(4), shown.map { exact[$0] }))
}
print(DataTable("dL/dhₜ, measured and in closed form", columns: columns).terminal())
print("The largest relative error of \(3 * steps) gradients: \(readableNumber(largestError))")
exit(largestError <= 1e-12 ? 0 : 1)
