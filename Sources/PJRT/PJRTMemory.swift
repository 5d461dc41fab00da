public import EbbTensors

/// Numbers on a device, and their type.
typealias PJRTValue = (buffer: PJRTBuffer, port: PJRTPort)

/// Tensors that stay on a device by name, for sessions of several lengths to read and replace.
public final class PJRTMemory {
  private let device: PJRTDevice
  private var values: [String: PJRTValue] = [:]

  /// An empty memory.
  public init(_ device: PJRTDevice) { self.device = device }

  /// The names of what it holds.
  public var names: Set<String> { Set(values.keys) }

  /// Copies a tensor to the device.
  public func set(_ name: String, _ tensor: Tensor) throws(PJRTError) {
    values[name] = (try device.buffer(tensor), PJRTPort(tensor.dimensions, tensor.element.name))
  }

  /// A tensor as it is now; nil if there is none of that name.
  public func value(_ name: String) throws(PJRTError) -> Tensor? {
    guard let (buffer, port) = values[name] else { return nil }
    return try buffer.tensor(port)
  }

  /// Forgets everything.
  public func removeAll() { values = [:] }

  /// Replaces what a run has kept.
  public func take(_ run: PJRTRun) { values.merge(run.kept) { $1 } }

  subscript(name: String) -> PJRTValue? {
    get { values[name] }
    set { values[name] = newValue }
  }
}

/// The type of a tensor on a device.
struct PJRTPort: Hashable {
  var dimensions: [Int]
  var element: String

  init(_ dimensions: [Int], _ element: String) { (self.dimensions, self.element) = (dimensions, element) }
}
