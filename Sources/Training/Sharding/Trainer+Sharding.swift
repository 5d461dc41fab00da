internal import EbbExecution
internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

extension Trainer {
  /// What a batch in shards gives: the loss, the penalties, the gradients, and the states that it leaves.
  struct ShardedSums {
    var loss: Double
    var penalties: [Double]
    var gradients: [String: Tensor]
    var states: [String: Tensor]?
  }

  /// The loss, the penalties and the gradients of a batch in shards.
  ///
  /// Each shard is a run of its own. Its samples have the random numbers that they have in the whole batch, and it counts
  /// with its share of what the loss is a mean over. A shard without samples, of a batch that is smaller than their
  /// number, adds nothing.
  func shardedSums(_ batch: [String: Tensor], _ sharding: Sharding) throws(TrainingError) -> ShardedSums {
    guard !recording.parameters.contains(where: { $0.update != nil }) else {
      throw .setting("samples of a network that keeps buffers are not trained on in shards")
    }
    let samples = try SampleRows(batch, of: recording)
    let rows = (0..<sharding.shards).map { sharding.rows($0, of: samples.count) }
    let filled = rows.indices.filter { !rows[$0].isEmpty }
    let parts = filled.map { samples.batch(Array(rows[$0])) }
    let shares = try shares(of: parts)
    let shapes = trainedParameters.compactMap { host.parameters[$0] }
    let sum = GradientSum(of: shapes.reduce(0) { $0 + $1.count }, sharding.group)
    var numbers: [[Double]] = []
    var states: [[Double]] = []
    let width = carried?.width(of: rows.map(\.count).max() ?? 0) ?? 0
    for shard in sharding.own {
      guard let place = filled.firstIndex(of: shard) else {
        sum.add([Float](repeating: 0, count: sum.count))
        numbers.append([Double](repeating: 0, count: 1 + regularizers.count))
        states.append([Double](repeating: 0, count: width))
        continue
      }
      let session = try runShard(parts[place], rows[shard])
      func number(_ name: String) -> Double { session.output(name).doubles.reduce(0, +) }
      numbers.append([shares[place] * number(loss)] + regularizers.indices.map { number(Self.penaltyName($0)) })
      sum.add(try gradients(session, share: shares[place], count: sum.count))
      let left = carried?.numbers(after: session) ?? []
      states.append(left + repeatElement(0, count: width - left.count))
    }
    let count = Double(filled.count)
    // First, as the processes do one thing at a time.
    let gradients = named(sum.result(), shapes, scale: 1 / count)
    let totals = sharding.sum(numbers).map { $0 / count }
    return ShardedSums(
      loss: totals[0], penalties: Array(totals.dropFirst()), gradients: gradients,
      states: carried?.states(of: sharding.gather(states), rows))
  }

  /// The training program on these samples of the batch.
  private func runShard(_ part: [String: Tensor], _ rows: Range<Int>) throws(TrainingError) -> Session {
    var part = part
    if let carried { part = try carried.completed(part, carried.states(host.carried, of: rows)) }
    return try runTraining(part, run: host.run, firstSample: rows.lowerBound)
  }

  /// The gradients of a run as one list.
  private func gradients(_ session: Session, share: Double, count: Int) throws(TrainingError) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count)
    for name in trainedParameters {
      guard case .float32(let part) = session.output(Self.gradientName(name)).scaled(by: share).storage else {
        throw .setting("gradients of 64 bits are not summed in shards; parameters have 32")
      }
      values += part
    }
    return values
  }

  private func named(_ sum: [Float], _ shapes: [Tensor], scale: Double) -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    var start = 0
    for (name, shape) in zip(trainedParameters, shapes) {
      let end = start + shape.count
      result[name] = Tensor(shape.dimensions, Array(sum[start..<end])).scaled(by: scale)
      start = end
    }
    return result
  }
}

/// The states of streams that are shared among processes. Every process keeps those of all streams, so that each could
/// write a checkpoint, and any number of processes can go on from it.
extension CarriedGraph {
  /// The states of these streams.
  func states(_ states: [String: Tensor]?, of rows: Range<Int>) -> [String: Tensor]? {
    guard let states else { return nil }
    return Dictionary(
      uniqueKeysWithValues: self.states.compactMap { state in
        states[state.name].map { value in
          (state.name, state.isOfStreams(graph) ? value.taking(Array(rows), along: 0) : value)
        }
      })
  }

  /// How many numbers the states of so many streams are.
  func width(of streams: Int) -> Int {
    states.reduce(0) { $0 + $1.type.shape.array.reduce(1, *) * ($1.isOfStreams(graph) ? streams : 1) }
  }

  /// All states that a run leaves, as one list.
  func numbers(after session: Session) -> [Double] { states.flatMap { session.output($0.name).doubles } }

  /// The states of all streams from those of the shards, as `numbers` gives them.
  func states(of shards: [[Double]], _ rows: [Range<Int>]) -> [String: Tensor] {
    var starts = [Int](repeating: 0, count: shards.count)
    var result: [String: Tensor] = [:]
    for state in states {
      let features = state.type.shape.array
      let size = features.reduce(1, *)
      let isOfStreams = state.isOfStreams(graph)
      var values: [Double] = []
      for shard in shards.indices where !rows[shard].isEmpty {
        let end = starts[shard] + size * (isOfStreams ? rows[shard].count : 1)
        if isOfStreams || values.isEmpty { values += shards[shard][starts[shard]..<end] }
        starts[shard] = end
      }
      let dimensions = (isOfStreams ? [rows.reduce(0) { $0 + $1.count }] : []) + features
      result[state.name] = Tensor(dimensions, values, as: state.type.element)
    }
    return result
  }
}

extension CarriedGraph.State {
  /// Whether each stream has its own.
  fileprivate func isOfStreams(_ graph: Graph) -> Bool {
    type.domain.contains { graph.description(of: $0).kind == .batch }
  }
}
