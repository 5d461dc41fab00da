internal import EbbExecution
internal import EbbPJRT
internal import Synchronization

extension ParsedOptions {
  /// The devices that are open: each is opened once.
  private static let open = Mutex<[String: PJRTDevice]>([:])

  /// The device of `--device`; nil for Ebb's own kernels.
  func device() throws(UsageError) -> PJRTDevice? {
    guard let text = text("device"), text != "cpu" else { return nil }
    let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 2, parts[0] == "pjrt", !parts[1].isEmpty else {
      throw UsageError(
        "--device takes cpu, or pjrt:PLUGIN with the file of a PJRT plugin, as pjrt:pjrt_c_api_cpu_plugin.so, not '\(text)'"
      )
    }
    if let known = Self.open.withLock({ $0[text] }) { return known }
    var values: [String: String] = [:]
    for part in parts.count > 2 ? parts[2].split(separator: ",") : [] {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2 else {
        throw UsageError("an option of a plugin is NAME=VALUE, not '\(part)'")
      }
      values[pair[0]] = pair[1]
    }
    let device: PJRTDevice
    do { device = try PJRTDevice(plugin: parts[1], options: values) } catch { throw UsageError("--device: \(error)") }
    Self.open.withLock { $0[text] = device }
    return device
  }

  /// What the device of `--device` does to numbers, for pages; nil without one.
  var deviceArithmetic: String? {
    guard isDeclared("device"), let device = try? device() else { return nil }
    return try? device.arithmetic()
  }
}
