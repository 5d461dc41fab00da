internal import EbbApplications
internal import EbbCells
internal import EbbFiles
internal import EbbInterchange

extension TrainedNetwork.Choices {
  /// The modules of a network in a file of weights: options that commands share.
  ///
  /// - Parameter condition: What they belong to, with a colon.
  static func options(_ condition: String) -> [Option] {
    [
      Option("module", "NAME", "\(condition)the recurrent module, as encoder.rnn (the only one)"),
      Option("embedding", "NAME", "\(condition)the embedding before it, or none (the one whose shape fits)"),
      Option(
        "readout", "NAMES",
        "\(condition)the read-out after it, or none; of several layers fc1:relu,fc2 (the one whose shape fits)"),
      Option("norm", "NAME", "\(condition)the layer normalisation after it, or none (those whose place is seen)"),
    ]
  }
}

extension ParsedOptions {
  /// The choices of a network in a file of weights.
  func networkChoices(_ cells: CellLibrary) throws(UsageError) -> TrainedNetwork.Choices {
    var choices = TrainedNetwork.Choices(cells)
    func part(_ name: String) -> TrainedNetwork.Part {
      text(name).map { $0 == "none" ? .none : .module($0) } ?? .automatic
    }
    choices.module = text("module")
    (choices.embedding, choices.normalization) = (part("embedding"), part("norm"))
    if let text = text("readout") {
      choices.readOut =
        text == "none"
        ? .none : .modules(try list("readout").map { (word) throws(UsageError) in try link(word) })
    }
    if isGiven("cell") {
      let name = cellName(of: cells)
      choices.cell = TrainedNetwork.NamedCell(name, try cells.factory(name))
    }
    return choices
  }

  /// `fc1:relu`: a module, and the function of its sums.
  private func link(_ word: String) throws(UsageError) -> TrainedNetwork.ReadOut.Link {
    let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return .init(word) }
    guard let activation = Activation(frameworkName: parts[1]) else {
      let names = Activation.allCases.map(\.frameworkName)
      throw UsageError(
        "--readout \(word): \(parts[1]) is no activation; there is \(names.joined(separator: ", "))"
          + Spelling.question(parts[1], among: names))
    }
    return .init(parts[0], activation)
  }
}

extension TrainedNetwork.Choices {
  /// No choices, with the program's cells for files with the library's names.
  init(_ cells: CellLibrary) {
    self.init()
    library = cells.names.compactMap { name in cells[name].map { TrainedNetwork.NamedCell(name, $0) } }
  }
}

extension TrainedNetwork {
  /// The network of a file; an error names the file.
  init(_ contents: TensorFile.Contents, path: String, _ choices: Choices) throws(FileError) {
    do {
      try self.init(contents, choices)
    } catch {
      throw FileError(path, error.description)
    }
  }

  /// The notes, with what a model for other programs leaves to them.
  var exportNotes: [String] {
    var notes = notes
    if let scales { notes.append("\(scales.module) scales the inputs, and is not in the model: give it scaled inputs") }
    if masksZero { notes.append("the model reads tokens 0 as any other; --ragged gives it an input of lengths") }
    if let maskedValue {
      notes.append("the model reads steps of \(maskedValue) as any other; --ragged gives it an input of lengths")
    }
    return notes
  }
}
