import EbbGraph
import EbbInterchange
import EbbInterpreter
import EbbStableHLO
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Foundation
import Testing

/// Modules with what they compute, for `Tests/stablehlo.py --folder`: written where the variable EBB_STABLEHLO_FOLDER
/// names a folder.
struct ExampleFiles {
  static let folder = ProcessInfo.processInfo.environment["EBB_STABLEHLO_FOLDER"]

  /// Writes a module, the values of its arguments, and what the interpreter computes for them.
  static func write(_ name: String, _ graph: Graph, _ bindings: Bindings) throws {
    let lengths = try graph.lengths(for: bindings)
    let names = Dictionary(uniqueKeysWithValues: zip(graph.axes.map(\.name), lengths))
    let optimized = try Passes.optimized(graph)
    var all = names
    for axis in optimized.axes.dropFirst(lengths.count) { all[axis.name] = axis.length }
    let module = try optimized.stableHLO(lengths: all, name: name)
    #expect(module.results.map(\.name) == graph.outputs.map(\.name))
    guard let folder else { return }
    try module.text.write(toFile: "\(folder)/\(name).mlir", atomically: true, encoding: .utf8)
    var tensors: [String: Tensor] = [:]
    for (position, argument) in module.arguments.enumerated() {
      switch argument.element {
      case "ui64": tensors["ui64.\(position)"] = Tensor([], [Double(argument.name == "run" ? bindings.run : bindings.seed)])
      default: tensors["argument.\(position)"] = bindings.values[argument.name]
      }
    }
    let results = try Interpreter.run(graph, bindings)
    for (position, result) in module.results.enumerated() { tensors["result.\(position)"] = results[result.name] }
    try TensorFile.write(tensors, to: "\(folder)/\(name).npz")
  }

  /// Graphs of all operations, and their gradients. Numbers outside of ragged sequences are NaN, which nothing may read.
  @Test(arguments: 0..<UInt64(folder == nil ? RandomGraph.seedCount(16) : 320))
  func randomGraphs(seed: UInt64) throws {
    var options = RandomGraph.Options()
    options.element = seed.isMultiple(of: 2) ? .float64 : .float32
    options.allowsEmptyRows = seed % 5 == 4
    // What is not smooth takes another side where rounding moves a number.
    options.allowsKinks = seed.isMultiple(of: 2)
    let sample = RandomGraph.make(seed: seed, options: options)
    var graph = sample.graph
    if seed % 4 > 1, let gradients = try? graph.gradient(of: sample.loss, withRespectTo: sample.parameters + sample.inputs) {
      for (index, gradient) in gradients.enumerated() { graph.setOutput("gradient\(index)", gradient) }
      if (try? graph.lengths(for: sample.bindings)) == nil { graph = sample.graph }
    }
    try Self.write("random\(seed)", graph, sample.bindings)
  }
}
