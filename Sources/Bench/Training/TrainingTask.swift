internal import EbbApplications
internal import EbbCells

package import EbbExecution
internal import EbbRecording
package import EbbTensors
package import EbbTraining

/// A network as one of the applications trains it, and a batch for it: the work of `ebb bench --training`.
///
/// Tokens, words and values are drawn: their meaning has no influence on the time of a step.
public struct TrainingTask: Sendable, Hashable {
  /// What is trained, with its sizes.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A language model of characters, whose states go on from batch to batch; Adam, the gradient's norm clipped to 1.
    case characters
    /// A classifier of reviews: embedding, an LSTM in both directions, the maximum and the mean over the words of each
    /// text; AdamW, the norm clipped to 1, a mean of the weights.
    case reviews
    /// A forecast from a window of a table: an LSTM, a read-out of its last step; Adam, the norm clipped to 1.
    case forecast
  }

  /// What is trained.
  public var kind: Kind
  /// Whether the network has the dropout of its application.
  public var hasDropout: Bool
  /// Steps of a sequence: characters, words at most, rows.
  public var length: Int
  /// Sequences of a batch.
  public var batch: Int
  /// Different tokens or words, or columns of the table.
  public var features: Int
  /// Features of a token's vector; a forecast has none.
  public var embedding: Int
  /// Units of each LSTM.
  public var units: Int
  /// Layers.
  public var layers: Int

  /// A task of any sizes.
  public init(
    _ kind: Kind, hasDropout: Bool, length: Int, batch: Int, features: Int, embedding: Int, units: Int, layers: Int
  ) {
    self.kind = kind
    self.hasDropout = hasDropout
    (self.length, self.batch, self.features) = (length, batch, features)
    (self.embedding, self.units, self.layers) = (embedding, units, layers)
  }

  /// Characters without and with dropout, reviews with and without, and the forecast, in the sizes of the applications.
  public static let all = [
    TrainingTask(
      .characters, hasDropout: false, length: 100, batch: 64, features: 65, embedding: 256, units: 256, layers: 2),
    TrainingTask(
      .characters, hasDropout: true, length: 100, batch: 64, features: 65, embedding: 256, units: 256, layers: 2),
    TrainingTask(
      .reviews, hasDropout: false, length: 240, batch: 32, features: 20_000, embedding: 100, units: 64, layers: 1),
    TrainingTask(
      .reviews, hasDropout: true, length: 240, batch: 32, features: 20_000, embedding: 100, units: 64, layers: 1),
    TrainingTask(
      .forecast, hasDropout: false, length: 24, batch: 32, features: 4, embedding: 0, units: 32, layers: 1),
  ]

  /// The name of the row.
  public var name: String {
    switch kind {
    case .characters: hasDropout ? "characters, dropout" : "characters"
    case .reviews: hasDropout ? "reviews, dropout" : "reviews"
    case .forecast: "forecast"
    }
  }

  /// A summary for people.
  public var summary: String { "T = \(length), B = \(batch), \(units) units" }
}

extension TrainingTask {
  /// The same without dropout.
  var withoutDropout: TrainingTask {
    var task = self
    task.hasDropout = false
    return task
  }

  /// A trainer as the application makes it.
  package func trainer(_ options: ExecutionOptions, seed: UInt64 = 1) throws(TrainingError) -> Trainer {
    switch kind {
    case .characters:
      let recording: Recording
      do {
        recording = try .languageModel(
          (0..<layers).map { _ in LSTM(units: units) }, tokens: features, embedding: embedding,
          dropout: hasDropout ? 0.2 : 0)
      } catch {
        throw .recording(error)
      }
      return try Trainer(
        recording, optimizer: Adam(learningRate: rate), clipping: .globalNorm(1), nonFinitePolicy: .skip,
        carrying: StateCarrying(), seed: seed, options: options)
    case .reviews:
      // PyTorch's LSTM has no dropout of the state, so here there is none either.
      let network =
        hasDropout
        ? ClassifierNetwork(embedding: embedding, units: units, layers: layers, recurrentDropout: 0)
        : ClassifierNetwork(
          embedding: embedding, units: units, layers: layers, wordDropout: 0, embeddingDropout: 0, recurrentDropout: 0,
          dropout: 0)
      let recording: Recording
      do { recording = try .classifier(network, words: features, classes: 2) } catch { throw .recording(error) }
      return try Trainer(
        recording, optimizer: AdamW(learningRate: rate), clipping: .globalNorm(1),
        groups: [ParameterGroup("*.bias", weightDecay: WeightDecay.none)], averaging: .exponential(decay: 0.99),
        seed: seed, options: options)
    case .forecast:
      return try Trainer(
        .forecast(LSTM(units: units), columns: features, horizon: 1, fileID: #fileID, line: #line),
        optimizer: Adam(learningRate: rate), clipping: .globalNorm(1), seed: seed, options: options)
    }
  }

  /// The optimizer's rate.
  var rate: Double { kind == .characters ? 4e-3 : kind == .reviews ? 2e-3 : 3e-3 }

  /// A batch that is drawn.
  package func drawnBatch(seed: UInt64 = 1) -> [String: Tensor] {
    /// `count` integers below `limit`.
    func integers(_ stream: UInt64, _ count: Int, below limit: Int) -> [Int32] {
      RandomStream(seed: seed, stream: stream).values(.uniform, count).map { Int32($0 * Double(limit)) }
    }
    func floats(_ stream: UInt64, _ dimensions: [Int]) -> Tensor {
      Tensor(
        dimensions, RandomStream(seed: seed, stream: stream).values(.normal, dimensions.reduce(1, *)), as: .float32)
    }
    switch kind {
    case .characters:
      return [
        "tokens": Tensor([length, batch], integers(1, length * batch, below: features)),
        "targets": Tensor([length, batch], integers(2, length * batch, below: features)),
      ]
    case .reviews:
      // The application puts texts of about one length together; the longest has all the steps.
      let least = max(1, length / 2)
      let lengths = integers(1, batch, below: length - least + 1).map { $0 + Int32(least) }
      let longest = lengths.dropFirst() + [Int32(length)]
      var words = integers(2, length * batch, below: features)
      for step in 0..<length {
        for (text, end) in longest.enumerated() where step >= end { words[step * batch + text] = 0 }
      }
      return [
        "words": Tensor([length, batch], words), "lengths": Tensor([batch], Array(longest)),
        "target": Tensor([batch], integers(3, batch, below: 2)),
      ]
    case .forecast:
      return ["x": floats(1, [length, batch, features]), "target": floats(2, [batch, 1])]
    }
  }
}

extension RandomStream {
  /// As many numbers of a distribution.
  fileprivate func values(_ distribution: Distribution, _ count: Int) -> [Double] {
    (0..<count).map { value(distribution, at: [UInt32($0), 0, 0], element: 0) }
  }
}
