internal import EbbInterchange

extension ParsedOptions {
  /// The choices of a network in a file of weights.
  func networkChoices(_ cells: CellLibrary) throws(UsageError) -> TrainedNetwork.Choices {
    var choices = TrainedNetwork.Choices(cells)
    func part(_ name: String) -> TrainedNetwork.Part {
      text(name).map { $0 == "none" ? .none : .module($0) } ?? .automatic
    }
    choices.module = text("module")
    (choices.embedding, choices.readOut) = (part("embedding"), part("readout"))
    if isGiven("cell") {
      let name = cellName(of: cells)
      choices.cell = TrainedNetwork.NamedCell(name, try cells.factory(name))
    }
    return choices
  }
}

extension TrainedNetwork.Choices {
  /// No choices, with the program's cells for files with the library's names.
  init(_ cells: CellLibrary) {
    self.init()
    library = cells.names.compactMap { name in cells[name].map { TrainedNetwork.NamedCell(name, $0) } }
  }
}
