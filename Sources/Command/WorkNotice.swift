internal import EbbExecution
internal import EbbDiagnostics
internal import EbbPlanning
internal import EbbRecording
internal import EbbReport
internal import EbbTensors

/// The sizes of a command's work.
struct WorkSizes {
  var length: Int
  var batch: Int
  var features: Int
  var units: Int
  var layers = 1
  /// Training steps; 1 for a single measurement of a gradient.
  var steps = 1
  var element = ElementType.float32
  var isUnrolled = false
  var execution = ExecutionOptions()
}

extension CommandContext {
  /// Reports the cost of large work and rejects work that does not fit into this machine's memory, before any of it is
  /// done.
  ///
  /// - Parameters:
  ///   - lengthName: The option that sets the length, to suggest what would fit.
  ///   - notesFallbacks: Whether operations of the cell that no kernel computes are told, each once a command.
  func announce(
    _ name: String, _ cell: some RecurrentCell, _ sizes: WorkSizes, lengthName: String = "--length",
    notesFallbacks: Bool = true
  ) throws {
    if notesFallbacks { noteFallbacks(name, cell, sizes) }
    // A cell that cannot be recorded is reported when it is recorded for its work.
    func estimate(isPlanned: Bool) -> WorkEstimate? {
      try? WorkEstimate(
        cell, length: sizes.length, batch: sizes.batch, features: sizes.features, layers: sizes.layers,
        element: sizes.element, isUnrolled: sizes.isUnrolled, isPlanned: isPlanned, execution: sizes.execution)
    }
    // Most work is small, which shows without a plan.
    guard let bound = estimate(isPlanned: false), isMuch(bound, sizes) || output.onEstimate != nil,
      let estimate = estimate(isPlanned: true)
    else { return }
    try announce(name, estimate, sizes, lengthName: lengthName)
  }

  /// A cell that cannot be recorded is reported when it is recorded for its work.
  private func noteFallbacks(_ name: String, _ cell: some RecurrentCell, _ sizes: WorkSizes) {
    let step = try? TrainingStepGraph(cell, features: sizes.features, element: sizes.element)
    for fallback in (try? step?.recording.fallbacks()) ?? [] {
      output.note("\(name): \(fallback)", once: [fallback.operation, fallback.advice])
    }
  }

  /// As above, for work with a given estimate.
  ///
  /// - Parameter lengthName: The option that sets the length; nil if the data do.
  func announce(_ name: String, _ estimate: WorkEstimate, _ sizes: WorkSizes, lengthName: String?) throws {
    output.onEstimate?(estimate)
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

  /// Whether such work deserves a notice.
  private func isMuch(_ estimate: WorkEstimate, _ sizes: WorkSizes) -> Bool {
    estimate.operations * Double(sizes.steps) > Self.manyOperations || estimate.drawing > Self.manyOperations
      || estimate.bytes > min(Self.manyBytes, Double(MachineMemory.bytes))
  }

  /// The size of work that is announced: some ten seconds at 10 GFLOP/s, or a GiB.
  private static let manyOperations = 1e11
  private static let manyBytes = Double(1 << 30)

  private func smaller(
    _ estimate: WorkEstimate, _ sizes: WorkSizes, _ memory: Double, _ lengthName: String?
  ) -> String {
    // Not to the last byte, because others need memory too.
    let bytes = 0.8 * memory
    var ways: [String] = []
    let units = rounded(Double(sizes.units) * estimate.unitsFactor(fitting: bytes))
    // The memory of an unrolled graph depends on the number of its equations, not on their size.
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
