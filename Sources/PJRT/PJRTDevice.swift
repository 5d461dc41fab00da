internal import EbbStableHLO
internal import Synchronization
internal import EbbTensors

/// A device with XLA behind it: a CPU, GPU or TPU for which there is a PJRT plugin, or several of one plugin.
///
/// ```swift
/// let device = try PJRTDevice(plugin: "pjrt_c_api_cpu_plugin.so")
/// let options = ExecutionOptions(device: device)
/// ```
///
/// Several devices divide the samples of a batch among themselves: each has the rows of its own samples and the whole of
/// everything else, parameters for example, and sums over the batch are added up among them. Several hosts do so when
/// each runs the same program with the same data, and the number of its own host.
///
/// What fails inside XLA by one of its own checks ends the process, as in every program that uses it; errors that a
/// plugin reports are thrown with its words.
public final class PJRTDevice: Sendable, Hashable {
  let plugin: PJRTPlugin
  /// What the plugin calls its platform: `cpu`, `cuda`, `tpu`.
  public let platform: String
  /// The number of devices of the platform that this process may use.
  public let deviceCount: Int
  /// The number of devices that work together: the first ones of this process, or all of all hosts.
  public let count: Int
  let client: PJRTClient
  /// Those of this process that are used.
  let devices: [UInt]
  /// The place of the first of these among all that work together.
  let firstDevice: Int
  /// What has been compiled, by the text of the module.
  private let programs = Mutex<[String: PJRTProgram]>([:])

  /// Loads a plugin and opens its devices.
  ///
  /// - Parameters:
  ///   - path: The file of the shared library.
  ///   - options: What the plugin takes when it opens its devices, as name and value: whole numbers, `true` and `false`,
  ///     or text.
  ///   - count: The number of devices that divide a batch; with several hosts that of all devices there are.
  ///   - hosts: The processes that work together, and which of them this is; nil for this one alone. It waits until all
  ///     have come.
  /// - Throws: `PJRTError` if it is no plugin, or has an interface that is not known, or has fewer devices.
  public init(
    plugin path: String, options: [String: String] = [:], count: Int = 1, hosts: PJRTHosts? = nil
  ) throws(PJRTError) {
    let plugin = try PJRTPlugin(path: path)
    self.plugin = plugin
    let store = try hosts.map { (hosts) throws(PJRTError) in try PJRTStore(hosts) }
    let (callbacks, more) = (store?.callbacks ?? [0, 0, 0, 0], store?.tryCallback ?? [0, 0])
    let options = options.merging(hosts?.options ?? [:]) { $1 }
    let address = try PJRTOptions(options).withValues { list, number throws(PJRTError) in
      var words = PJRTWords([list, number] + callbacks + [0] + more)
      try plugin.call(.clientCreate, &words)
      return words[6]
    }
    guard address != 0 else { throw PJRTError("\(path) failed to open the device: it returned no client") }
    client = PJRTClient(address, plugin, store)
    var name = PJRTWords([address, 0, 0])
    try plugin.call(.clientPlatformName, &name)
    platform = PJRTPlugin.text(name[1], name[2])
    let own = try client.devices(.clientAddressableDevices)
    deviceCount = own.count
    guard !own.isEmpty else { throw PJRTError("\(path) has no device that this process may use") }
    self.count = count
    if let hosts {
      let all = try client.devices(.clientDevices).count
      guard count == all, count == hosts.count * own.count else {
        throw PJRTError(
          "\(hosts.count) hosts have \(all) devices, this one \(own.count) of them; all work together, with as many on "
            + "each host, not \(count)")
      }
      (devices, firstDevice) = (own, hosts.rank * own.count)
    } else {
      guard count >= 1, count <= own.count else {
        throw PJRTError("\(path) has \(own.count) device\(own.count == 1 ? "" : "s"), and \(count) are asked for")
      }
      (devices, firstDevice) = (Array(own.prefix(count)), 0)
    }
  }

  public static func == (left: PJRTDevice, right: PJRTDevice) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// A module, compiled once for each text.
  func program(_ module: StableHLOModule) throws(PJRTError) -> PJRTProgram {
    if let known = programs.withLock({ $0[module.text] }) { return known }
    let program = try PJRTProgram(module, compiled(module.text), client, devices)
    programs.withLock { $0[module.text] = program }
    return program
  }

  private func compiled(_ text: String) throws(PJRTError) -> UInt {
    var code = Array(text.utf8)
    var format = Array("mlir".utf8)
    var options = PJRTCompileOptions(isCPU: platform == "cpu", devices: count).bytes
    return try withAddress(of: &code) { code, codeSize throws(PJRTError) in
      try withAddress(of: &format) { format, formatSize throws(PJRTError) in
        try withAddress(of: &options) { options, optionsSize throws(PJRTError) in
          var program = PJRTWords([code, codeSize, format, formatSize]).words
          return try withAddress(of: &program) { program, _ throws(PJRTError) in
            var words = PJRTWords([client.address, program, options, optionsSize, 0])
            try plugin.call(.clientCompile, &words)
            return words[4]
          }
        }
      }
    }
  }
}

/// The plugin's client, which is closed when nothing on the device refers to it any more.
final class PJRTClient: Sendable {
  let address: UInt
  let plugin: PJRTPlugin
  /// What the hosts tell one another, for as long as the client may ask.
  private let store: PJRTStore?

  init(_ address: UInt, _ plugin: PJRTPlugin, _ store: PJRTStore?) {
    (self.address, self.plugin, self.store) = (address, plugin, store)
  }

  /// The addresses of the devices that this function lists.
  fileprivate func devices(_ function: PJRTFunction) throws(PJRTError) -> [UInt] {
    var words = PJRTWords([address, 0, 0])
    try plugin.call(function, &words)
    return PJRTPlugin.words(words[1], words[2])
  }

  deinit { plugin.release(.clientDestroy, address) }
}

/// The address of an array's elements, and their number.
func withAddress<Element, Result>(
  of values: inout [Element], _ body: (UInt, UInt) throws(PJRTError) -> Result
) throws(PJRTError) -> Result {
  let count = UInt(values.count)
  return try unsafe values.withUnsafeMutableBufferPointer { (buffer) throws(PJRTError) in
    try body(UInt(bitPattern: buffer.baseAddress), count)
  }
}
