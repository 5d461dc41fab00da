public import EbbGraph
internal import EbbStableHLO
public import EbbTensors

/// A graph on a device, for fixed lengths of its axes.
///
/// Parameters and inputs stay on the device until they are set again. Those that are kept are replaced by an output of
/// every run, in the same memory where the device can do so, and never leave it.
public final class PJRTSession {
  private let device: PJRTDevice
  private let program: PJRTProgram
  private let memory: PJRTMemory
  private let kept: [String: String]
  private var arguments: [String: PJRTBuffer] = [:]
  private var results: [String: PJRTBuffer] = [:]

  /// Compiles a graph that has gone through the passes.
  ///
  /// - Parameters:
  ///   - graph: The graph, with its outputs.
  ///   - lengths: The length of each axis, in the order of the graph.
  ///   - device: Where it is to run.
  ///   - kept: Parameters and inputs that lie in the memory, and the output that replaces each after a run.
  ///   - memory: Where these lie, and what else is not set here; nil for a memory of the session's own.
  /// - Throws: `PJRTError` with the plugin's words if it does not compile.
  public init(
    _ graph: Graph, lengths: [Int], device: PJRTDevice, kept: [String: String] = [:], memory: PJRTMemory? = nil
  ) throws(PJRTError) {
    self.device = device
    self.kept = kept
    self.memory = memory ?? PJRTMemory(device)
    program = try device.program(graph.module(lengths, kept: kept, named: "ebb"))
  }

  /// The text that was compiled.
  public var text: String { program.module.text }

  /// Whether the module has this parameter or input.
  public func takes(_ name: String) -> Bool { program.module.arguments.contains { $0.name == name } }

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
  ///
  /// - Parameters:
  ///   - seed: The seed of random numbers.
  ///   - run: The number of the run, for other random numbers in each.
  ///   - waits: Whether the outputs are there when it returns; otherwise the first who reads one waits.
  /// - Throws: `PJRTError` with the plugin's words. What was kept is then lost with the run: the memory lacks it.
  public func run(seed: UInt64 = 0, run: UInt64 = 0, waits: Bool = true) throws(PJRTError) {
    var buffers: [PJRTBuffer] = []
    for port in program.module.arguments {
      if port.element == "ui64" {
        buffers.append(try device.buffer(port.name == "run" ? run : seed))
      } else if let buffer = arguments[port.name] {
        buffers.append(buffer)
      } else if let (buffer, held) = memory[port.name] {
        guard held == PJRTPort(port.dimensions, port.element) else {
          throw PJRTError(
            "\(port.name) is \(held.element) \(held.dimensions) on the device, and this run takes \(port.element) "
              + "\(port.dimensions)")
        }
        buffers.append(buffer)
      } else {
        throw PJRTError("\(port.name) has no value")
      }
    }
    // The module takes the memory of these, whether it succeeds or not.
    for name in kept.keys { memory[name] = nil }
    let found = try program.run(buffers, waits: waits)
    results = [:]
    let replaced = Dictionary(kept.map { ($0.value, $0.key) }) { first, _ in first }
    for (port, buffer) in zip(program.module.results, found) {
      if let name = replaced[port.name] {
        memory[name] = (buffer, PJRTPort(port.dimensions, port.element))
      } else {
        results[port.name] = buffer
      }
    }
  }

  /// An output of the last run; nil if there is none of that name, or nothing has run.
  public func output(_ name: String) throws(PJRTError) -> Tensor? {
    guard let buffer = results[name], let port = program.module.results.first(where: { $0.name == name }) else {
      return nil
    }
    return try buffer.tensor(PJRTPort(port.dimensions, port.element))
  }
}
