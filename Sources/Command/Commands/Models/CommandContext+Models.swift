internal import EbbGraph
internal import EbbTraining

extension CommandContext {
  /// Opens a model from its file alone, as it was trained, and says so where this program's cell of that name is another
  /// one. A file of before models kept their equations is opened with the cell.
  ///
  /// - Parameters:
  ///   - name: What the model's cell is called.
  ///   - read: Opens the model, with a cell that it must agree with or none.
  ///   - differences: In what the model differs from a cell.
  func model<Model>(
    _ file: ModelFile, cell name: String, _ read: (CellLibrary.Factory?) throws(ModelFileError) -> Model,
    differences: (Model, CellLibrary.Factory) throws(TrainingError) -> [GraphDifference]
  ) throws(ModelFileError) -> Model {
    let make = cells[name]
    if file.holdsNetwork {
      let model = try read(nil)
      guard let make else { return model }
      do {
        let found = try differences(model, make)
        if !found.isEmpty { tell(ModelFile.message(found, cell: name)) }
      } catch {
        tell("the cell \(name) of this program cannot be compared with the model's: \(error)")
      }
      return model
    }
    guard let make else {
      throw ModelFileError(
        file.source,
        "the file was written before models kept their equations, so that its cell is needed, which is \(name); the "
          + "cells here are \(cells.names.joined(separator: ", "))")
    }
    let model = try read(make)
    // The library's own cells are not edited; of any other one nobody knows.
    if CellLibrary.standard[name] == nil {
      output.warn(
        "\(file.source) was written before models kept their equations: that the cell \(name) is still the one with which "
          + "it was trained cannot be checked")
    }
    return model
  }

  private func tell(_ message: String) {
    output.warn("\(message)\nThe model runs as it was trained. To use the cell as it is now, train it again.")
  }
}
