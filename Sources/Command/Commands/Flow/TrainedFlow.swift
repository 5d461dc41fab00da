internal import EbbApplications
internal import EbbCells
internal import EbbDiagnostics
internal import EbbExecution
internal import EbbFiles
internal import EbbGraph
internal import EbbInterchange
internal import EbbMarkup
internal import EbbReport
internal import EbbStudies
internal import EbbTensors
internal import EbbTraining
internal import Foundation

/// `ebb flow --weights`: the network of a file, the sequences of another, and a loss, from the options.
struct TrainedFlow {
  static let options: [Option] =
    [
      Option("weights", "FILE", "measures a trained network, of PyTorch, Keras, Flax, ONNX or Ebb, in place of a cell")
    ] + TrainedNetwork.Choices.options("with --weights: ") + [
      Option(
        "data", "FILE", "with --weights: sequences in npy, npz, HDF5 or CSV, or a text (random inputs)"),
      Option(
        "data-layout", "batch|time", SequenceLayout.self, "which dimension of arrays comes first (found out, or batch)"),
      Option("columns", "NAMES", "the columns of a CSV file that the network reads, with commas between them (all)"),
    ] + CSVFormat.options + [
      Option(flag: "fill", "repeats the row above where a CSV file has no value"),
      Option(
        "scale", "MEAN:DEVIATION",
        "how the columns are scaled, with commas between them; data is by their own, none not at all (as the file says)"
      ),
      Option("vocabulary", "FILE", "the tokens of a text: JSON, or one on each line (the model's)"),
      Option(
        "targets", "FILE", "what the outputs are compared with, for each sequence or step (targets in an npz file)"),
    ]

  private let options: ParsedOptions
  private let context: CommandContext
  private let path: String
  private let network: TrainedNetwork
  private let file: TensorFile.Contents
  private let loss: FlowLoss

  /// Throws if options are given that only a trained network takes.
  static func checkAbsent(_ options: ParsedOptions) throws(UsageError) {
    if let given = Self.options.first(where: { options.isGiven($0.name) }) {
      throw UsageError("--\(given.name) is for a trained network; give its file too: --weights FILE")
    }
  }

  init(_ options: ParsedOptions, _ context: CommandContext) throws {
    (self.options, self.context) = (options, context)
    for name in ["hidden", "input", "gain", "watch"] where options.isGiven(name) {
      let reason =
        name == "watch"
        ? "--watch follows a file of equations"
        : name == "gain" ? "weights are measured as they are" : "the sizes are those of the file"
      throw UsageError("--\(name) and --weights exclude each other: \(reason)")
    }
    for name in ["targets", "data-layout", "columns", "fill", "scale"] + CSVFormat.options.map(\.name)
    where options.isGiven(name) && !options.isGiven("data") {
      throw UsageError("--\(name) belongs to data; give --data FILE too")
    }
    path = try options.required("weights")
    loss = try FlowLoss(options)
    file = try TensorFile.contents(of: path)
    network = try TrainedNetwork(file, path: path, try options.networkChoices(context.cells))
  }

  /// The source of the measurements.
  func source() throws -> FlowSource {
    var data = try options.text("data").map { path in
      try reader().read(path, targets: options.text("targets"))
    }
    if let read = data { data = try scaling(read)?.applied(to: read) ?? read }
    var settings = FlowExperiment(
      length: try options.integer("length"), batch: try options.integer("batch"), seed: try options.seed(),
      clip: try options.positive("clip").map { .norm($0) },
      run: RunOptions(try options.execution(), isUnrolled: options.isGiven("unrolled")))
    settings.element = network.element
    if options.isGiven("precision") {
      let bits: Precision = try options.choice("precision")
      settings.element = bits.element
    }
    let comparison = try comparison(data)
    settings.value = loss.value
    settings.loss = loss.place ?? (data?.targetsAreAtEachStep == true && comparison != nil ? .all : .last)
    let sequences =
      data.map { NetworkExperiment.Sequences($0.input, lengths: $0.lengths) }
      ?? .random(settings, features: network.features, tokens: network.embedding?.tokens ?? 1)
    let steps = sequences.input.dimensions[0]
    try loss.checkStep(upTo: data != nil && options.isGiven("length") ? min(steps, settings.length) : steps)
    var targets: NetworkExperiment.Targets?
    if let comparison, let data, let values = data.targets {
      targets = NetworkExperiment.Targets(values, isAtEachStep: data.targetsAreAtEachStep) {
        comparison.atEachIndex($0, $1)
      }
    }
    let isApplied = comparison == .binaryCrossEntropy && network.readOut?.activation == .sigmoid
    let measured = isApplied ? network.withLinearReadOut : network
    let atEnds = readsEnds(settings) ? measured.withFinalStates : nil
    var experiment = try NetworkExperiment(
      atEnds ?? measured, cell: network.recurrent, features: network.recurrentFeatures,
      parameters: network.parameters, sequences,
      targets: targets, settings)
    // Data are read as they are, and the options take a part of them.
    if data != nil, options.isGiven("length") || options.isGiven("batch") {
      experiment = experiment.part(
        steps: options.isGiven("length") ? settings.length : experiment.experiment.length,
        samples: options.isGiven("batch") ? settings.batch : experiment.experiment.batch)
    }
    try loss.checkValue(of: experiment)
    return describe(experiment, data, comparison)
  }

  private func reader() throws -> SequenceReader {
    var reader = SequenceReader(network, source: path)
    if options.isGiven("data-layout") { reader.layout = try options.choice("data-layout") as SequenceLayout }
    if options.isGiven("columns") { reader.columns = try options.list("columns") }
    (reader.format, reader.isFilled) = (try CSVFormat(options), options.isGiven("fill"))
    reader.vocabulary =
      try options.text("vocabulary").map { path throws(FileError) in try SequenceVocabulary(contentsOf: path) }
      ?? SequenceVocabulary(modelMetadata: file.metadata, source: path)
    reader.window = try options.integer("length")
    reader.windows = try options.integer("batch")
    // One output is no score of a class.
    reader.takesClasses = loss.comparison.map(\.takesClasses) ?? (network.outputs == 1 ? false : nil)
    let isModel = network.embedding?.tokens == network.outputs && network.readOut != nil
    reader.predictsNext =
      isModel && !options.isGiven("targets") && (loss.comparison == .crossEntropy || !options.isGiven("loss"))
    return reader
  }

  /// Whether the loss reads each direction at its own last step, as the models of frameworks do; those of this library
  /// read the last step of the sequence.
  private func readsEnds(_ settings: FlowExperiment) -> Bool {
    settings.loss == .last && settings.value == nil && loss.isAtEnds ?? (network.framework != .ebb)
      && network.withFinalStates != nil
  }

  /// How the columns are scaled: as `--scale` says, else as the file does; nil if they are read as they are.
  private func scaling(_ data: SequenceData) throws -> SequenceScaling? {
    guard let features = network.features else {
      if options.isGiven("scale") {
        throw UsageError("--scale is for numbers, and the network reads tokens")
      }
      return nil
    }
    guard options.isGiven("scale") else {
      return network.scales.map { SequenceScaling($0) }
        ?? SequenceScaling(modelMetadata: file.metadata, features: features)
    }
    switch options.text("scale") ?? "" {
    case "none": return nil
    case "data": return try SequenceScaling(of: data)
    case _:
      let pairs = try options.list("scale").map {
        $0.split(separator: ":").map { Double($0) ?? .nan }
      }
      guard pairs.count == features,
        pairs.allSatisfy({ $0.count == 2 && $0[0].isFinite && $0[1] > 0 && $0[1].isFinite })
      else {
        throw UsageError(
          "--scale takes none, data, or mean:deviation of each of the \(features) features with commas between them, as "
            + [String](repeating: "0.5:2", count: min(features, 3)).joined(separator: ","))
      }
      return SequenceScaling(
        means: pairs.map { $0[0] }, deviations: pairs.map { $0[1] },
        words: "the columns are scaled as --scale says")
    }
  }

  /// How outputs are compared with targets; nil for a read-out in a random direction.
  private func comparison(_ data: SequenceData?) throws(UsageError) -> SupervisedLoss? {
    if let value = loss.value {
      guard options.isGiven("targets") else { return nil }
      throw UsageError("--targets are compared with the output, and --loss reads \(value); give one of the two")
    }
    guard let targets = data?.targets else {
      guard let given = loss.comparison else { return nil }
      throw UsageError(
        "--loss \(FlowLoss.word(given)) compares with targets: give --targets FILE, or data that hold them")
    }
    if let given = loss.comparison { return given }
    return targets.element == .int32 ? .crossEntropy : .meanSquaredError
  }

  // MARK: Words

  /// What a user may take for something else.
  private func remarks(_ experiment: NetworkExperiment, _ data: SequenceData?) -> [String] {
    let settings = experiment.experiment
    var remarks: [String] = []
    if loss.comparison == .binaryCrossEntropy, network.readOut?.activation == .sigmoid {
      remarks.append("the binary cross-entropy takes the sums of the read-out and applies its sigmoid itself")
    }
    if readsEnds(settings) {
      remarks.append(
        "the loss reads the forward direction at the last step and the backward one at the first, as a framework's final "
          + "states; --loss last reads both at the last step")
    } else if network.withFinalStates != nil, settings.loss == .last, settings.value == nil {
      remarks.append(
        "the loss reads both directions at the last step, which is the first that the backward one reads; --loss ends reads "
          + "each at its own last step, as a framework's final states")
    }
    if case .step(let index) = settings.loss, let lengths = experiment.lengths {
      let ended = lengths.count { $0 <= index }
      if ended > 0 {
        remarks.append(
          "\(ended) of the \(lengths.count) samples \(ended == 1 ? "has" : "have") no step \(index + 1), and a loss of 0"
        )
      }
    }
    if let scales = network.scales, data == nil {
      remarks.append(
        "\(scales.module) scales the model's inputs; the random ones are read as they are")
    }
    if network.masksZero, data == nil {
      remarks.append("random tokens may be 0, which the model passes over")
    }
    return remarks
  }

  private func describe(
    _ experiment: NetworkExperiment, _ data: SequenceData?, _ comparison: SupervisedLoss?
  ) -> FlowSource {
    let settings = experiment.experiment
    let inputs =
      data?.description
      ?? "no data: \(settings.batch) sequences of \(settings.length) random "
      + (network.features == nil ? "tokens" : "inputs from N(0, 1)")
    let place =
      "\(settings.loss)" + (readsEnds(settings) ? " of each direction" : "")
      + (settings.loss == .all ? ", the mean over a sample's own" : "")
    let read = "a read-out " + (settings.value.map { "of \($0) " } ?? "") + "in a random direction"
    let compared = (comparison.map { FlowLoss.word($0) } ?? read) + " \(place)"
    let lossText = "\(compared); the mean over the samples"
    let notes = network.notes + (data?.notes ?? []) + remarks(experiment, data)
    for note in notes { context.output.writeError("note: \(note)\n") }
    var details: [HTMLReport.Detail] = [
      .init("weights", path), .init("network", network.description), .init("data", inputs), .init("loss", lossText),
      .init("steps", "\(settings.length)"), .init("samples", "\(settings.batch)"),
    ]
    if let targets = options.text("targets") { details.append(.init("targets", targets)) }
    let lead = """
      The loss of a trained network, \(network.description), is followed back through \(settings.length) steps. The \
      weights are those of `\(path)`; the sequences are \(data == nil ? "random" : "those of `\(inputs)`"); the loss is \
      \(lossText).
      """
    let json: [(String, JSONValue)] = [
      (
        "network",
        [
          "file": .string(path), "framework": .string(network.framework.rawValue),
          "description": .string(network.description), "modules": .array(network.modules.map { .string($0) }),
          "features": network.features.map { .integer($0) } ?? .null,
          "tokens": network.embedding.map { .integer($0.tokens) } ?? .null, "outputs": .integer(network.outputs),
        ]
      ),
      (
        "data",
        [
          "file": options.text("data").map { .string($0) } ?? .null, "description": .string(inputs),
          "lengths": experiment.lengths.map { .array($0.map { .integer($0) }) } ?? .null,
          // What the measurements that need sequences of one length are made of.
          "ofOneLength": [
            "steps": .integer(experiment.ofOneLength.experiment.length),
            "samples": .integer(experiment.ofOneLength.experiment.batch),
          ],
        ]
      ),
      ("comparison", comparison.map { .string(FlowLoss.word($0)) } ?? .null),
      ("notes", .array(notes.map { .string($0) })), ("experiment", settings.json),
    ]
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    return FlowSource(
      experiment, name: name,
      lines: [network.description, inputs, "loss: \(lossText)"],
      page: CellReport.Subject(lead: lead, details: details, notes: notes), json: json)
  }
}
