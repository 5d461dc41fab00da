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
  ///
  /// - Parameter isOptimized: Whether the graph goes through the passes before; what it computes is the same.
  static func write(_ name: String, _ graph: Graph, _ bindings: Bindings, isOptimized: Bool = true) throws {
    let lengths = try graph.lengths(for: bindings)
    let used = graph.types.reduce(Domain.empty) { $0.union($1.domain) }
    let names = Dictionary(
      uniqueKeysWithValues: zip(graph.axes.indices, lengths).filter { used.contains(Axis($0.0)) }
        .map { (graph.axes[$0].name, $1) })
    let optimized = isOptimized ? try Passes.optimized(graph) : graph
    // Axes of histories have the steps of their time axes.
    var all = names
    for axis in optimized.axes.dropFirst(lengths.count) { all[axis.name] = axis.length }
    let module = try optimized.stableHLO(lengths: all, name: name)
    #expect(module.results.map(\.name) == graph.outputs.map(\.name))
    guard let folder else { return }
    try module.text.write(toFile: "\(folder)/\(name).mlir", atomically: true, encoding: .utf8)
    var tensors: [String: Tensor] = [:]
    for (position, argument) in module.arguments.enumerated() {
      switch argument.element {
      case "ui64":
        tensors["ui64.\(position)"] = Tensor([], [Double(argument.name == "run" ? bindings.run : bindings.seed)])
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
    if seed % 4 > 1,
      let gradients = try? graph.gradient(of: sample.loss, withRespectTo: sample.parameters + sample.inputs)
    {
      for (index, gradient) in gradients.enumerated() { graph.setOutput("gradient\(index)", gradient) }
      if (try? graph.lengths(for: sample.bindings)) == nil { graph = sample.graph }
    }
    try Self.write("random\(seed)", graph, sample.bindings, isOptimized: seed % 3 != 1 || seed % 4 > 1)
  }

  /// Recurrences over grids and values that remember their own past, with their gradients.
  @Test(arguments: 0..<UInt64(folder == nil ? 8 : 120), [RandomGraph.Kind.grids, .histories])
  func gridsAndHistories(seed: UInt64, kind: RandomGraph.Kind) throws {
    var options = RandomGraph.Options(kind)
    options.element = seed.isMultiple(of: 2) ? .float64 : .float32
    options.allowsKinks = seed.isMultiple(of: 2)
    let sample = RandomGraph.make(seed: seed + 900, options: options)
    var graph = sample.graph
    if let gradients = try? graph.gradient(of: sample.loss, withRespectTo: sample.parameters + sample.inputs) {
      for (index, gradient) in gradients.enumerated() { graph.setOutput("gradient\(index)", gradient) }
      if (try? graph.lengths(for: sample.bindings)) == nil { graph = sample.graph }
    }
    try Self.write("\(kind)\(seed)", graph, sample.bindings, isOptimized: seed % 3 != 1)
  }

  /// Every operation with all its attributes, also of single steps and samples.
  @Test(arguments: [5, 1])
  func everyOperation(steps: Int) throws {
    var graph = SampleGraph.everyOperation()
    for node in graph.nodes {
      let isMark: Bool
      switch graph.operation(node) {
      // These are erased with the derivatives that they belong to.
      case .incomingAdjoint, .declaredGradient, .clipGradient: isMark = true
      default: isMark = false
      }
      if !isMark { graph.setOutput("value\(node.index)", node) }
    }
    try Self.write(
      "operations\(steps)", graph, Self.values(graph, steps: steps, samples: steps == 1 ? 1 : 3), isOptimized: false)
  }

  /// The graphs before each pass, as the passes' tests have them.
  @Test(arguments: [5, 1])
  func passSamples(steps: Int) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("TransformsTests/Passes/Samples")
    var count = 0
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    where file.hasPrefix("PassSamples+") {
      let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
      for match in text.matches(of: #/before: """\n(?<graph>(.|\n)*?)"""/#) {
        let lines = match.output.graph.split(separator: "\n", omittingEmptySubsequences: false)
        let graph = try Graph(parsing: lines.map { $0.drop { $0 == " " } }.joined(separator: "\n"))
        count += 1
        let bindings = Self.values(graph, steps: steps, samples: steps == 1 ? 1 : 3)
        try Self.write("pass\(count)-\(steps)", graph, bindings)
      }
    }
    // Every pass has one, but for second rounds.
    #expect(count >= Passes.registry.count - 1)
  }

  /// Values for every parameter and input: floats around 0, whole numbers from −1 to 4, rows of 1 to `steps` steps.
  static func values(_ graph: Graph, steps: Int, samples: Int) -> Bindings {
    var bindings = Bindings(seed: 11, run: 3)
    for axis in graph.axes where axis.length == nil {
      bindings.lengths[axis.name] = axis.kind == .time ? steps : samples
    }
    for node in graph.nodes where graph.operation(node).isGiven {
      let type = graph.type(node)
      let dims = type.domain.map { axis in
        let description = graph.description(of: axis)
        return description.length ?? (description.kind == .time ? steps : samples)
      }
      let isLength = graph.axes.contains { $0.lengths == node }
      var dice = SplitMix(UInt64(node.index + 7))
      let numbers = (0..<dims.reduce(type.shape.count, *)).map { _ -> Double in
        if isLength { return Double(dice.next() % UInt64(steps) + 1) }
        return type.element == .int32 ? Double(dice.next() % 6) - 1 : Double(dice.next() % 2001) / 1000 - 1
      }
      bindings.values[graph.name(node) ?? "%\(node.index)"] = Tensor(
        dims + type.shape.array, type.element == .bool ? numbers.map { $0 > 0 ? 1 : 0 } : numbers, as: type.element)
    }
    return bindings
  }
}
