import EbbGraph
import EbbExport
import EbbFiles
import EbbInterchange
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Models with what they compute, for `Tests/onnx.py --folder`: written where the variable EBB_ONNX_FOLDER names a folder.
struct ExampleFiles {
  static let folder = ProcessInfo.processInfo.environment["EBB_ONNX_FOLDER"]

  /// Writes a model, and inputs with what the interpreter computes for them.
  static func write(_ name: String, _ model: ONNXModel, _ graph: Graph, _ bindings: Bindings) throws {
    guard let folder else { return }
    try model.write(to: "\(folder)/\(name).onnx")
    var tensors: [String: Tensor] = [:]
    for input in model.graph.inputs { tensors["input.\(input.name)"] = bindings.values[input.name] }
    for axis in graph.axes where model.graph.inputs.contains(where: { $0.name == axis.name + ".length" }) {
      let length = try graph.lengths(for: bindings)[graph.axis(named: axis.name)?.index ?? 0]
      tensors["input.\(axis.name).length"] = Tensor([], [Int32(length)])
    }
    let results = try Interpreter.run(graph, bindings)
    for output in model.graph.outputs {
      let element = graph.output(named: output.name).map { graph.type($0).element } ?? .float64
      tensors["output.\(output.name)"] = results[output.name]?.converted(to: element)
    }
    try TensorFile.write(tensors, to: "\(folder)/\(name).npz")
  }

  /// Graphs of all operations. Numbers outside of ragged sequences are NaN, which nothing may read.
  @Test(arguments: 0..<UInt64(folder == nil ? RandomGraph.seedCount(16) : 300))
  func randomGraphs(seed: UInt64) throws {
    var options = RandomGraph.Options()
    options.allowsRandomNodes = false
    options.allowsVaryingMatrices = false
    options.element = seed.isMultiple(of: 2) ? .float64 : .float32
    let sample = RandomGraph.make(seed: seed, options: options)
    let names = sample.graph.outputs.map(\.name)
    let model = try sample.graph.onnx(parameters: sample.bindings.values, outputs: names)
    #expect(try ONNXModel(Data(model.bytes), source: "model") == model)
    try Self.write("random\(seed)", model, sample.graph, sample.bindings)
  }

  /// Networks around and beside the library's cells.
  @Test(arguments: [false, true])
  func networks(ragged: Bool) throws {
    for (name, recording) in try Networks.all(ragged: ragged) {
      let values = recording.initialValues(seed: 3)
      let model = try recording.onnx(parameters: values)
      let graph = recording.evaluationGraph
      var bindings = Bindings(values.merging(Self.inputs(of: recording)) { $1 })
      bindings.lengths = ["t": 6, "b": 3].filter { graph.axis(named: $0.key) != nil }
      try Self.write(name.replacing(" ", with: "-") + (ragged ? "-ragged" : ""), model, graph, bindings)
    }
  }

  /// Values of every input, for sequences of 6 and 5 steps and 3 samples.
  private static func inputs(of recording: Recording) -> [String: Tensor] {
    let graph = recording.graph
    var values: [String: Tensor] = [:]
    for (number, input) in recording.inputs.enumerated() {
      let type = graph.type(input.node)
      let dimensions =
        type.domain.map { ["t": 6, "s": 5, "b": 3][graph.description(of: $0).name] ?? 1 } + type.shape.array
      let isLength = graph.axes.contains { $0.lengths == input.node }
      var dice = SplitMix(UInt64(number + 7))
      let numbers = (0..<dimensions.reduce(1, *)).map { _ -> Double in
        if isLength { return Double(dice.next() % 5 + 1) }
        return type.element == .int32 ? Double(dice.next() % 7) : Double(dice.next() % 2001) / 1000 - 1
      }
      values[input.name] = Tensor(dimensions, numbers, as: type.element)
    }
    return values
  }
}
