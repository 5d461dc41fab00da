public import EbbFiles

/// A model in the format of ONNX (onnx.ai): a list of operators over named tensors, with the numbers of its weights.
///
/// Values of Swift for the messages of `onnx.proto`: what is read is written again as it was, but for parts that have no
/// place here (training information, sparse tensors, functions), which reading leaves out.
public struct ONNXModel: Hashable, Sendable {
  /// The version of the format itself.
  public var formatVersion: Int
  /// The versions of the operator sets by their domains; the domain of ONNX's own operators is empty.
  public var operatorSets: [String: Int]
  /// The program that wrote the model.
  public var producer: String
  /// That program's version.
  public var producerVersion = ""
  /// What the model is, in words.
  public var documentation = ""
  /// Further strings by name.
  public var metadata: [String: String] = [:]
  /// What the model computes.
  public var graph: ONNXGraph

  /// A model of ONNX's own operators.
  ///
  /// - Parameters:
  ///   - graph: What the model computes.
  ///   - operatorSet: The version of ONNX's operators.
  ///   - formatVersion: The version of the format itself.
  ///   - producer: The program that writes the model.
  public init(_ graph: ONNXGraph, operatorSet: Int, formatVersion: Int, producer: String = "Ebb") {
    self.graph = graph
    operatorSets = ["": operatorSet]
    self.formatVersion = formatVersion
    self.producer = producer
  }

  /// Writes all of the file or nothing: a reader sees the old file or the new one.
  public func write(to path: String) throws(FileError) { try DiskStore().replace(path, with: bytes) }

  /// The model in a file, with numbers that lie in files beside it; see `init(_:source:)`. A file out of the model's folder
  /// is not opened.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(
      try InputFile.bytes(path, expecting: "an ONNX file"), source: path, folder: ONNXFolder(ofFile: path))
  }
}

/// Operators in an order of evaluation, their weights, and what goes in and comes out.
public struct ONNXGraph: Hashable, Sendable {
  /// The graph's name.
  public var name: String
  /// The operators, operands first.
  public var nodes: [ONNXNode] = []
  /// The tensors with fixed numbers, by which weights are given.
  public var initializers: [ONNXTensor] = []
  /// What a run supplies.
  public var inputs: [ONNXValue] = []
  /// What a run returns.
  public var outputs: [ONNXValue] = []

  /// A graph without operators.
  public init(_ name: String) { self.name = name }

  /// How often each operator is there, also inside of others.
  public var operatorCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for node in nodes {
      counts[node.type, default: 0] += 1
      for case .graph(let inner) in node.attributes.map(\.value) {
        counts.merge(inner.operatorCounts) { $0 + $1 }
      }
    }
    return counts
  }
}

/// One operator: `outputs = type(inputs; attributes)`.
public struct ONNXNode: Hashable, Sendable {
  /// The node's own name, for messages.
  public var name: String
  /// The operator: `MatMul`.
  public var type: String
  /// The set that the operator belongs to; empty for ONNX's own.
  public var domain = ""
  /// The tensors that it reads; an empty name stands for an optional one that is left out.
  public var inputs: [String]
  /// The tensors that it computes; an empty name stands for one that is not needed.
  public var outputs: [String]
  /// The operator's settings.
  public var attributes: [ONNXAttribute]

  /// An operator, named after its first output.
  public init(_ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [ONNXAttribute] = []) {
    name = outputs.first ?? ""
    self.type = type
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }

  /// The value of the attribute of this name, if there is one.
  public func attribute(_ name: String) -> ONNXAttribute.Value? { attributes.first { $0.name == name }?.value }
}

/// A setting of an operator.
public struct ONNXAttribute: Hashable, Sendable {
  /// The name that the operator gives it.
  public var name: String
  /// Its value.
  public var value: Value

  /// The kinds of settings.
  public enum Value: Hashable, Sendable {
    /// One number, text, tensor or graph.
    case integer(Int), float(Float), text(String), tensor(ONNXTensor), graph(ONNXGraph)
    /// Several.
    case integers([Int]), floats([Float]), texts([String])
    /// A kind that is not held here, by its number in the format.
    case other(kind: Int)
  }

  /// A setting with this value.
  public init(_ name: String, _ value: Value) {
    self.name = name
    self.value = value
  }
}

/// The name, element type and dimensions of a tensor that goes in or comes out.
public struct ONNXValue: Hashable, Sendable {
  /// The tensor's name.
  public var name: String
  /// The type of its numbers; nil if it is no tensor, or not known.
  public var element: ONNXElement?
  /// Its dimensions; nil if not even their number is known.
  public var dimensions: [Dimension]?

  /// The length of a dimension.
  public enum Dimension: Hashable, Sendable {
    /// The same in every run.
    case fixed(Int)
    /// Any length; dimensions of one name have one length.
    case symbol(String)
    /// Any length.
    case unknown
  }

  /// A tensor of this type.
  public init(_ name: String, _ element: ONNXElement?, _ dimensions: [Dimension]?) {
    self.name = name
    self.element = element
    self.dimensions = dimensions
  }
}
