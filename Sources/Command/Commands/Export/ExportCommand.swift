internal import EbbCells
internal import EbbExport
internal import EbbGraph
internal import EbbInterchange
internal import EbbMarkup
internal import EbbRecording
internal import EbbReport
internal import EbbTensors
internal import EbbTraining

/// `ebb export`: a network as a model that other programs run.
struct ExportCommand: Command {
  let name = "export"
  let summary = "writes a network as a model that other programs run: ONNX, or StableHLO for XLA"
  let discussion = """
    The network is that of a model of ebb, or of a file of weights of PyTorch, Keras, Flax or ONNX, or --layers cells one upon the other over an input x, whose output is y. The
    file holds what it computes after training, for any length of sequences and any number of them. What is an LSTM, a
    GRU or a simple network by its equations becomes ONNX's operator of that name, any other recurrence one Scan.

    Without FILE to write to, or with --format text, it is listed to be read.

    With --format stablehlo it is a module for XLA, which runs it on GPUs and TPUs: text, for fixed numbers of steps and
    sequences. Parameters and inputs are arguments, in the order of the text. With --gradient the results are the loss
    of ebb bench, the mean square of y, and the gradient of every parameter.
    """
  let options: [Option] =
    [
      Option(
        positional: "model", "MODEL", "a model that ebb has saved, or a file of weights, instead of a cell",
        standard: ""),
      .cell, .given, .hidden(64), .input(8),
      Option("layers", "COUNT", "cells one upon the other", standard: "1"),
      Option(flag: "bidirectional", "each layer forward and backward in time, side by side"),
      Option(flag: "ragged", "each sequence has its own length, of an input lengths"),
      Option("weights", "FILE", "the parameters, under the names that ebb weights lists (drawn with --seed)"),
      .seed, .precision,
      Option("outputs", "NAMES", "outputs, or named values, with commas between them (all that are no losses)"),
    ] + TrainedNetwork.Choices.options("of a file of weights: ") + [
      Option(
        flag: "ends",
        "of a file of weights: y is the output after the last step, of each direction where it ends (at every step)"),
      Option("format", "FORMAT", Format.self, "onnx, stablehlo, or text to be read (that of FILE, or text)"),
      Option(
        "output", "FILE", "writes there instead of to standard output; .onnx, .mlir or .txt tell the format",
        standard: "-"
      )
      .with(letter: "o", values: .written([.onnx, .stableHLO, .text])),
      Option(flag: "gradient", "with the gradients of a cell (StableHLO)"),
      Option("devices", "COUNT", "devices among which a module of StableHLO divides the sequences", standard: "1"),
      Option("shape", "T,B,I,H", "the steps, sequences, features and units of a module of StableHLO"),
      Option("example", "FILE", "writes inputs drawn with --seed, and the outputs that ebb computes for them")
        .with(values: .written([.npz, .safetensors])),
      Option("length", "STEPS", "steps of the example, or of the module of StableHLO", standard: "10"), .batch(3),
      .json("writes the inputs, the outputs and how often each operator is there as JSON"),
    ]

  enum Format: String, CaseIterable {
    case onnx, stablehlo, text
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let path = options.text("output") ?? "-"
    let format = try format(options, path)
    if format == .onnx, path == "-" {
      throw UsageError("an ONNX model is no text; give a file for it, as -o model.onnx")
    }
    if format == .stablehlo { return try runStableHLO(options, context) }
    for name in ["gradient", "shape", "devices"] where options.isGiven(name) {
      throw UsageError("--\(name) is for --format stablehlo: other models have any length, no gradients and one device")
    }
    let (length, samples) = (try options.integer("length"), try options.integer("batch"))
    try context.checkCanSave(to: path, options.text("example"), options.text("json"))
    let (recording, parameters) = try network(options, context)
    let outputs = options.isGiven("outputs") ? try options.list("outputs") : nil
    let model = try recording.onnx(parameters: parameters, outputs: outputs)
    switch format {
    case .onnx: context.output.writeFile(path) { try model.write(to: path) }
    case .stablehlo: break
    case .text where path != "-" || options.text("json") != "-": context.save(model.description, to: path)
    case .text: break
    }
    if let path = options.text("example") {
      let example = try ExportExample(
        recording, parameters, outputs: model.graph.outputs.map(\.name), length: length, samples: samples,
        seed: options.seed())
      context.output.writeFile(path) { try TensorFile.write(example.tensors, to: path) }
    }
    context.saveNumbers(options, json(model))
    return ExitStatus.success
  }

  /// The network to write, and its parameters.
  func network(
    _ options: ParsedOptions, _ context: CommandContext, units: Int? = nil, features: Int? = nil
  ) throws -> (Recording, [String: Tensor]) {
    if let path = options.text("model"), !path.isEmpty {
      return try network(ofFile: path, options, context)
    }
    for name in ["ends"] + TrainedNetwork.Choices.options("").map(\.name) where options.isGiven(name) {
      throw UsageError("--\(name) is for a file of weights; give its name, as in ebb export model.pt")
    }
    let units = try units ?? options.integer("hidden")
    let features = try features ?? options.integer("input")
    let recording = try recorded(cell(options, context, units: units, features: features), features, options)
    return (recording, try weights(options) ?? recording.initialValues(seed: try options.seed()))
  }

  /// The network of a model, with the equations that it has, or that of a file of weights, as its names and shapes show it.
  private func network(
    ofFile path: String, _ options: ParsedOptions, _ context: CommandContext
  ) throws -> (Recording, [String: Tensor]) {
    let contents = try TensorFile.contents(of: path)
    let isModel = contents.metadata["ebb.model"] != nil
    let others = isModel ? ["ragged", "ends"] + TrainedNetwork.Choices.options("").map(\.name) : []
    for name in ["cell", "hidden", "input", "layers", "bidirectional", "weights", "precision"] + others
    where options.isGiven(name) {
      throw UsageError("--\(name) is for a cell; the model \(path) has a network and weights of its own")
    }
    guard !isModel else {
      let file = try ModelFile(contentsOf: path)
      return (try file.network([], cell: "", as: nil), file.parameters)
    }
    let network = try TrainedNetwork(contents, path: path, try options.networkChoices(context.cells))
    for note in network.exportNotes { context.output.writeError("note: \(note)\n") }
    if !options.isGiven("ends"), network.withFinalStates != nil {
      context.output.writeError(
        "note: y is the output at every step; --ends gives it after the last one, of each direction where it ends\n")
    }
    let recording = try Recording(
      network, ragged: options.isGiven("ragged"), atEnds: options.isGiven("ends"))
    return (recording, network.parameters)
  }

  /// The parameters that a file gives.
  func weights(_ options: ParsedOptions) throws -> [String: Tensor]? {
    try options.text("weights").map { try TensorFile.contents(of: $0).parametersOnly.tensors }
  }

  /// The cells one upon the other.
  func cell(
    _ options: ParsedOptions, _ context: CommandContext, units: Int, features: Int
  ) throws -> any RecurrentCell {
    let layers = try options.integer("layers", 1...1000)
    try options.check(WorkSizes(length: 1, batch: 1, features: features, units: units))
    let one = try context.cells.cell(options.cellName(of: context.cells), units: units)
    let layer: any RecurrentCell = options.isGiven("bidirectional") ? Bidirectional(one, one) : one
    return layers > 1 ? Stack([any RecurrentCell](repeating: layer, count: layers)) : layer
  }

  private func recorded(
    _ cell: some RecurrentCell, _ features: Int, _ options: ParsedOptions
  ) throws -> Recording {
    let precision: Precision = try options.choice("precision")
    return try Recording(
      cell, features: features, element: precision.element, ragged: options.isGiven("ragged"))
  }

  /// The format from `--format` or the file's name; the two must agree.
  private func format(_ options: ParsedOptions, _ path: String) throws(UsageError) -> Format {
    let named: Format? = FileFormat(ofName: path).map {
      $0 == .onnx ? .onnx : $0 == .stableHLO ? .stablehlo : .text
    }
    guard options.isGiven("format") else { return named ?? .text }
    let format: Format = try options.choice("format")
    guard named == nil || named == format else {
      throw UsageError("--format \(format.rawValue) does not go with the name '\(path)'; leave one of them out")
    }
    return format
  }

  private func json(_ model: ONNXModel) -> JSONValue {
    func values(_ values: [ONNXValue]) -> JSONValue {
      .array(
        values.map { value in
          let dimensions = (value.dimensions ?? []).map { dimension -> JSONValue in
            switch dimension {
            case .fixed(let length): .integer(length)
            case .symbol(let name): .string(name)
            case .unknown: .null
            }
          }
          return [
            "name": .string(value.name), "element": value.element.map { .string($0.description) } ?? .null,
            "shape": .array(dimensions),
          ]
        })
    }
    var counts = JSONObject()
    for (type, count) in model.graph.operatorCounts.sorted(by: { $0.key < $1.key }) { counts[type] = .integer(count) }
    return [
      "format": .string("onnx"), "operatorSet": .integer(model.operatorSets[""] ?? 0),
      "inputs": values(model.graph.inputs), "outputs": values(model.graph.outputs),
      "operators": .object(counts), "numbers": .integer(model.graph.initializers.reduce(0) { $0 + $1.count }),
    ]
  }
}
