internal import EbbExecution
internal import EbbPJRT
internal import Synchronization

extension ParsedOptions {
  /// The devices that are open: each is opened once.
  private static let open = Mutex<[String: PJRTDevice]>([:])

  /// The device of `--device`, or the `--devices` that work together; nil for Ebb's own kernels.
  func device() throws(UsageError) -> PJRTDevice? {
    let count = try integer("devices", 1...65_536)
    guard let text = text("device"), text != "cpu" else {
      guard count == 1 else { throw UsageError("--devices counts those of a plugin; give --device pjrt:PLUGIN") }
      return nil
    }
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2, parts[0] == "pjrt", !parts[1].isEmpty else {
      throw UsageError(
        "--device takes cpu, or pjrt:PLUGIN with the file of a PJRT plugin, as pjrt:pjrt_c_api_cpu_plugin.so, not '\(text)'"
      )
    }
    for name in ["batch", "training-batch"] where isDeclared(name) && count > 1 {
      let samples = try integer(name)
      guard samples.isMultiple(of: count) else {
        throw UsageError("\(count) devices do not divide --\(name) \(samples); give a multiple of \(count)")
      }
    }
    let key = "\(count) \(text)"
    if let known = Self.open.withLock({ $0[key] }) { return known }
    var values: [String: String] = [:]
    for part in parts.count > 2 ? parts[2].split(separator: ",") : [] {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2 else {
        throw UsageError("--device: an option of a plugin is NAME=VALUE, not '\(part)'")
      }
      values[pair[0]] = pair[1]
    }
    let hosts = try Self.hosts(&values)
    let device: PJRTDevice
    do {
      device = try PJRTDevice(plugin: parts[1], options: values, count: count, hosts: hosts)
    } catch {
      throw UsageError("--device: \(error)")
    }
    Self.open.withLock { $0[key] = device }
    return device
  }

  /// The hosts that the options of a plugin name; their coordinator is no option of the plugin's own.
  private static func hosts(_ values: inout [String: String]) throws(UsageError) -> PJRTHosts? {
    guard let coordinator = values.removeValue(forKey: "coordinator") else { return nil }
    guard let rank = values["node_id"].flatMap({ Int($0) }), let count = values["num_nodes"].flatMap({ Int($0) }) else {
      throw UsageError("--device: with a coordinator, node_id and num_nodes say which of how many hosts this one is")
    }
    return PJRTHosts(coordinator: coordinator, rank: rank, count: count)
  }

  /// What the device of `--device` does to numbers, for pages; nil without one.
  var deviceArithmetic: String? {
    guard isDeclared("device"), let device = try? device() else { return nil }
    return try? device.arithmetic()
  }
}
