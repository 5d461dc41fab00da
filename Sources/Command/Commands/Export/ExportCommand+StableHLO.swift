internal import EbbBench
internal import EbbDiagnostics
internal import EbbExport
internal import EbbGraph
internal import EbbInterchange
internal import EbbMarkup
internal import EbbRecording
internal import EbbStableHLO
internal import EbbTensors
internal import EbbTraining

extension ExportCommand {
  /// Writes a module of StableHLO, and the values of its arguments and results as an example.
  func runStableHLO(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    if options.isGiven("outputs") { throw UsageError("--outputs is for ONNX; a module has all outputs") }
    var (length, samples) = (try options.integer("length"), try options.integer("batch"))
    var (units, features): (Int?, Int?)
    if options.isGiven("shape") {
      for name in ["length", "batch", "input", "hidden"] where options.isGiven(name) {
        throw UsageError("--shape already says what --\(name) does; leave one of them out")
      }
      let size = try options.stepSizes("shape")[0]
      (length, samples, features, units) = (size.length, size.batch, size.features, size.units)
    }
    try context.checkCanSave(to: options.text("output"), options.text("example"), options.text("json"))
    let (graph, recording, parameters) = try equations(options, context, units: units, features: features)
    var lengths: [String: Int] = [:]
    for axis in graph.axes { lengths[axis.name] = axis.length ?? (axis.kind == .time ? length : samples) }
    let name = options.isGiven("model") ? "network" : options.cellName(of: context.cells)
    let devices = try options.integer("devices", 1...65_536)
    let sharding = devices > 1 ? StableHLOSharding(axis: "b", devices: devices) : nil
    let module = try graph.optimizedStableHLO(lengths: lengths, sharding: sharding, name: name)
    context.save(module.text, to: options.text("output") ?? "-")
    if let path = options.text("example") {
      let example = try ExportExample(
        graph, recording, parameters, outputs: graph.outputs.map(\.name), length: length, samples: samples,
        seed: options.seed())
      var tensors = example.tensors
      for (name, value) in parameters { tensors["input.\(name)"] = value }
      context.output.writeFile(path) { try TensorFile.write(tensors, to: path) }
    }
    context.saveNumbers(options, json(module))
    return ExitStatus.success
  }

  /// The equations to write: of the network, or of a step of its training.
  private func equations(
    _ options: ParsedOptions, _ context: CommandContext, units: Int?, features: Int?
  ) throws -> (Graph, Recording, [String: Tensor]) {
    guard options.isGiven("gradient") else {
      let (recording, parameters) = try network(options, context, units: units, features: features)
      return (recording.evaluationGraph, recording, parameters)
    }
    if let path = options.text("model"), !path.isEmpty {
      throw UsageError("--gradient is for a cell; the model \(path) has no loss")
    }
    if options.isGiven("ragged") { throw UsageError("--gradient is that of sequences of one length, without --ragged") }
    let features = try features ?? options.integer("input")
    let cell = try cell(options, context, units: units ?? options.integer("hidden"), features: features)
    let precision: Precision = try options.choice("precision")
    let step = try Self.step(cell, features, precision)
    let parameters = try weights(options) ?? step.recording.initialValues(seed: options.seed())
    return (step.gradient, step.recording, parameters)
  }

  private static func step(
    _ cell: some RecurrentCell, _ features: Int, _ precision: Precision
  ) throws -> TrainingStepGraph {
    try TrainingStepGraph(cell, features: features, element: precision.element)
  }

  private func json(_ module: StableHLOModule) -> JSONValue {
    func values(_ ports: [StableHLOModule.Port]) -> JSONValue {
      .array(
        ports.map { port in
          [
            "name": .string(port.name), "element": .string(port.element),
            "shape": .array(port.dimensions.map { .integer($0) }),
          ]
        })
    }
    return ["format": .string("stablehlo"), "inputs": values(module.arguments), "outputs": values(module.results)]
  }
}
