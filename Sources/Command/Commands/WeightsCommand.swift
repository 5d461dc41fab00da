internal import EbbInterchange
internal import EbbRecording
internal import EbbReport
internal import EbbTensors

/// `ebb weights`: lists the tensors of a file, and converts between formats and conventions.
struct WeightsCommand: Command {
  let name = "weights"
  let summary = "lists the tensors of a file, and converts between formats and frameworks"
  let discussion = """
    Files are .safetensors, .npz or .npy. Without --from and --to, tensors keep their names and layouts. With them, the
    cell, its units and its features tell what each tensor is; gru-after is the GRU of PyTorch and of Flax.
    """
  let options: [Option] = [
    Option(positional: "file", "FILE", "the file to read"),
    Option("output", "FILE", "writes the tensors there; the ending names the format")
      .with(letter: "o", values: .written([.safetensors, .npz, .npy])),
    Option(
      "from", "CONVENTION", Names.self, "how the file names its tensors: ebb, pytorch, keras or flax", standard: .ebb),
    Option("to", "CONVENTION", Names.self, "how they are named where they are written", standard: .ebb),
    Option("module", "NAME", "the beginning of the framework's names, as encoder.rnn"),
    .cell, .hidden(64), .input(8),
  ]

  enum Names: String, CaseIterable {
    case ebb, pytorch, keras, flax

    var convention: WeightConvention? { WeightConvention(rawValue: rawValue) }
  }

  func run(_ options: ParsedOptions, _ context: CommandContext) throws -> Int32 {
    let from: Names = try options.choice("from")
    let to: Names = try options.choice("to")
    let path = try options.required("file")
    try context.checkCanSave(to: options.text("output"))
    var tensors = try TensorFile.read(path)
    if from != to {
      let units = try options.integer("hidden")
      let features = try options.integer("input")
      try options.checkSize(length: 1, batch: 1, features: features, units: units)
      let cell = try context.cells.cell(options.cellName(of: context.cells), units: units)
      func map(_ convention: WeightConvention) throws(WeightError) -> WeightMap {
        try self.map(convention, cell, features, options.text("module") ?? "")
      }
      if let convention = from.convention {
        let element: ElementType = tensors.values.contains { $0.element == .float64 } ? .float64 : .float32
        tensors = try map(convention).parameters(from: tensors, as: element)
      }
      if let convention = to.convention { tensors = try map(convention).tensors(from: tensors) }
    }
    guard let output = options.text("output") else {
      context.output.write(table(tensors).terminal(context.output.style))
      return ExitStatus.success
    }
    context.output.writeFile(output) { try TensorFile.write(tensors, to: output) }
    return ExitStatus.success
  }

  private func map(
    _ convention: WeightConvention, _ cell: some RecurrentCell, _ features: Int, _ module: String
  ) throws(WeightError) -> WeightMap {
    try WeightMap(convention, cell, features: features, module: module)
  }

  private func table(_ tensors: [String: Tensor]) -> DataTable {
    let names = tensors.keys.sorted()
    let sorted = names.compactMap { tensors[$0] }
    return DataTable(
      "Tensors",
      columns: [
        .init("tensor", cells: names.map { .text($0) }),
        .init("element", cells: sorted.map { .text($0.element.name) }),
        .init("shape", cells: sorted.map { .text("\($0.dimensions)") }),
        .init("‖·‖₂", cells: sorted.map { .number($0.norm) }),
      ])
  }
}
