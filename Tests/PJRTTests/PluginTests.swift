import EbbGraph
import EbbInterpreter
import EbbPJRT
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Foundation
import Testing

/// The plugin that EBB_PJRT_PLUGIN names.
private enum RealPlugin {
  static let path = ProcessInfo.processInfo.environment["EBB_PJRT_PLUGIN"]
  static let device = Result { try PJRTDevice(plugin: path ?? "") }
}

/// Graphs on a real device, where there is one.
@Suite(.enabled(if: RealPlugin.path != nil)) struct PluginTests {

  /// Random graphs compute what the interpreter says, and so do the gradients of more than 300 of them.
  @Test(arguments: 0..<UInt64(340))
  func randomGraphs(seed: UInt64) throws {
    var options = RandomGraph.Options()
    options.element = seed.isMultiple(of: 2) ? .float64 : .float32
    options.allowsEmptyRows = seed % 5 == 4
    options.allowsKinks = seed.isMultiple(of: 2)
    // XLA takes its time for each operation.
    options.operations = 2...6
    options.recurrences = 0...2
    try Self.compare(RandomGraph.make(seed: seed + 5000, options: options), options.element, order: 1)
  }

  /// Recurrences over grids, and values that remember their own past, with their gradients; of every third graph, in 64
  /// bits, also the gradient of these.
  @Test(arguments: 0..<UInt64(30), [RandomGraph.Kind.grids, .histories])
  func gridsAndHistories(seed: UInt64, kind: RandomGraph.Kind) throws {
    var options = RandomGraph.Options(kind)
    let isTwice = seed % 3 == 2
    options.element = isTwice || seed.isMultiple(of: 2) ? .float64 : .float32
    options.allowsKinks = !isTwice && seed.isMultiple(of: 2)
    options.operations = isTwice ? 2...4 : 2...6
    options.recurrences = 1...1
    let sample = RandomGraph.make(seed: seed + 7000, options: options)
    try Self.compare(sample, options.element, order: isTwice ? 2 : 1, isOptimized: seed % 5 != 1)
  }

  /// What a graph and its gradients compute on the device, against the interpreter.
  ///
  /// - Parameter order: 1 for gradients, 2 for those of their squares as well.
  private static func compare(
    _ sample: RandomGraph, _ element: ElementType, order: Int, isOptimized: Bool = true
  ) throws {
    var graph = sample.graph
    let nodes = sample.parameters + sample.inputs
    if var gradients = try? graph.gradient(of: sample.loss, withRespectTo: nodes) {
      if order > 1 {
        let squares = gradients.map { gradient in
          var square = graph.total(of: graph.append(.unary(.square), [gradient]))
          for dimension in (0..<graph.type(square).shape.rank).reversed() {
            square = graph.append(.reduceFeatures(.sum, dimension: dimension), [square])
          }
          return square
        }
        gradients += try graph.gradient(of: graph.sum(of: squares), withRespectTo: nodes)
      }
      for (index, gradient) in gradients.enumerated() { graph.setOutput("gradient\(index)", gradient) }
      if (try? graph.lengths(for: sample.bindings)) == nil { graph = sample.graph }
    }
    let optimized = isOptimized ? try Passes.optimized(graph) : graph
    let lengths = optimized.completed(try graph.lengths(for: sample.bindings))
    let session = try PJRTSession(optimized, lengths: lengths, device: RealPlugin.device.get())
    for (name, value) in sample.bindings.values { try session.set(name, value) }
    try session.run(seed: sample.bindings.seed, run: sample.bindings.run)
    for (name, expected) in try Interpreter.run(graph, sample.bindings) {
      let found = try #require(try session.output(name))
      let error = maximumRelativeError(found, expected, floor: 1)
      #expect(error < (element == .float64 ? 1e-9 : 2e-4), "\(name): \(error) \(sample)")
    }
  }

  /// A part of a batch has the random numbers of its rows of the whole, over several axes or one; what is the same for
  /// all samples, or is numbered by an axis of fixed length, is the same in each part.
  @Test(arguments: [ElementType.float32, .float64])
  func randomNumbersOfAPart(element: ElementType) throws {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let k = graph.addAxis(AxisDescription(name: "k", kind: .batch, length: 2))
    for (number, domain) in ([[t, b], [b], [b, k], [t], [k]] as [Domain]).enumerated() {
      for (distribution, word) in [(Distribution.uniform, "uniform"), (.normal, "normal")] {
        let stream = UInt32(2 * number + (word == "normal" ? 1 : 0))
        let type = NodeType(element, domain, [3])
        graph.setOutput(
          "\(word) \(number)", graph.appendLeaf(.random(distribution, stream: stream), type, name: nil))
      }
    }
    let (first, count) = (3, 2)
    let session = try PJRTSession(graph, lengths: [4, count, 2], device: RealPlugin.device.get(), isPart: true)
    try session.run(seed: 9, run: 5, firstSample: first)
    let whole = try Interpreter.run(graph, Bindings([:], lengths: ["t": 4, "b": 7], seed: 9, run: 5))
    for (name, value) in whole {
      let node = try #require(graph.output(named: name))
      let place = Array(graph.type(node).domain).firstIndex(of: b)
      let own = place.map { Self.rows(first..<first + count, of: value, along: $0) } ?? value
      // The interpreter computes in doubles.
      let expected = Tensor(own.dimensions, own.doubles, as: element)
      let found = try #require(try session.output(name))
      let error = maximumRelativeError(found, expected, floor: 1)
      #expect(error < (element == .float64 ? 1e-12 : 1e-6), "\(name): \(error)")
      if name.hasPrefix("uniform") { #expect(found == expected, "\(name)") }
    }
  }

  private static func rows(_ rows: Range<Int>, of tensor: Tensor, along dimension: Int) -> Tensor {
    var dimensions = tensor.dimensions
    let inner = dimensions[(dimension + 1)...].reduce(1, *)
    let numbers = tensor.doubles.enumerated().filter { rows.contains($0.offset / inner % tensor.dimensions[dimension]) }
    dimensions[dimension] = rows.count
    return Tensor(dimensions, numbers.map(\.element), as: tensor.element)
  }

  /// A module and its values by hand.
  @Test func squares() throws {
    var graph = Graph()
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [b]), name: "x")
    graph.setOutput("y", graph.append(.unary(.square), [x]))
    let session = try PJRTSession(graph, lengths: [4], device: RealPlugin.device.get())
    try session.set("x", Tensor([4], [1, 2, 3, -4] as [Float]))
    try session.run()
    #expect(try session.output("y") == Tensor([4], [1, 4, 9, 16] as [Float]))
    #expect(session.text.contains("stablehlo.multiply %x, %x"))
  }

  /// A graph that computes nothing, as that of a cell about which there is no theory.
  @Test func nothing() throws {
    var graph = Graph()
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    graph.appendLeaf(.input, NodeType(.float32, [b]), name: "x")
    let session = try PJRTSession(graph, lengths: [2], device: RealPlugin.device.get())
    try session.set("x", Tensor([2], [1, 2] as [Float]))
    try session.run()
    #expect(try session.output("x") == nil)
  }

  /// A NaN is the largest number, between two and along a dimension, and infinities stay.
  @Test func numbersThatAreNone() throws {
    var graph = Graph()
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [b], [2]), name: "x")
    graph.setOutput("largest", graph.append(.reduceFeatures(.max, dimension: 0), [x]))
    graph.setOutput("norm", graph.append(.reduceFeatures(.norm, dimension: 0), [x]))
    graph.setOutput("larger", graph.append(.binary(.maximum), [x, graph.appendLeaf(.constant(1), NodeType(.float32))]))
    graph.setOutput("isFinite", graph.append(.unary(.isFinite), [x]))
    let session = try PJRTSession(graph, lengths: [4], device: RealPlugin.device.get())
    let (nan, infinity) = (Float.nan, Float.infinity)
    let values = Tensor([4, 2], [nan, 2, 0, nan, -infinity, 2, 3, infinity] as [Float])
    try session.set("x", values)
    try session.run()
    for (name, expected) in try Interpreter.run(graph, Bindings(["x": values])) {
      let found = try #require(try session.output(name))
      #expect(maximumRelativeError(found, expected) == 0, "\(name): \(found), not \(expected)")
    }
  }
}
