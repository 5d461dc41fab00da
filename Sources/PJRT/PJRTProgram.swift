internal import EbbStableHLO

/// A compiled module.
final class PJRTProgram: Sendable {
  let module: StableHLOModule
  private let executable: UInt
  private let client: PJRTClient

  init(_ module: StableHLOModule, _ executable: UInt, _ client: PJRTClient) {
    (self.module, self.executable, self.client) = (module, executable, client)
  }

  deinit { client.plugin.release(.executableDestroy, executable) }

  /// Runs the module.
  ///
  /// - Parameter waits: Whether the results are there when it returns. Otherwise whoever reads one waits for it, and a
  ///   failure of the device is seen there; what has been begun keeps its arguments.
  func run(_ arguments: [PJRTBuffer], waits: Bool = true) throws(PJRTError) -> [PJRTBuffer] {
    var inputs = arguments.map(\.address)
    var outputs = [UInt](repeating: 0, count: module.results.count)
    var events: [UInt] = [0]
    // send, receive, their counts, launch, kept inputs and their count, context, location, tasks
    var options = PJRTWords([UInt](repeating: 0, count: 12)).words
    let count = UInt(inputs.count)
    let plugin = client.plugin
    let executable = executable
    try withAddress(of: &inputs) { inputs, _ throws(PJRTError) in
      var inputLists = [inputs]
      try withAddress(of: &outputs) { outputs, _ throws(PJRTError) in
        var outputLists = [outputs]
        try withAddress(of: &inputLists) { inputLists, _ throws(PJRTError) in
          try withAddress(of: &outputLists) { outputLists, _ throws(PJRTError) in
            try withAddress(of: &events) { events, _ throws(PJRTError) in
              try withAddress(of: &options) { options, _ throws(PJRTError) in
                var words = PJRTWords([executable, options, inputLists, 1, count, outputLists, events, 0])
                try plugin.call(.executableExecute, &words)
              }
            }
          }
        }
      }
    }
    let results = outputs.map { PJRTBuffer($0, client) }
    if waits {
      try withExtendedLifetime(arguments) { () throws(PJRTError) in try plugin.wait(for: events[0]) }
    } else {
      plugin.release(.eventDestroy, events[0])
    }
    return results
  }
}
