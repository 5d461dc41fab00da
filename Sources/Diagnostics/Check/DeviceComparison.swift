internal import EbbCompiler
internal import EbbExecution
internal import EbbGraph
public import EbbMarkup
public import EbbPJRT
public import EbbRecording
public import EbbReport
internal import EbbTensors
internal import EbbTransforms

/// The numbers of a device beside those of Ebb's kernels: the outputs of a cell at every step, a loss, and its gradient
/// with respect to every parameter, input and initial state.
///
/// All are compared with Ebb's kernels in Float64, on values that are exact in Float32. So the difference in Float32 holds
/// the rounding of 32 bits, and beside it stands what that is without the device.
public struct DeviceComparison: Sendable, Hashable {
  /// An output, and how far it is from the reference at its furthest number, relative to the largest number of the
  /// reference.
  public struct Entry: Sendable, Hashable {
    /// `output`, `loss`, or the value whose gradient it is.
    public var name: String
    /// Whether it is a gradient.
    public var isGradient: Bool
    /// How many numbers it has.
    public var elements: Int
    /// max |x| of the reference.
    public var magnitude: Double
    /// On the device, in Float64.
    public var double: Double
    /// On the device, in Float32.
    public var single: Double
    /// With Ebb's kernels, in Float32.
    public var kernels: Double
  }

  /// One for each output.
  public var entries: [Entry]

  /// Runs a cell and its gradient on a device and here.
  ///
  /// - Parameters:
  ///   - cell: Any recurrent cell.
  ///   - settings: The sizes, the seed, and the device in `execution`.
  ///   - device: Where it is compared.
  public static func run(
    _ cell: some RecurrentCell, _ settings: GradientCheck.Settings, on device: PJRTDevice
  ) throws(DiagnosticError) -> DeviceComparison {
    try diagnosing {
      func outputs(_ element: ElementType, _ device: PJRTDevice?) throws -> [(name: String, values: Tensor)] {
        let recording = try GradientCheck.record(cell, settings, element)
        var graph = recording.graph
        guard let loss = graph.output(named: "loss") else { preconditionFailure("the recording has a loss") }
        let leaves =
          recording.parameters.filter(\.isTrained).map(\.node)
          + recording.inputs.map(\.node).filter { graph.type($0).element.isFloat }
        var names = ["output", "loss"]
        for (leaf, gradient) in zip(leaves, try graph.gradient(of: loss, withRespectTo: leaves)) {
          guard let leaf = graph.name(leaf) else { preconditionFailure("a parameter or an input has a name") }
          // The gradient of what the outputs are multiplied by is the output.
          if leaf != "readout" { names.append(leaf) }
          graph.setOutput(leaf == "readout" ? "output" : "gradient/" + leaf, gradient)
        }
        var bindings = GradientCheck.bindings(for: recording, settings)
        bindings.values = bindings.values.mapValues { value in
          guard value.element.isFloat else { return value }
          return Tensor(value.dimensions, value.doubles.map { Double(Float($0)) }, as: value.element)
        }
        var execution = settings.execution
        execution.device = device
        let found = try Executable(compiling: graph, options: execution).run(bindings)
        return names.enumerated().compactMap { place, name in
          found[place > 1 ? "gradient/" + name : name].map { (name, $0) }
        }
      }
      let reference = try outputs(.float64, nil)
      let (double, single, kernels) = (
        try outputs(.float64, device), try outputs(.float32, device), try outputs(.float32, nil)
      )
      let entries = reference.indices.map { place in
        let (name, expected) = reference[place]
        return Entry(
          name: name, isGradient: place > 1, elements: expected.count,
          magnitude: expected.doubles.reduce(0) { max($0, abs($1)) },
          double: distance(double[place].values, expected), single: distance(single[place].values, expected),
          kernels: distance(kernels[place].values, expected))
      }
      return DeviceComparison(entries: entries)
    }
  }

  /// max |x − y| / max |y|; infinite where one is no number and the other is.
  private static func distance(_ found: Tensor, _ expected: Tensor) -> Double {
    let scale = expected.doubles.reduce(0) { max($0, abs($1)) }
    return zip(found.doubles, expected.doubles).reduce(0) { largest, pair in
      if pair.0 == pair.1 || pair.0.isNaN && pair.1.isNaN { return largest }
      let own = abs(pair.0 - pair.1) / (scale > 0 ? scale : 1)
      return own.isFinite ? max(largest, own) : .infinity
    }
  }
}

extension DeviceComparison {
  /// One row for each output.
  public var table: DataTable {
    DataTable(
      "",
      columns: [
        .text("value", entries.map(\.name)),
        .text("", entries.map { $0.isGradient ? "gradient" : "" }),
        .numbers("largest", format: .significant(3), entries.map(\.magnitude)),
        .numbers("off in 64 bits", format: .significant(2), entries.map(\.double)),
        .numbers("in 32", format: .significant(2), entries.map(\.single)),
        .numbers("here in 32", format: .significant(2), entries.map(\.kernels)),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    .array(
      entries.map { entry in
        [
          "name": .string(entry.name), "isGradient": .bool(entry.isGradient), "elements": .integer(entry.elements),
          "magnitude": .number(entry.magnitude),
          "double": .number(entry.double), "single": .number(entry.single), "kernels": .number(entry.kernels),
        ]
      })
  }
}
