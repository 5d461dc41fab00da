internal import EbbFiles
internal import EbbGraph
internal import EbbTraining

extension CommandContext {
  /// Opens a model from only its file, as trained, and reports if this program's cell of that name differs. An older
  /// file, without equations, is opened with the cell.
  ///
  /// - Parameters:
  ///   - name: The name of the model's cell.
  ///   - read: Opens the model, with a cell that must match it, or with none.
  ///   - differences: The differences between the model and a cell.
  func model<Model>(
    _ file: ModelFile, cell name: String, _ read: (CellLibrary.Factory?) throws(FileError) -> Model,
    differences: (Model, CellLibrary.Factory) throws(TrainingError) -> [GraphDifference]
  ) throws(FileError) -> Model {
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
      throw FileError(
        file.source,
        "the file was written before models kept their equations, so that its cell is needed, which is \(name); the "
          + "cells here are \(cells.names.joined(separator: ", "))")
    }
    let model = try read(make)
    // The library's own cells do not change; any other cell may have.
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
