import EbbExecution
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// What a framework computed with given weights: a file of Tests/Vectors.
struct PeerVector {
  /// The framework's weights and their gradients, under its own names.
  var weights: [String: Tensor] = [:]
  var gradients: [String: Tensor] = [:]
  /// x, v, y and dx.
  var values: [String: Tensor] = [:]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors")

  static func path(_ file: String) -> String { folder.appendingPathComponent(file).path }

  init(_ name: String) throws {
    for (key, tensor) in try Safetensors(contentsOf: Self.path(name + ".safetensors")).tensors {
      switch key.prefix(2) {
      case "w/": weights[String(key.dropFirst(2))] = tensor
      case "d/": gradients[String(key.dropFirst(2))] = tensor
      default: values[key] = tensor
      }
    }
  }

  var features: Int { values["x"]?.dimensions.last ?? 0 }

  /// A program that computes y, dx and the gradients by the framework's names, as the executor does for this cell in an
  /// evaluation.
  func program(of cell: some RecurrentCell) throws -> Executable {
    let element = try #require(values["x"]).element
    // Images have more than one dimension at each step of each sample.
    let shape = Array(try #require(values["x"]).dimensions.dropFirst(2))
    let recording = try Recording(element: element) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let y = scope.over(time).run(cell, scope.input("x", shape, over: [time, batch]))
      let read = scope.input("v", y.shape.array, over: y.domain)
      scope.output("y", y)
      scope.output("loss", sum(read * y))
    }
    var graph = recording.evaluationGraph
    let names = recording.parameters.map(\.name) + ["x"]
    let nodes = names.compactMap { graph.node(named: $0) }
    let loss = try #require(graph.output(named: "loss"))
    for (name, node) in zip(names, try graph.gradient(of: loss, withRespectTo: nodes)) {
      graph.setOutput("d/" + name, node)
    }
    return Executable(graph)
  }

  /// y, dx and the gradients with these parameters.
  func outputs(of cell: some RecurrentCell, _ parameters: [String: Tensor]) throws -> [String: Tensor] {
    try outputs(of: program(of: cell), parameters)
  }

  func outputs(of program: Executable, _ parameters: [String: Tensor]) throws -> [String: Tensor] {
    let x = try #require(values["x"])
    return try program.run(Bindings(parameters.merging(["x": x, "v": try #require(values["v"])]) { $1 }))
  }

  /// The largest difference between what this cell gives with imported weights and what the framework gave, over all
  /// values and gradients, relative to the largest number of each where that is above 1.
  func largestDifference(
    of cell: some RecurrentCell, _ map: WeightMap, weights: [String: Tensor]? = nil
  ) throws -> Double {
    try largestDifference(of: program(of: cell), map, weights: weights)
  }

  /// - Parameter map: Nil for weights that have the library's names.
  func largestDifference(
    of program: Executable, _ map: WeightMap?, weights: [String: Tensor]? = nil
  ) throws -> Double {
    let element = try #require(values["x"]).element
    let weights = weights ?? self.weights
    let outputs = try outputs(of: program, map?.parameters(from: weights, as: element) ?? weights)
    var worst = max(difference(outputs["y"], values["y"]), difference(outputs["d/x"], values["dx"]))
    var found: [String: Tensor] = [:]
    for name in map?.parameterShapes.keys.sorted() ?? weights.keys.sorted() { found[name] = outputs["d/" + name] }
    if let map { found = try map.tensors(fromGradients: found) }
    #expect(Set(found.keys) == Set(gradients.keys))
    for (name, expected) in gradients { worst = max(worst, difference(found[name], expected)) }
    return worst
  }
}

/// The largest |a − b|, relative to the largest |b| where that is above 1; infinite where the shapes differ.
func difference(_ a: Tensor?, _ b: Tensor?) -> Double {
  guard let a, let b, a.dimensions == b.dimensions else { return .infinity }
  let scale = b.doubles.reduce(1) { max($0, abs($1)) }
  return zip(a.doubles, b.doubles).reduce(0) { ($1.0 - $1.1).isNaN ? .infinity : max($0, abs($1.0 - $1.1) / scale) }
}
