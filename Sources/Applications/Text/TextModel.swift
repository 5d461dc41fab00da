public import EbbExecution
public import EbbFiles
public import EbbGraph
public import EbbRecording
public import EbbTensors
public import EbbTraining

/// A trained language model: the probabilities of the next token, and continuations of a text.
public final class TextModel {
  /// The contents of a file in addition to the parameters.
  public struct Configuration: Codable, Hashable, Sendable {
    /// The name of the cell in the program that trained it.
    public var cell: String
    /// How the model was built and trained.
    public var settings: TextSettings
    /// The tokens that it knows.
    public var vocabulary: Vocabulary
  }

  /// The kind of these models' files.
  public static let kind = "text"

  /// The contents of the file in addition to the parameters.
  public let configuration: Configuration
  /// The tokens that it knows.
  public var vocabulary: Vocabulary { configuration.vocabulary }
  /// The network, step by step.
  public let stream: StreamingModel

  private let recording: Recording

  /// - Parameters:
  ///   - configuration: The settings of the network, and its vocabulary.
  ///   - parameters: The trained values by name.
  ///   - options: Threads, instruction set and memory limits.
  ///   - cell: Makes a layer with a number of units.
  public convenience init(
    _ configuration: Configuration, parameters: [String: Tensor], options: ExecutionOptions = ExecutionOptions(),
    cell: (_ units: Int) -> any RecurrentCell
  ) throws(TrainingError) {
    try self.init(configuration, Self.recording(configuration, cell), parameters, options)
  }

  /// Reads a file from `file().write(to:)`. The network comes from the file; the program needs no cell for it.
  ///
  /// - Parameters:
  ///   - file: A file whose kind is `TextModel.kind`.
  ///   - options: Threads, instruction set and memory limits.
  ///   - cell: Makes a layer with a number of units. If given, the file's equations must match its equations; older
  ///     files, without equations, need it.
  /// - Throws: `FileError` if the file is damaged or of another kind, or if the cell differs, with the
  ///   differences.
  public convenience init(
    _ file: ModelFile, options: ExecutionOptions = ExecutionOptions(),
    cell: ((_ units: Int) -> any RecurrentCell)? = nil
  ) throws(FileError) {
    let configuration = try file.configuration(Configuration.self, kind: Self.kind)
    let recording: Recording
    if let cell {
      recording = try file.network(["logits"], cell: configuration.cell) { () throws(TrainingError) in
        try Self.recording(configuration, cell)
      }
    } else {
      recording = try file.network(["logits"], cell: configuration.cell, as: nil)
    }
    do {
      try self.init(configuration, recording, file.parameters, options)
    } catch {
      throw FileError(file.source, error.description)
    }
  }

  private init(
    _ configuration: Configuration, _ recording: Recording, _ parameters: [String: Tensor], _ options: ExecutionOptions
  ) throws(TrainingError) {
    try recording.check(
      inputs: ["tokens": "i32 {t, b}"], outputs: ["logits": "f32 {t, b} [\(configuration.vocabulary.count)]"])
    self.configuration = configuration
    self.recording = recording
    stream = try StreamingModel(recording, parameters: parameters, outputs: ["logits"], options: options)
  }

  /// The model as a file: the parameters, the network's equations, and the configuration.
  public func file() throws(FileError) -> ModelFile {
    try ModelFile(kind: Self.kind, configuration: configuration, parameters: stream.parameters, recording: recording)
  }

  /// The differences between the model's equations and a cell's; empty if the model was trained with this cell.
  public func differences(from cell: (_ units: Int) -> any RecurrentCell) throws(TrainingError) -> [GraphDifference] {
    recording.differences(from: try Self.recording(configuration, cell), in: ["logits"])
  }

  private static func recording(
    _ configuration: Configuration, _ cell: (Int) -> any RecurrentCell
  ) throws(TrainingError) -> Recording {
    if let problem = configuration.settings.problem { throw .setting(problem) }
    return try recording(configuration.settings, tokens: configuration.vocabulary.count, cell: cell)
  }

  static func recording(
    _ settings: TextSettings, tokens: Int, cell: (Int) -> any RecurrentCell
  ) throws(TrainingError) -> Recording {
    do {
      return try .languageModel(
        (0..<settings.layers).map { _ in cell(settings.units) }, tokens: tokens, embedding: settings.embedding,
        dropout: settings.dropout, counted: settings.stride)
    } catch {
      throw .recording(error)
    }
  }

  // MARK: Reading

  /// Reads the next token of each of several texts and returns the logits of the token after it, by text.
  func read(_ tokens: [Int32]) throws(TrainingError) -> [[Double]] {
    let logits = try stream.step(["tokens": Tensor([tokens.count], tokens)])["logits"]
    let count = vocabulary.count
    let values = logits?.doubles ?? []
    return tokens.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
  }

  /// Reads a text from its beginning; returns the logits of the next token.
  ///
  /// An empty text counts as the end of a line, so that a new line begins.
  func begin(_ prompt: [Int32]) throws(TrainingError) -> [Double] {
    stream.reset()
    let tokens = prompt.isEmpty ? vocabulary.encode("\n") : prompt
    let logits = try stream.run(["tokens": Tensor([tokens.count, 1], tokens)])["logits"]
    return Array((logits?.doubles ?? []).suffix(vocabulary.count))
  }
}
