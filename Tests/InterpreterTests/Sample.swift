import EbbGraph
import EbbInterpreter
import EbbTensors

/// A small graph with its values, to run one operation at a time.
struct Sample {
  var graph = Graph()
  var bindings = Bindings()

  mutating func time(_ name: String, length: Int? = nil) -> Axis {
    graph.addAxis(AxisDescription(name: name, kind: .time, length: length))
  }

  mutating func batch(_ name: String, length: Int? = nil) -> Axis {
    graph.addAxis(AxisDescription(name: name, kind: .batch, length: length))
  }

  /// Makes a time axis ragged, with these lengths for the rows of a batch axis.
  mutating func setLengths(of axis: Axis, _ rows: [Int32], over batch: Axis) {
    let name = "lengths of \(axis.index)"
    let node = graph.appendLeaf(.input, NodeType(.int32, [batch]), name: name)
    graph.setLengths(node, of: axis)
    bindings.values[name] = Tensor([rows.count], rows)
  }

  /// An input whose dimensions are the lengths of its axes and then its features.
  mutating func value(_ domain: Domain, _ dimensions: [Int], _ numbers: Tensor.Storage) -> NodeID {
    let name = "x\(graph.count)"
    let tensor = Tensor(dimensions, numbers)
    bindings.values[name] = tensor
    let type = NodeType(tensor.element, domain, Shape(Array(dimensions[domain.count...])))
    return graph.appendLeaf(.input, type, name: name)
  }

  mutating func floats(_ domain: Domain, _ dimensions: [Int], _ numbers: [Double]) -> NodeID {
    value(domain, dimensions, .float64(numbers))
  }

  mutating func integers(_ domain: Domain, _ dimensions: [Int], _ numbers: [Int32]) -> NodeID {
    value(domain, dimensions, .int32(numbers))
  }

  /// The same without axes.
  mutating func value(_ shape: [Int], _ numbers: Tensor.Storage) -> NodeID { value(.empty, shape, numbers) }
  mutating func floats(_ shape: [Int], _ numbers: [Double]) -> NodeID { floats(.empty, shape, numbers) }
  mutating func integers(_ shape: [Int], _ numbers: [Int32]) -> NodeID { integers(.empty, shape, numbers) }

  mutating func number(_ number: Double) -> NodeID { graph.appendLeaf(.constant(number), NodeType(.float64)) }

  /// The value of a node in a run.
  func run(_ node: NodeID) throws -> Tensor {
    var graph = graph
    graph.setOutput("result", node)
    try graph.verify()
    guard let tensor = try Interpreter.run(graph, bindings)["result"] else {
      throw GraphProblem("the interpreter returned no result")
    }
    return tensor
  }

  /// The value of an operation on these operands.
  mutating func run(_ operation: Operation, _ operands: NodeID...) throws -> Tensor {
    let node = try graph.tryAppend(operation, operands)
    return try run(node)
  }
}

/// Runs an elementwise operation on vectors.
func vector(_ operation: Operation, _ operands: [Double]...) throws -> [Double] {
  var sample = Sample()
  let nodes = operands.map { sample.floats([$0.count], $0) }
  let node = try sample.graph.tryAppend(operation, nodes)
  return try sample.run(node).doubles
}

/// Runs an elementwise operation on vectors of integers.
func integerVector(_ operation: Operation, _ operands: [Int32]...) throws -> [Double] {
  var sample = Sample()
  let nodes = operands.map { sample.integers([$0.count], $0) }
  let node = try sample.graph.tryAppend(operation, nodes)
  return try sample.run(node).doubles
}

/// Runs an elementwise operation on vectors of truth values.
func truthVector(_ operation: Operation, _ operands: [Bool]...) throws -> [Double] {
  var sample = Sample()
  let nodes = operands.map { sample.value([$0.count], .bool($0)) }
  let node = try sample.graph.tryAppend(operation, nodes)
  return try sample.run(node).doubles
}
