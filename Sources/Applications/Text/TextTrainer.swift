public import EbbExecution
public import EbbRecording
internal import EbbTensors
public import EbbTraining

/// Trains a language model with any recurrent cell on a text whose last part is held out.
///
/// ```swift
/// let trainer = try TextTrainer(TextFile(contentsOf: "shakespeare.txt"), settings: TextSettings()) { LSTM(units: $0) }
/// let result = try trainer.train()
/// print(try trainer.model().complete("I am going to the").text)
/// ```
public final class TextTrainer {
  /// How the model is built and trained.
  public let settings: TextSettings
  /// The tokens of the training part.
  public let vocabulary: Vocabulary
  /// The trainer of the network.
  public let trainer: Trainer
  /// The training part.
  public let training: TokenStreams
  /// The held-out part.
  public let heldOut: TokenStreams
  /// The fraction of the held-out tokens that are not in the vocabulary.
  public let unknownFraction: Double
  /// Identifies the text that was trained on.
  public let dataFingerprint: String
  private let makeCell: (Int) -> any RecurrentCell
  private let source: String
  /// The network for tests, made at the first test.
  private var tested: StreamingModel?

  /// - Parameters:
  ///   - file: The whole text; its last part is held out.
  ///   - settings: The vocabulary, the network, and the training.
  ///   - clipping: How gradients are limited; nil for the settings' largest norm.
  ///   - adam: The optimizer; its learning rate is that of the settings.
  ///   - options: Threads, instruction set and memory limits.
  ///   - progress: Called as a long text is read, with the current activity and the fraction done.
  ///   - cell: Makes a layer with a number of units.
  /// - Throws: `TrainingError` if a setting is invalid, the text is too short, or the cell cannot be recorded.
  public init(
    _ file: TextFile, settings: TextSettings = TextSettings(), clipping: ParameterGradientClipping? = nil,
    adam: Adam = Adam(), options: ExecutionOptions = ExecutionOptions(),
    progress: (_ work: String, _ fraction: Double) -> Void = { _, _ in },
    cell: @escaping (_ units: Int) -> any RecurrentCell
  ) throws(TrainingError) {
    if let problem = settings.problem { throw .setting(problem) }
    makeCell = cell
    source = file.source
    dataFingerprint = file.fingerprint
    let parts = HalvedText(file.text, heldOut: settings.heldOutFraction) { progress("measuring", $0) }
    // The vocabulary comes from the training part: nothing held out is known.
    vocabulary = Vocabulary(
      ofPart: parts.training, tokenKind: settings.tokenKind, minimumCount: settings.minimumCount,
      limit: settings.vocabularyLimit
    ) { progress("counting", $0) }
    let isByCharacters = settings.tokenKind == .characters
    let trainingTokens = vocabulary.numbers(
      of: parts.training, capacity: isByCharacters ? parts.trainingCount : 0
    ) { progress("encoding", $0) }
    let heldOutTokens = vocabulary.numbers(of: parts.heldOut, capacity: isByCharacters ? parts.heldOutCount : 0)
    let unknown = (0..<heldOutTokens.count).count { heldOutTokens[$0] == 0 }
    unknownFraction = Double(unknown) / Double(max(1, heldOutTokens.count))
    do {
      training = try TokenStreams(
        numbers: trainingTokens, count: settings.batchSize, window: settings.window, stride: settings.stride,
        source: file.source)
      heldOut = try TokenStreams(
        numbers: heldOutTokens, count: Self.heldOutStreams(heldOutTokens.count, settings), window: 1,
        source: "the held-out part of \(file.source)")
    } catch {
      throw .file(error)
    }
    self.settings = try settings.resolved(stepsPerEpoch: training.batchesPerEpoch)
    var adam = adam
    adam.learningRate = settings.learningRate
    trainer = try Trainer(
      try TextModel.recording(settings, tokens: vocabulary.count, cell: cell),
      optimizer: adam, clipping: clipping ?? .globalNorm(settings.clip),
      nonFinitePolicy: .skip, carrying: StateCarrying(stride: settings.stride), seed: settings.seed, options: options)
  }

  /// Each stream starts without a memory, so there are few, long ones.
  private static func heldOutStreams(_ tokens: Int, _ settings: TextSettings) -> Int {
    max(1, min(16, tokens / (20 * settings.window)))
  }

  /// Makes the remaining training steps, and tests the network on the held-out part at intervals. All calls form one
  /// training of the settings' steps.
  ///
  /// - Parameter progress: Called after each step; may save a checkpoint or stop the training.
  public func train(
    progress: (TrainingProgress) throws(TrainingError) -> LoopControl = { _ in .continue }
  ) throws(TrainingError) -> TextTrainingResult {
    let run = try trainer.train(
      allSteps: settings.steps, recentSteps: 50, schedule: settings.schedule,
      validation: Validation(
        // The best parameters are kept, but training continues to its last step.
        every: settings.evaluationInterval, earlyStopping: EarlyStopping(patience: .max)
      ) { [self] _ throws(TrainingError) in try heldOutLoss() },
      batch: { number throws(TrainingError) in training.batch(number) }, progress: progress)
    return TextTrainingResult(
      run: run, heldOutLoss: try heldOutLoss(), bestHeldOutLoss: trainer.state.earlyStopping?.best.value,
      tokenKind: settings.tokenKind, unknownFraction: unknownFraction)
  }

  /// The mean cross entropy of the held-out tokens in nats, with the current parameters.
  public func heldOutLoss() throws(TrainingError) -> Double {
    let model: StreamingModel
    if let tested {
      model = tested
      model.setParameters(trainer.parameters)
    } else {
      model = try StreamingModel(
        trainer.recording, parameters: trainer.parameters, outputs: ["losses"], options: trainer.options)
      tested = model
    }
    var total = 0.0
    for piece in heldOut.pieces(of: settings.window) {
      let losses = try model.run(heldOut.piece(piece, begins: piece.lowerBound == 0))["losses"]
      total += losses?.doubles.reduce(0, +) ?? .nan
    }
    return total / Double(heldOut.length * heldOut.count)
  }

  /// The current model.
  ///
  /// - Parameters:
  ///   - best: With the parameters that were best on the held-out part, if it was tested.
  ///   - name: The cell's name in the model's file.
  public func model(best: Bool = false, cell name: String = "") throws(TrainingError) -> TextModel {
    let parameters = (best ? trainer.state.earlyStopping?.bestParameters : nil) ?? trainer.parameters
    return try TextModel(
      TextModel.Configuration(cell: name, settings: settings, vocabulary: vocabulary), parameters: parameters,
      options: trainer.options, cell: makeCell)
  }
}

/// A text whose last part is held out, measured in characters.
private struct HalvedText {
  let training: Substring
  let heldOut: Substring
  let trainingCount: Int
  let heldOutCount: Int

  init(_ text: String, heldOut fraction: Double, progress: (Double) -> Void) {
    var count = 0
    text[...].forEachCharacter(progress: progress) { _, _, _ in count += 1 }
    heldOutCount = Int((Double(count) * fraction).rounded())
    trainingCount = count - heldOutCount
    let border = text.index(text.endIndex, offsetBy: -heldOutCount)
    (training, heldOut) = (text[..<border], text[border...])
  }
}
