public import EbbGraph
internal import EbbStableHLO
public import EbbTensors

/// A graph on a device, for fixed lengths of its axes.
///
/// Parameters and inputs stay on the device until they are set again.
public final class PJRTSession {
  private let device: PJRTDevice
  private let program: PJRTProgram
  private var arguments: [String: PJRTBuffer] = [:]
  private var results: [String: PJRTBuffer] = [:]

  /// Compiles a graph that has gone through the passes.
  ///
  /// - Parameters:
  ///   - graph: The graph, with its outputs.
  ///   - lengths: The length of each axis, in the order of the graph.
  ///   - device: Where it is to run.
  /// - Throws: `PJRTError` with the plugin's words if it does not compile.
  public init(_ graph: Graph, lengths: [Int], device: PJRTDevice) throws(PJRTError) {
    self.device = device
    program = try device.program(graph.module(lengths, named: "ebb"))
  }

  /// The text that was compiled.
  public var text: String { program.module.text }

  /// Gives a parameter or an input its value, of the type and dimensions that it has in the module.
  public func set(_ name: String, _ tensor: Tensor) throws(PJRTError) {
    guard let port = program.module.arguments.first(where: { $0.name == name }) else {
      throw PJRTError("there is no parameter or input named \(name)")
    }
    guard tensor.dimensions == port.dimensions, tensor.element.name == port.element else {
      throw PJRTError(
        "\(name) takes \(port.element) \(port.dimensions), not \(tensor.element.name) \(tensor.dimensions)")
    }
    arguments[name] = try device.buffer(tensor)
  }

  /// Computes all outputs. Random numbers are those of this seed and run.
  public func run(seed: UInt64 = 0, run: UInt64 = 0) throws(PJRTError) {
    var buffers: [PJRTBuffer] = []
    for port in program.module.arguments {
      if port.element == "ui64" {
        buffers.append(try device.buffer(port.name == "run" ? run : seed))
      } else if let buffer = arguments[port.name] {
        buffers.append(buffer)
      } else {
        throw PJRTError("\(port.name) has no value")
      }
    }
    let found = try program.run(buffers)
    results = Dictionary(zip(program.module.results.map(\.name), found)) { first, _ in first }
  }

  /// An output of the last run; nil if there is none of that name, or nothing has run.
  public func output(_ name: String) throws(PJRTError) -> Tensor? {
    guard let buffer = results[name], let port = program.module.results.first(where: { $0.name == name }) else {
      return nil
    }
    let dimensions = port.dimensions
    let count = dimensions.reduce(1, *)
    switch ElementType(name: port.element) {
    case .float32:
      var values = [Float](repeating: 0, count: count)
      try buffer.copy(to: &values)
      return Tensor(dimensions, values)
    case .float64:
      var values = [Double](repeating: 0, count: count)
      try buffer.copy(to: &values)
      return Tensor(dimensions, values)
    case .int32:
      var values = [Int32](repeating: 0, count: count)
      try buffer.copy(to: &values)
      return Tensor(dimensions, values)
    case .bool:
      var values = [UInt8](repeating: 0, count: count)
      try buffer.copy(to: &values)
      return Tensor(dimensions, values.map { $0 != 0 })
    case nil: preconditionFailure("a result of type \(port.element)")
    }
  }
}
