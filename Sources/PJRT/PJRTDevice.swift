internal import EbbStableHLO
internal import Synchronization
internal import EbbTensors

/// A device with XLA behind it: a CPU, GPU or TPU for which there is a PJRT plugin.
///
/// ```swift
/// let device = try PJRTDevice(plugin: "pjrt_c_api_cpu_plugin.so")
/// let options = ExecutionOptions(device: device)
/// ```
///
/// What fails inside XLA by one of its own checks ends the process, as in every program that uses it; errors that a
/// plugin reports are thrown with its words.
public final class PJRTDevice: Sendable, Hashable {
  let plugin: PJRTPlugin
  /// What the plugin calls its platform: `cpu`, `cuda`, `tpu`.
  public let platform: String
  /// The number of devices of the platform that this process may use; the first one is used.
  public let deviceCount: Int
  private let client: PJRTClient
  private let device: UInt
  /// What has been compiled, by the text of the module.
  private let programs = Mutex<[String: PJRTProgram]>([:])

  /// Loads a plugin and opens its first device.
  ///
  /// - Parameters:
  ///   - path: The file of the shared library.
  ///   - options: What the plugin takes when it opens its devices, as name and value: whole numbers, `true` and `false`,
  ///     or text.
  /// - Throws: `PJRTError` if it is no plugin, or has an interface that is not known, or has no device.
  public init(plugin path: String, options: [String: String] = [:]) throws(PJRTError) {
    let plugin = try PJRTPlugin(path: path)
    self.plugin = plugin
    let address = try PJRTOptions(options).withValues { list, count throws(PJRTError) in
      var words = PJRTWords([list, count, 0, 0, 0, 0, 0, 0, 0])
      try plugin.call(.clientCreate, &words)
      return words[6]
    }
    guard address != 0 else { throw PJRTError("\(path) failed to open the device: it returned no client") }
    client = PJRTClient(address, plugin)
    var name = PJRTWords([address, 0, 0])
    try plugin.call(.clientPlatformName, &name)
    platform = PJRTPlugin.text(name[1], name[2])
    var list = PJRTWords([address, 0, 0])
    try plugin.call(.clientAddressableDevices, &list)
    deviceCount = Int(list[2])
    guard deviceCount > 0, let devices = unsafe UnsafePointer<UInt>(bitPattern: list[1]) else {
      throw PJRTError("\(path) has no device that this process may use")
    }
    device = unsafe devices[0]
  }

  public static func == (left: PJRTDevice, right: PJRTDevice) -> Bool { left === right }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

  /// A module, compiled once for each text.
  func program(_ module: StableHLOModule) throws(PJRTError) -> PJRTProgram {
    if let known = programs.withLock({ $0[module.text] }) { return known }
    let program = try PJRTProgram(module, compiled(module.text), client)
    programs.withLock { $0[module.text] = program }
    return program
  }

  private func compiled(_ text: String) throws(PJRTError) -> UInt {
    var code = Array(text.utf8)
    var format = Array("mlir".utf8)
    var options = PJRTCompileOptions(isCPU: platform == "cpu").bytes
    do {
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
    } catch {
      throw PJRTError(error.description + Self.place(error.description, in: text))
    }
  }

  /// The line of a module that an error names as `:LINE:COLUMN`.
  static func place(_ message: String, in text: String) -> String {
    guard let match = message.firstMatch(of: #/:(\d+):(\d+)/#), let number = Int(match.output.1) else { return "" }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard number >= 1, number <= lines.count else { return "" }
    return " (line \(number) of the module: \(lines[number - 1].trimmedStart))"
  }

  /// A tensor on the device.
  func buffer(_ tensor: Tensor) throws(PJRTError) -> PJRTBuffer {
    switch tensor.storage {
    case .float32(let values): try buffer(values, .f32, tensor.dimensions)
    case .float64(let values): try buffer(values, .f64, tensor.dimensions)
    case .int32(let values): try buffer(values, .s32, tensor.dimensions)
    case .bool(let values): try buffer(values.map { $0 ? UInt8(1) : 0 }, .pred, tensor.dimensions)
    }
  }

  /// A seed on the device.
  func buffer(_ word: UInt64) throws(PJRTError) -> PJRTBuffer { try buffer([word], .u64, []) }

  private func buffer<Element: BitwiseCopyable>(
    _ values: [Element], _ type: PJRTElement, _ dimensions: [Int]
  ) throws(PJRTError) -> PJRTBuffer {
    var values = values
    var dimensions = dimensions.map { Int64($0) }
    return try withAddress(of: &values) { data, _ throws(PJRTError) in
      try withAddress(of: &dimensions) { dims, rank throws(PJRTError) in
        // The data may change as soon as the call has returned.
        var words = PJRTWords([client.address, data, type.rawValue, dims, rank, 0, 0, 0, device, 0, 0, 0, 0])
        try plugin.call(.clientBufferFromHost, &words)
        let buffer = PJRTBuffer(words[12], client)
        try plugin.wait(for: words[11])
        return buffer
      }
    }
  }
}

extension Substring {
  fileprivate var trimmedStart: Substring { drop { $0 == " " } }
}

/// The types of a device's numbers, as PJRT counts them.
enum PJRTElement: UInt {
  case pred = 1
  case s32 = 4
  case u64 = 9
  case f32 = 11
  case f64 = 12
}

/// The plugin's client, which is closed when nothing on the device refers to it any more.
final class PJRTClient: Sendable {
  let address: UInt
  let plugin: PJRTPlugin

  init(_ address: UInt, _ plugin: PJRTPlugin) { (self.address, self.plugin) = (address, plugin) }

  deinit { plugin.release(.clientDestroy, address) }
}

/// Numbers on a device, released with the last reference.
final class PJRTBuffer: Sendable {
  let address: UInt
  private let client: PJRTClient

  init(_ address: UInt, _ client: PJRTClient) { (self.address, self.client) = (address, client) }

  deinit { client.plugin.release(.bufferDestroy, address) }

  /// Copies the numbers, row-major, and waits for them.
  func copy<Element: BitwiseCopyable>(to values: inout [Element]) throws(PJRTError) {
    let plugin = client.plugin
    let source = address
    try withAddress(of: &values) { data, size throws(PJRTError) in
      var words = PJRTWords([source, 0, data, size * UInt(MemoryLayout<Element>.stride), 0])
      try plugin.call(.bufferToHost, &words)
      try plugin.wait(for: words[4])
    }
  }
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
