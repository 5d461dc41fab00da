internal import EbbExecution
internal import EbbDiagnostics
internal import EbbRecording
internal import EbbReport
internal import EbbTensors

/// The sizes of the work that a command is asked for.
struct WorkSizes {
  var length: Int
  var batch: Int
  var features: Int
  var units: Int
  var layers = 1
  /// Steps of training; 1 where a gradient is measured once.
  var steps = 1
  var element = ElementType.float32
  var isUnrolled = false
  var execution = ExecutionOptions()
}

extension CommandContext {
  /// Says what work asks for where it is much, and refuses what this machine's memory cannot hold, before any of it is
  /// done.
  ///
  /// - Parameter lengthName: The option that sets the length, for what would fit.
  func announce(
    _ name: String, _ cell: some RecurrentCell, _ sizes: WorkSizes, lengthName: String = "--length"
  ) throws {
    // A cell that cannot be recorded says so where it is recorded for its work.
    func estimate(isPlanned: Bool) -> WorkEstimate? {
      try? WorkEstimate(
        cell, length: sizes.length, batch: sizes.batch, features: sizes.features, layers: sizes.layers,
        element: sizes.element, isUnrolled: sizes.isUnrolled, isPlanned: isPlanned, execution: sizes.execution)
    }
    // Most work is little, which is seen without a plan.
    guard let bound = estimate(isPlanned: false), isMuch(bound, sizes), let estimate = estimate(isPlanned: true) else {
      return
    }
    try announce(name, estimate, sizes, lengthName: lengthName)
  }

  /// As above, of work that was estimated otherwise.
  ///
  /// - Parameter lengthName: The option that sets the length; nil where the data do.
  func announce(_ name: String, _ estimate: WorkEstimate, _ sizes: WorkSizes, lengthName: String?) throws {
    let memory = Double(MachineMemory.bytes)
    let needs =
      "\(readableNumber(Double(estimate.parameters))) parameters, about \(ByteCount.text(estimate.bytes)) of memory, "
      + "\(readableNumber(estimate.operations)) FLOP a step"
    guard estimate.bytes <= memory else {
      throw WorkTooLarge(
        "\(name) is too large for this machine, which has \(ByteCount.text(memory)): \(needs). "
          + "What would fit: \(smaller(estimate, sizes, memory, lengthName))")
    }
    guard isMuch(estimate, sizes) else { return }
    let steps = sizes.steps > 1 ? ", \(sizes.steps) steps" : ""
    let drawing =
      estimate.drawing > Self.manyOperations ? "; \(readableNumber(estimate.drawing)) to draw first values" : ""
    output.writeError("\(name): \(needs)\(steps)\(drawing)\n")
  }

  /// Whether there is something to say of such work.
  private func isMuch(_ estimate: WorkEstimate, _ sizes: WorkSizes) -> Bool {
    estimate.operations * Double(sizes.steps) > Self.manyOperations || estimate.drawing > Self.manyOperations
      || estimate.bytes > min(Self.manyBytes, Double(MachineMemory.bytes))
  }

  /// Work from which on a word before it is due: some ten seconds at 10 GFLOP/s, and a GiB.
  private static let manyOperations = 1e11
  private static let manyBytes = Double(1 << 30)

  private func smaller(
    _ estimate: WorkEstimate, _ sizes: WorkSizes, _ memory: Double, _ lengthName: String?
  ) -> String {
    // Not to the last byte: others want memory too.
    let bytes = 0.8 * memory
    var ways: [String] = []
    let units = rounded(Double(sizes.units) * estimate.unitsFactor(fitting: bytes))
    // What an unrolled graph takes is the number of its equations, whatever their size.
    if units >= 1, units < sizes.units, !sizes.isUnrolled { ways.append("--hidden \(units)") }
    if let lengthName, let factor = estimate.lengthFactor(fitting: bytes), factor < 1 {
      let length = rounded(Double(sizes.length) * factor)
      if length >= 1 { ways.append("\(lengthName) \(length)") }
    }
    if sizes.isUnrolled { ways.append("the same without --unrolled") }
    return ways.isEmpty ? "smaller sizes" : ways.joined(separator: ", or ")
  }

  /// Two digits of a number, rounded down.
  private func rounded(_ value: Double) -> Int {
    var scale = 1.0
    while value / scale >= 100 { scale *= 10 }
    return Int((value / scale).rounded(.down) * scale)
  }
}

/// Work that the machine cannot hold.
struct WorkTooLarge: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
