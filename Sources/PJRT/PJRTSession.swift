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
  private let isPart: Bool
  private let place: PJRTPlace
  private var arguments: [String: PJRTBuffer] = [:]
  private var last: PJRTRun?

  /// Compiles a graph that has gone through the passes.
  ///
  /// - Parameters:
  ///   - graph: The graph, with its outputs.
  ///   - lengths: The length of each axis, in the order of the graph.
  ///   - device: Where it is to run.
  ///   - kept: Parameters and inputs that lie in the memory, and the output that replaces each after a run.
  ///   - memory: Where these lie, and what else is not set here; nil for a memory of the session's own.
  ///   - isPart: Whether a run may have a part of a batch, and so takes the number of its first sample.
  /// - Throws: `PJRTError` with the plugin's words if the module does not compile.
  public init(
    _ graph: Graph, lengths: [Int], device: PJRTDevice, kept: [String: String] = [:], memory: PJRTMemory? = nil,
    isPart: Bool = false
  ) throws(PJRTError) {
    self.device = device
    self.kept = kept
    self.memory = memory ?? PJRTMemory(device)
    self.isPart = isPart
    let axis = graph.dividedAxis(lengths, among: device.count)
    let sharding =
      device.count == 1
      ? nil : StableHLOSharding(axis: axis.map { graph.description(of: $0).name } ?? "", devices: device.count)
    let module = graph.module(lengths, sharding: sharding, kept: kept, isPart: isPart, named: "ebb")
    place = PJRTPlace(graph, lengths, module)
    do { program = try device.program(module) } catch { throw place.located(error, in: module, of: graph) }
  }

  /// The text that was compiled.
  public var text: String { program.module.text }

  /// What XLA has made of it, as far as the plugin tells: a serialized HloModuleProto.
  package func optimizedProgram() throws(PJRTError) -> [UInt8] { try program.optimized() }

  /// The bytes of its arguments and results.
  package var bytes: Int {
    (program.module.arguments + program.module.results).reduce(0) { sum, port in
      sum + port.dimensions.reduce(ElementType(name: port.element)?.byteCount ?? 8, *)
    }
  }

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
    arguments[name] = try device.buffer(tensor, dividing: port.dividedDimension)
  }

  /// Computes all outputs. Random numbers are those of this seed and run.
  ///
  /// - Parameters:
  ///   - seed: The seed of random numbers.
  ///   - run: The number of the run, for other random numbers in each.
  ///   - firstSample: Where this run's samples begin in a larger batch, whose random numbers they get.
  /// - Throws: `PJRTError` with the plugin's words. What was kept is then lost with the run: the memory lacks it.
  public func run(seed: UInt64 = 0, run: UInt64 = 0, firstSample: Int = 0) throws(PJRTError) {
    let done = try begin(seed: seed, run: run, firstSample: firstSample, waits: true)
    memory.take(done)
    last = done
  }

  /// Begins a run with the values that were set; the memory takes what it keeps when it is told to.
  ///
  /// - Parameters:
  ///   - seed: The seed of random numbers.
  ///   - run: The number of the run, for other random numbers in each.
  ///   - firstSample: Where its samples begin in a larger batch.
  ///   - earlier: A run, perhaps one that goes on and of another session, whose kept values this one reads and leaves
  ///     whole. With nil it takes those of the memory, which then lacks them.
  ///   - waits: Whether the outputs are there when it returns; otherwise the first who reads one waits.
  public func begin(
    seed: UInt64, run: UInt64, firstSample: Int = 0, after earlier: PJRTRun? = nil, waits: Bool = false
  ) throws(PJRTError) -> PJRTRun {
    precondition(firstSample == 0 || isPart, "a module for whole batches")
    let numbers = ["seed": seed, "run": run, HLORandom.firstSample: UInt64(firstSample)]
    var buffers: [PJRTBuffer] = []
    for port in program.module.arguments {
      if port.element == "ui64", let number = numbers[port.name] {
        buffers.append(try device.buffer(number))
      } else if let buffer = arguments[port.name] {
        buffers.append(buffer)
      } else if let (buffer, held) = earlier?.kept[port.name] ?? memory[port.name] {
        guard held == PJRTPort(port.dimensions, port.element) else {
          throw PJRTError(
            "\(port.name) is \(held.element) \(held.dimensions) on the device, and this run takes \(port.element) "
              + "\(port.dimensions)")
        }
        // States that begin anew came as a whole.
        let fits = buffer.dividedDimension == port.dividedDimension
        buffers.append(fits ? buffer : try device.buffer(buffer.tensor(held), dividing: port.dividedDimension))
      } else {
        throw PJRTError("\(port.name) has no value")
      }
    }
    // The module takes the memory of these, whether it succeeds or not.
    if earlier == nil { for name in kept.keys { memory[name] = nil } }
    let found: [PJRTBuffer]
    do { found = try program.run(buffers, on: device, keepsArguments: earlier != nil, waits: waits) } catch {
      throw place.located(error)
    }
    var outputs: [String: PJRTValue] = [:]
    for (port, buffer) in zip(program.module.results, found) {
      outputs[port.name] = (buffer, PJRTPort(port.dimensions, port.element))
    }
    return PJRTRun(kept: kept.compactMapValues { outputs[$0] }, outputs: outputs, place: place)
  }

  /// An output of the last run, unless it was only begun; nil if there is none of that name, or nothing has run.
  public func output(_ name: String) throws(PJRTError) -> Tensor? { try last?.output(name) }
}

/// A run that has been begun. Whoever reads an output waits for it.
public struct PJRTRun {
  /// What replaces the kept parameters and inputs, by their names.
  let kept: [String: PJRTValue]
  /// All outputs by name.
  let outputs: [String: PJRTValue]
  let place: PJRTPlace

  /// An output; nil if there is none of that name.
  public func output(_ name: String) throws(PJRTError) -> Tensor? {
    guard let (buffer, port) = outputs[name] else { return nil }
    do { return try buffer.tensor(port) } catch { throw place.located(error) }
  }
}

extension Graph {
  /// The axis whose samples this number of devices divides: the first one of free length that is a multiple of it; nil
  /// if there is none, and each device computes everything.
  package func dividedAxis(_ lengths: [Int], among devices: Int) -> Axis? {
    sampleAxes.first { lengths[$0.index].isMultiple(of: devices) }
  }
}
