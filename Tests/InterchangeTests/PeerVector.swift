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

  /// y, dx and the gradients by the framework's names, as the executor computes them for this cell.
  func outputs(of cell: some RecurrentCell, _ parameters: [String: Tensor]) throws -> [String: Tensor] {
    let v = try #require(values["v"])
    let x = try #require(values["x"])
    let recording = try Recording(cell, features: features, element: x.element) { scope, y in
      let read = scope.input("v", y.shape.array, over: [Axis(0), Axis(1)])
      scope.output("y", y)
      scope.output("loss", sum(read * y))
    }
    var graph = recording.graph
    let names = recording.parameters.map(\.name) + ["x"]
    let nodes = names.compactMap { graph.node(named: $0) }
    let loss = try #require(graph.output(named: "loss"))
    for (name, node) in zip(names, try graph.gradient(of: loss, withRespectTo: nodes)) {
      graph.setOutput("d/" + name, node)
    }
    return try Executable(graph).run(Bindings(parameters.merging(["x": x, "v": v]) { $1 }))
  }

  /// The largest difference between what this cell gives with imported weights and what the framework gave, over all
  /// values and gradients, relative to the largest number of each where that is above 1.
  func largestDifference(
    of cell: some RecurrentCell, _ map: WeightMap, weights: [String: Tensor]? = nil
  ) throws -> Double {
    let element = try #require(values["x"]).element
    let outputs = try outputs(of: cell, map.parameters(from: weights ?? self.weights, as: element))
    var worst = max(difference(outputs["y"], values["y"]), difference(outputs["d/x"], values["dx"]))
    var gradients: [String: Tensor] = [:]
    for name in map.parameterShapes.keys { gradients[name] = outputs["d/" + name] }
    let found = try map.tensors(fromGradients: gradients)
    #expect(Set(found.keys) == Set(self.gradients.keys))
    for (name, expected) in self.gradients { worst = max(worst, difference(found[name], expected)) }
    return worst
  }
}

/// The largest |a − b|, relative to the largest |b| where that is above 1; infinite where the shapes differ.
func difference(_ a: Tensor?, _ b: Tensor?) -> Double {
  guard let a, let b, a.dimensions == b.dimensions else { return .infinity }
  let scale = b.doubles.reduce(1) { max($0, abs($1)) }
  return zip(a.doubles, b.doubles).reduce(0) { ($1.0 - $1.1).isNaN ? .infinity : max($0, abs($1.0 - $1.1) / scale) }
}
