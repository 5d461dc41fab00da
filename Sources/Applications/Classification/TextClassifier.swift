public import EbbExecution
public import EbbFiles
internal import EbbGraph
internal import EbbRecording
public import EbbTensors
public import EbbTraining
internal import EbbTransforms

/// A trained text classifier: the probability of each class, and the words that it depends on.
public final class TextClassifier {
  /// The contents of a file in addition to the parameters.
  public struct Configuration: Codable, Hashable, Sendable {
    /// The network's sizes.
    public var network: ClassifierNetwork
    /// The words that it knows.
    public var words: WordList
    /// The names of the classes, by number.
    public var classes: [String]

    /// The problem with this configuration, and what would be right; nil if there is none.
    var problem: String? {
      network.problem
        ?? ((2...4096).contains(classes.count) ? nil : "there are 2 to 4096 classes, not \(classes.count)")
    }
  }

  /// The kind of these models' files.
  public static let kind = "classifier"

  /// The contents of the file in addition to the parameters.
  public let configuration: Configuration
  /// The parameters by name.
  public let parameters: [String: Tensor]
  /// Logits, loss and the loss's gradient with respect to the words' vectors, without dropout.
  private let program: Executable

  private let recording: Recording

  /// - Throws: `TrainingError` if the configuration is invalid or the parameters do not fit it.
  public convenience init(
    _ configuration: Configuration, parameters: [String: Tensor], options: ExecutionOptions = ExecutionOptions()
  ) throws(TrainingError) {
    try self.init(configuration, Self.recording(configuration), parameters, options)
  }

  /// Reads a file from `file().write(to:)`. The network comes from the file, as trained.
  public convenience init(
    _ file: ModelFile, options: ExecutionOptions = ExecutionOptions()
  ) throws(FileError) {
    let configuration = try file.configuration(Configuration.self, kind: Self.kind)
    if let problem = configuration.problem { throw FileError(file.source, problem) }
    let saved = try file.recording()
    do {
      let recording: Recording
      if let saved { recording = saved } else { recording = try Self.recording(configuration) }
      try self.init(configuration, recording, file.parameters, options)
    } catch {
      throw FileError(file.source, error.description)
    }
  }

  private init(
    _ configuration: Configuration, _ recording: Recording, _ parameters: [String: Tensor], _ options: ExecutionOptions
  ) throws(TrainingError) {
    try recording.check(
      inputs: ["words": "i32 {t, b}", "lengths": "i32 {b}", "target": "i32 {b}"],
      outputs: ["logits": "f32 {b} [\(configuration.classes.count)]", "loss": "f32"],
      values: ["vectors": "f32 {t, b} [\(configuration.network.embedding)]"])
    try recording.check(parameters)
    self.configuration = configuration
    self.recording = recording
    self.parameters = parameters
    program = try Trainer.compile(try Self.graph(recording), options)
  }

  /// The model as a file: the parameters, the network's equations, and the configuration.
  public func file() throws(FileError) -> ModelFile {
    try ModelFile(kind: Self.kind, configuration: configuration, parameters: parameters, recording: recording)
  }

  /// - Parameter classWeights: How much each class counts in the loss of training; nil for alike.
  static func recording(
    _ configuration: Configuration, classWeights: [Double]? = nil
  ) throws(TrainingError) -> Recording {
    if let problem = configuration.problem { throw .setting(problem) }
    do {
      return try .classifier(
        configuration.network, words: configuration.words.count, classes: configuration.classes.count,
        classWeights: classWeights)
    } catch {
      throw .recording(error)
    }
  }

  /// The network in evaluation, with the gradient of the loss at each word's vector.
  private static func graph(_ recording: Recording) throws(TrainingError) -> Graph {
    var graph = recording.evaluationGraph
    guard let loss = graph.output(named: "loss"), let vectors = graph.node(named: "vectors") else {
      preconditionFailure("a classifier has a loss and names its words' vectors")
    }
    do {
      let gradient = try graph.gradient(of: loss, withRespectTo: [vectors])[0]
      graph.setOutput("vectors", vectors)
      graph.setOutput("gradient", gradient)
    } catch {
      throw .differentiation(error)
    }
    return graph
  }

  // MARK: Reading

  /// Classifies a text, with the influence of each word.
  ///
  /// - Throws: `TrainingError` if the text is empty or the model's output is not finite.
  public func classify(_ text: String) throws(TrainingError) -> Classification {
    guard !ReviewWords.words(of: text).isEmpty else {
      throw .setting("the text is empty: there is no word to tell its class by")
    }
    let words = configuration.words.encode(text)
    // The most likely class does not depend on the target; the gradient is of that class's loss.
    let logits = try run(words.map(\.number), target: 0)["logits"]?.doubles ?? []
    guard logits.allSatisfy(\.isFinite) else {
      throw .setting("the model's output is not finite: its parameters are damaged")
    }
    let label = logits.indices.max { logits[$0] < logits[$1] } ?? 0
    let results = try run(words.map(\.number), target: label)
    guard let vectors = results["vectors"]?.doubles, let gradient = results["gradient"]?.doubles else {
      preconditionFailure("the program returns the words' vectors and their gradient")
    }
    let features = configuration.network.embedding
    let scored = words.enumerated().map { step, word in
      let places = step * features..<(step + 1) * features
      return Classification.Word(
        text: word.word, isKnown: word.number > 0,
        gradientNorm: euclideanNorm(Array(gradient[places])),
        support: -places.reduce(0) { $0 + gradient[$1] * vectors[$1] })
    }
    return Classification(classes: configuration.classes, logits: logits, label: label, words: scored)
  }

  private func run(_ words: [Int32], target: Int) throws(TrainingError) -> [String: Tensor] {
    try program.run(EncodedTexts.batch([words], labels: [target]), parameters: parameters)
  }
}
