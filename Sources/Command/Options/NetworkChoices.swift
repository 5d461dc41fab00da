internal import EbbApplications
internal import EbbCells
internal import EbbInterchange

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
