public import EbbExecution
public import EbbRecording
public import EbbTensors

/// A trained language model: tells the probabilities of what comes next, and writes on.
public final class TextModel {
  /// What a file holds beside the parameters.
  public struct Configuration: Codable, Hashable, Sendable {
    /// The name of the cell, by which the program that reads the file makes it.
    public var cell: String
    public var settings: TextSettings
    public var vocabulary: Vocabulary

    public init(cell: String, settings: TextSettings, vocabulary: Vocabulary) {
      (self.cell, self.settings, self.vocabulary) = (cell, settings, vocabulary)
    }
  }

  /// The kind of these models' files.
  public static let kind = "text"

  public let configuration: Configuration
  public var vocabulary: Vocabulary { configuration.vocabulary }
  /// The network, step by step.
  public let stream: StreamingModel

  /// - Parameter cell: Makes a layer of so many units.
  public init(
    _ configuration: Configuration, parameters: [String: Tensor], options: ExecutionOptions = ExecutionOptions(),
    cell: (_ units: Int) -> any RecurrentCell
  ) throws(TrainingError) {
    if let problem = configuration.settings.problem { throw .setting(problem) }
    self.configuration = configuration
    let recording = try Self.recording(configuration.settings, tokens: configuration.vocabulary.count, cell: cell)
    stream = try StreamingModel(recording, parameters: parameters, outputs: ["logits"], options: options)
  }

  /// The model as a file: the parameters, and the configuration from which the same network is made.
  public func file() throws(ModelFileError) -> ModelFile {
    try ModelFile(kind: Self.kind, configuration: configuration, parameters: stream.parameters)
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

  /// Reads on in each of some texts, a token of each, and returns the logits of what comes next, by text.
  func read(_ tokens: [Int32]) throws(TrainingError) -> [[Double]] {
    let logits = try stream.step(["tokens": Tensor([tokens.count], tokens)])["logits"]
    let count = vocabulary.count
    let values = logits?.doubles ?? []
    return tokens.indices.map { Array(values[$0 * count..<($0 + 1) * count]) }
  }

  /// Reads a text from its beginning; the logits of what comes next.
  ///
  /// An empty text reads as the end of a line, after which a new one begins.
  func begin(_ prompt: [Int32]) throws(TrainingError) -> [Double] {
    stream.reset()
    let tokens = prompt.isEmpty ? vocabulary.encode("\n") : prompt
    let logits = try stream.run(["tokens": Tensor([tokens.count, 1], tokens)])["logits"]
    return Array((logits?.doubles ?? []).suffix(vocabulary.count))
  }
}
