internal import EbbStableHLO

/// A compiled module.
final class PJRTProgram: Sendable {
  let module: StableHLOModule
  private let executable: UInt
  private let client: PJRTClient
  private let deviceCount: Int

  /// - Parameters:
  ///   - executable: What the plugin compiled; it is released with the program.
  ///   - devices: The devices of this process that run it, in the order of their rows.
  init(_ module: StableHLOModule, _ executable: UInt, _ client: PJRTClient, _ devices: [UInt]) throws(PJRTError) {
    (self.module, self.executable, self.client, deviceCount) = (module, executable, client, devices.count)
    guard devices.count > 1 else { return }
    var words = PJRTWords([executable, 0, 0])
    try client.plugin.call(.executableDevices, &words)
    guard PJRTPlugin.words(words[1], words[2]) == devices else {
      throw PJRTError("\(client.plugin.path) divides a module among other devices than the first \(devices.count)")
    }
  }

  deinit { client.plugin.release(.executableDestroy, executable) }

  /// Runs the module on all devices of this process.
  ///
  /// - Parameters:
  ///   - keepsArguments: Whether the arguments stay as they are, also those whose memory the module could take over.
  ///   - waits: Whether the results are there when it returns. Otherwise whoever reads one waits for it, and a failure of
  ///     the device is seen there; what has been begun keeps what it reads.
  func run(
    _ arguments: [PJRTBuffer], on device: PJRTDevice, keepsArguments: Bool, waits: Bool
  ) throws(PJRTError) -> [PJRTBuffer] {
    let count = arguments.count
    var inputs = (0..<deviceCount).flatMap { place in arguments.map { $0.addresses[place] } }
    let resultCount = module.results.count
    var outputs = [UInt](repeating: 0, count: deviceCount * resultCount)
    var events = [UInt](repeating: 0, count: deviceCount)
    var untouched = keepsArguments ? (0..<count).map { Int64($0) } : []
    let (plugin, executable, devices) = (client.plugin, executable, deviceCount)
    /// The address of each device's part of a list.
    func lists(_ start: UInt, _ count: Int) -> [UInt] { (0..<devices).map { start + UInt(8 * count * $0) } }
    try withAddress(of: &inputs) { inputs, _ throws(PJRTError) in
      var inputLists = lists(inputs, count)
      try withAddress(of: &outputs) { outputs, _ throws(PJRTError) in
        var outputLists = lists(outputs, resultCount)
        try withAddress(of: &inputLists) { inputLists, _ throws(PJRTError) in
          try withAddress(of: &outputLists) { outputLists, _ throws(PJRTError) in
            try withAddress(of: &events) { events, _ throws(PJRTError) in
              try withAddress(of: &untouched) { untouched, untouchedCount throws(PJRTError) in
                // send, receive, their counts, launch; kept inputs and their count; context, location, tasks
                let list = [0, 0, 0, 0, 0, untouched, untouchedCount, 0, 0, 0, 0, 0]
                var options = PJRTWords(list).words
                try withAddress(of: &options) { options, _ throws(PJRTError) in
                  var words = PJRTWords([
                    executable, options, inputLists, UInt(devices), UInt(count), outputLists, events, 0,
                  ])
                  try plugin.call(.executableExecute, &words)
                }
              }
            }
          }
        }
      }
    }
    let results = module.results.enumerated().map { index, port in
      PJRTBuffer(
        lists(0, resultCount).map { outputs[Int($0) / 8 + index] }, dividing: port.dividedDimension, device)
    }
    if waits {
      try withExtendedLifetime(arguments) { () throws(PJRTError) in
        var failure: PJRTError?
        for event in events {
          do throws(PJRTError) { try plugin.wait(for: event, .executableExecute) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
      }
    } else {
      for event in events { plugin.release(.eventDestroy, event) }
    }
    return results
  }

  /// The module as XLA has optimised it, for one device: a serialized HloModuleProto.
  func optimized() throws(PJRTError) -> [UInt8] {
    let plugin = client.plugin
    var words = PJRTWords([executable, 0])
    try plugin.call(.executableProgram, &words)
    let compiled = words[1]
    defer { plugin.release(.programDestroy, compiled) }
    /// Asks for the program's size, or for the program where there is room for it.
    func ask(_ code: UInt, _ size: UInt) throws(PJRTError) -> UInt {
      var program = PJRTWords([code, size, 0, 0]).words
      try withAddress(of: &program) { program, _ throws(PJRTError) in
        var words = PJRTWords([compiled, program])
        try plugin.call(.optimizedProgram, &words)
      }
      return program[3]
    }
    var bytes = [UInt8](repeating: 0, count: Int(try ask(0, 0)))
    try withAddress(of: &bytes) { code, size throws(PJRTError) in _ = try ask(code, size) }
    return bytes
  }
}
