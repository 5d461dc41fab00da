package import EbbFiles
public import EbbGraph
package import EbbRecording

extension ModelFile {
  /// The network to run: the file's own equations.
  ///
  /// - Parameters:
  ///   - outputs: The requested outputs.
  ///   - made: Records the network with this program's cell, if it has one. The file's equations are then compared with
  ///     it; for a file without equations it supplies them.
  /// - Throws: `FileError` with every difference, or if there are neither equations nor a cell.
  package func network(
    _ outputs: [String], cell name: String, as made: (() throws(TrainingError) -> Recording)?
  ) throws(FileError) -> Recording {
    let saved = try recording()
    guard let made else {
      guard let saved else {
        throw FileError(
          source,
          "the file was written before models kept their equations, so that a program has to have the model's cell"
            + (name.isEmpty ? "" : ", \(name)"))
      }
      return saved
    }
    let recording = try told(made)
    guard let saved else {
      try told { () throws(TrainingError) in try recording.check(parameters) }
      return recording
    }
    let differences = saved.differences(from: recording, in: outputs)
    guard differences.isEmpty else {
      throw FileError(
        source,
        Self.message(differences, cell: name)
          + "\nOpen the model without a cell to run it as it was trained, or train it again.")
    }
    return saved
  }

  /// Runs `body`, and names the file in its errors.
  package func told<Result>(_ body: () throws(TrainingError) -> Result) throws(FileError) -> Result {
    do {
      return try body()
    } catch {
      throw FileError(source, error.description)
    }
  }

  /// The message that a cell differs from a model's, with the differences.
  ///
  /// - Parameters:
  ///   - differences: The differences between the model's network and this program's.
  ///   - name: The cell's name in the model's file.
  public static func message(_ differences: [GraphDifference], cell name: String) -> String {
    let list = differences.map { $0.text("the file", "this program") }.joined(separator: "\n  ")
    return "the cell \(name) of this program is not the one with which the model was trained:\n  \(list)"
  }
}

extension Recording {
  /// The differences between an evaluation of these outputs and another recording's.
  package func differences(from other: Recording, in outputs: [String]) -> [GraphDifference] {
    evaluationGraph.differences(from: other.evaluationGraph, in: outputs)
  }

  /// Throws unless a network read from a file has the inputs and values that the program relies on.
  ///
  /// - Parameters:
  ///   - inputs: Types by name, as a graph prints them: `f32 {t, b} [3]`.
  ///   - outputs: The same for outputs.
  ///   - values: The same for named values.
  package func check(
    inputs: [String: String], outputs: [String: String], values: [String: String] = [:]
  ) throws(TrainingError) {
    func check(_ what: String, _ name: String, _ node: NodeID?, _ expected: String) throws(TrainingError) {
      let found = node.map { graph.text(graph.type($0)) }
      guard found != expected else { return }
      throw .parameters(
        "the model is damaged: \(what) \(name) of its network is \(found ?? "missing") and must be \(expected)")
    }
    for (name, type) in inputs.sorted(by: { $0.key < $1.key }) {
      let node = graph.node(named: name).flatMap { graph.operation($0) == .input ? $0 : nil }
      try check("the input", name, node, type)
    }
    for (name, type) in outputs.sorted(by: { $0.key < $1.key }) {
      try check("the output", name, graph.output(named: name), type)
    }
    for (name, type) in values.sorted(by: { $0.key < $1.key }) {
      try check("the value", name, graph.node(named: name), type)
    }
  }
}
