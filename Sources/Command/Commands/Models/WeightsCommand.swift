internal import EbbCells
internal import EbbExport
internal import EbbInterchange
internal import EbbRecording
internal import EbbMarkup
internal import EbbReport
internal import EbbTensors

/// `ebb weights`: lists the tensors of a file, and converts between formats and conventions.
struct WeightsCommand: Command {
  let name = "weights"
  let summary = "lists the tensors of a file, and converts between formats and frameworks"
  let discussion = """
    Files are .safetensors, .npz, .npy, PyTorch's .pt, .pth and .bin, Keras's .h5 and .keras, or .onnx. Without --from and
    --to, tensors keep their names and layouts, and the network that they make is described if it is found. With them, the
    cell shows what each tensor is; it is found from names and shapes, as are its sizes, the layers and directions, and
    --cell takes another. gru-after is the GRU of PyTorch and of Flax.

    Of a model of ONNX the operands of its layers have their letters after the node's name: LSTM.W, LSTM.R, LSTM.B, LSTM.P;
    Gemm.B and Gemm.C of a read-out, Gather.data of an embedding. Other weights keep their names.

    Of PyTorch's files nothing is run: objects other than tensors, numbers and texts are left out and named. In a
    checkpoint the model is the one dict of tensors alone, or of several the one called state_dict, model_state_dict or
    model. A note names it; its tensors keep their names in it, and those of the optimizer begin with the way to them.

    Each layer of a Keras file keeps its name: ebb weights model.keras --to pytorch -o model.safetensors
    A file called .weights.h5 has Keras's weights where load_weights looks for them. A .keras file is the whole model, of
    layers one after the other, for load_model: ebb weights model.safetensors --to keras -o model.keras
    An .onnx file is a model too: the network that ebb flow --weights finds, and the other tensors beside it.

    Embeddings, dense layers and layer normalisations have the other framework's names and layouts, as recurrent layers do.
    What is in no layer that is known keeps its name and its numbers, and is told.

    A whole model of ebb becomes the modules embedding, rnn and readout, or in Keras what Keras calls them, and back.
    --module picks one from a file that has others: ebb weights model.safetensors --from pytorch --module encoder.rnn

    What no tensor tells, such as an activation, is taken from the file's strings if they have it, else it is the
    framework's default; each time it is said which.
    """
  let options: [Option] = [
    Option(positional: "file", "FILE", "the file to read"),
    Option("output", "FILE", "writes the tensors there; the ending names the format")
      .with(letter: "o", values: .written([.safetensors, .npz, .npy, .torch, .hdf5, .keras, .onnx])),
    Option(
      "from", "CONVENTION", Names.self,
      "how the file names its tensors: ebb, pytorch, keras, flax or onnx (with --to, as they are; else ebb)"),
    Option("to", "CONVENTION", Names.self, "how they are named where they are written", standard: .ebb),
    Option(
      "return", "STEPS", Steps.self,
      "for a .keras file: what the last recurrent layer gives (what the model of ebb reads, or all)"),
    Option("module", "NAME", "the beginning of the framework's names, as encoder.rnn"),
    .cell, .given,
    Option("hidden", "UNITS", "units of the cell (the file's)"),
    Option("input", "FEATURES", "features of the input (the file's)"),
    Option("layers", "COUNT", "cells one upon the other (the file's)"),
    .json("writes the names, types, shapes and norms as JSON"),
  ]

  let replacesItsInput = true

  enum Names: String, CaseIterable {
    case ebb, pytorch, keras, flax, onnx

    var convention: WeightConvention? { WeightConvention(rawValue: rawValue) }
  }

  /// What a recurrent layer gives to the next layer: all its steps, or its last one.
  enum Steps: String, CaseIterable { case all, last }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let to: Names = try options.choice("to")
    let path = try options.required("file")
    try context.checkCanSave(to: options.text("output"), options.text("json"))
    var file = try TensorFile.contents(of: path)
    let from = try options.isGiven("from") ? options.choice("from") : names(of: file, options, context)
    if options.text("output")?.hasSuffix(".onnx") == true { return try writeModel(file, path, to, options, context) }
    let read = file.metadata
    var metadata = from == to ? read : [:]
    let (isNamed, names) = (file.isOfKeras, file.kerasNames)
    if from != to {
      if from == .ebb { file = file.parametersOnly }
      if from == .flax { file = file.withLinenDirections }
      if from == .keras {
        file = file.withKerasPaths
        let (linear, layers) = file.withLinearSoftmax(of: file.kerasLayers)
        file = linear
        tell(layers.map { "\($0): its softmax is no weight; apply it to the output" }, context)
        let functions = file.kerasFunctions
        if !functions.isEmpty { tell(["without weights, and so not in the other file: \(list(functions))"], context) }
      }
      var network = try network(of: file, from, isNamed: isNamed, options, context)
      // What is in no layer that is known keeps its name and its numbers.
      var others: [String: Tensor] = [:]
      if let convention = from.convention {
        let map = try network.map(convention, fitting: file)
        let own = map.withinModules(file.tensors)
        let rest = file.tensors.filter { own[$0.key] == nil }
        let element: ElementType = own.values.contains { $0.element == .float64 } ? .float64 : .float32
        file.tensors = network.unmapped(try map.parameters(from: file, as: element))
        metadata = map.ownSettings.merging(network.metadata) { $1 }
        tell(map.notes, context)
        if options.isGiven("module"), !rest.isEmpty {
          context.output.warn("outside of the module, and left out: \(list(rest.keys.sorted()))")
        } else {
          // Keras finds them again by the names that it wrote.
          others = Dictionary(uniqueKeysWithValues: rest.map { (names[$0.key] ?? $0.key, $0.value) })
        }
        file.types = [:]
      }
      if let convention = to.convention {
        let map = try network.map(convention, fitting: nil, own: from == .ebb ? file.metadata : [:])
        if from == .ebb { others = network.others(in: file.tensors, map) }
        let own = file.tensors.filter { others[$0.key] == nil }
        file.tensors = try map.tensors(from: network.mapped(own))
        file.types = [:]
        metadata = map.settings.merging(network.metadata) { $1 }
        let settings = map.settings.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        if !settings.isEmpty {
          tell(["\(convention.rawValue) layers that compute the same have \(list(settings))"], context)
        }
      }
      try keep(others, in: &file, context)
    }
    if options.text("output")?.hasSuffix(".keras") == true, to == .keras, from != to {
      let own = from == .ebb ? try ReadSteps(ofModel: path, read) : nil
      let given = options.isGiven("return") ? try options.choice("return") as Steps : nil
      if let steps = given ?? own?.steps { metadata["return_sequences"] = steps == .all ? "true" : "false" }
      if let word = own?.word, given == nil { tell(["the last recurrent layer gives \(word)"], context) }
    }
    tell(file.notes, context)
    let unread = file.unread.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value.reason))" }
    if let output = options.text("output") {
      let (tensors, strings) = (file.tensors, metadata)
      context.output.writeFile(output) { try TensorFile.write(tensors, metadata: strings, to: output) }
      if !unread.isEmpty { context.output.warn("left out: \(list(unread))") }
    } else {
      let found = describe(file, options, context)
      context.show(options) { $0.write(table(file).terminal($0.style) + (found.map { "\n\($0)\n" } ?? "")) }
      if !unread.isEmpty { tell(["not read: \(list(unread))"], context) }
    }
    context.saveNumbers(options, json(file, path, metadata))
    return ExitStatus.success
  }

  /// The convention that the names of the tensors show, if they are to have another; else the library's.
  private func names(of file: TensorFile.Contents, _ options: ParsedOptions, _ context: CommandContext) -> Names {
    let framework = options.isGiven("to") ? NetworkFramework(file.isOfKeras ? file.withKerasPaths : file) : nil
    let names: Names =
      switch framework {
      case .pytorch?: .pytorch
      case .keras?: .keras
      case .flax?, .linen?: .flax
      case .onnx?: .onnx
      case .ebb?, nil: .ebb
      }
    if let framework, framework != .ebb { tell(["its tensors have the names of \(framework.name)"], context) }
    return names
  }

  /// Writes the network as a model of ONNX, with the tensors beside it as further ones.
  private func writeModel(
    _ file: TensorFile.Contents, _ path: String, _ to: Names, _ options: ParsedOptions, _ context: CommandContext
  ) throws -> Int32 {
    guard to == .onnx else { throw UsageError("an .onnx file is a model of ONNX; give --to onnx too") }
    var choices = TrainedNetwork.Choices(context.cells)
    choices.module = options.text("module")
    let network = try TrainedNetwork(file, path: path, choices)
    var model = try Recording(network).onnx(parameters: network.parameters)
    let known = Set(model.graph.initializers.map(\.name))
    let others = choices.module == nil ? network.leftOut.filter { !$0.key.hasPrefix("optim") } : [:]
    if let twice = others.keys.sorted().first(where: known.contains) {
      throw UsageError("\(twice) is the name of a tensor of no layer of the network, and of one of the model's")
    }
    let kept = others.sorted { $0.key < $1.key }
    model.graph.initializers += kept.map { ONNXTensor($0.key, $0.value) }
    tell(network.exportNotes.filter { kept.isEmpty || !$0.hasPrefix("left out") }, context)
    if !kept.isEmpty { tell(["beside the network, which does not read them: \(list(kept.map(\.key)))"], context) }
    if let output = options.text("output") { context.output.writeFile(output) { try model.write(to: output) } }
    return ExitStatus.success
  }

  /// The network of the tensors, or why it is none; nil if no name is one of a recurrent layer.
  private func describe(
    _ file: TensorFile.Contents, _ options: ParsedOptions, _ context: CommandContext
  ) -> String? {
    guard NetworkFramework(file.isOfKeras ? file.withKerasPaths : file) != nil else { return nil }
    var choices = TrainedNetwork.Choices(context.cells)
    choices.module = options.text("module")
    do {
      return try TrainedNetwork(file, choices).description
    } catch {
      return "no network for ebb flow --weights: \(error)"
    }
  }

  /// A file of Keras says which layers there are, and one that was converted from it; so the cell need not be given, and
  /// each layer is a module.
  private func network(
    of file: TensorFile.Contents, _ from: Names, isNamed: Bool, _ options: ParsedOptions, _ context: CommandContext
  ) throws -> WeightedNetwork {
    let isGiven = ["cell", "module", "hidden", "input", "layers"].contains { options.isGiven($0) }
    if !isGiven {
      var layers = from == .keras && isNamed ? file.kerasLayers : NamedLayer.recorded(in: file.metadata)
      // Modules with names of their own, and not those that a model of ebb has.
      if layers.isEmpty, let convention = from.convention {
        let found = NamedLayer.all(in: file)
        if !WeightedNetwork.areUsual(found, in: file, convention) { layers = found }
      }
      guard layers.isEmpty else {
        let isOrdered = NamedLayer.isOrdered(in: file)
        return from == .onnx
          ? WeightedNetwork(onnx: layers, isOrdered: isOrdered) : WeightedNetwork(layers, isOrdered: isOrdered)
      }
    }
    return try WeightedNetwork(file, from.convention, options, context)
  }

  /// Adds the tensors that belong to no layer, as they are, but for the state of an optimizer, which is no part of the
  /// model.
  private func keep(_ rest: [String: Tensor], in file: inout TensorFile.Contents, _ context: CommandContext) throws {
    let others = rest.filter { !$0.key.hasPrefix("optim") }
    let states = rest.keys.filter { others[$0] == nil }.sorted()
    if !states.isEmpty { context.output.warn("of the optimizer, and left out: \(list(states))") }
    guard !others.isEmpty else { return }
    if let twice = others.keys.sorted().first(where: { file.tensors[$0] != nil }) {
      throw UsageError("\(twice) is the name of a tensor of no known layer, and of one that is converted")
    }
    file.tensors.merge(others) { first, _ in first }
    tell(["in no layer that is known, and kept as they are: \(list(others.keys.sorted()))"], context)
  }

  private func tell(_ notes: [String], _ context: CommandContext) {
    for note in notes { context.output.writeError("note: \(note)\n") }
  }

  private func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", … (\(names.count))" : "")
  }

  /// The listed or written tensors, the unreadable ones, and the file's strings.
  private func json(_ file: TensorFile.Contents, _ path: String, _ metadata: [String: String]) -> JSONValue {
    var strings = JSONObject()
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) { strings[key] = .string(value) }
    func shape(_ dimensions: [Int]) -> JSONValue { .array(dimensions.map { .integer($0) }) }
    return [
      "file": .string(path),
      "tensors": .array(
        file.tensors.sorted { $0.key < $1.key }.map { name, tensor in
          [
            "name": .string(name), "element": .string(tensor.element.name),
            "stored": file.types[name].map { .string($0) } ?? .null, "shape": shape(tensor.dimensions),
            "norm": .number(tensor.norm),
          ]
        }),
      "unread": .array(
        file.unread.sorted { $0.key < $1.key }.map { name, tensor in
          [
            "name": .string(name), "stored": .string(tensor.type), "shape": shape(tensor.dimensions),
            "reason": .string(tensor.reason),
          ]
        }),
      "metadata": .object(strings),
    ]
  }

  private func table(_ file: TensorFile.Contents) -> DataTable {
    let names = (Array(file.tensors.keys) + file.unread.keys).sorted()
    var (elements, shapes, norms): ([DataTable.Cell], [DataTable.Cell], [DataTable.Cell]) = ([], [], [])
    for name in names {
      let (tensor, unread) = (file.tensors[name], file.unread[name])
      elements.append(.text(tensor.map { element($0, file.types[name]) } ?? unread?.type ?? ""))
      shapes.append(.text("\(tensor?.dimensions ?? unread?.dimensions ?? [])"))
      norms.append(tensor.map { .number($0.norm) } ?? .missing)
    }
    return DataTable(
      "Tensors",
      columns: [
        .text("tensor", names), .init("element", cells: elements), .init("shape", cells: shapes),
        .init("‖·‖₂", cells: norms),
      ])
  }

  /// The files' names for the types of tensors here.
  private static let sameTypes: Set<String> = [
    "F32", "F64", "I32", "BOOL", "<f4", "<f8", "<i4", "|b1", "float32", "float64", "int32", "bool",
  ]

  /// The type of a tensor's numbers, and the file's if it differs: `f32 of BF16`.
  private func element(_ tensor: Tensor, _ type: String?) -> String {
    let name = tensor.element.name
    guard let type, !Self.sameTypes.contains(type) else { return name }
    return "\(name) of \(type)"
  }
}
