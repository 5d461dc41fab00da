internal import EbbExecution
internal import EbbRecording
internal import EbbTensors

extension Trainer {
  /// The loss, the penalties and the gradients of a batch in shards.
  ///
  /// Each shard is a run of its own, with its own random numbers, and counts with its share of what the loss is a mean
  /// over. A shard without samples, of a batch that is smaller than their number, adds nothing.
  func shardedSums(
    _ batch: [String: Tensor], _ sharding: Sharding
  ) throws(TrainingError) -> (loss: Double, penalties: [Double], gradients: [String: Tensor]) {
    guard carrying == nil, !recording.parameters.contains(where: { $0.update != nil }) else {
      throw .setting("samples of a network that carries states or keeps buffers are not trained on in shards")
    }
    let samples = try SampleRows(batch, of: recording)
    let rows = (0..<sharding.shards).map { sharding.rows($0, of: samples.count) }
    let filled = rows.indices.filter { !rows[$0].isEmpty }
    let parts = filled.map { samples.batch(Array(rows[$0])) }
    let shares = try shares(of: parts)
    let shapes = trainedParameters.compactMap { host.parameters[$0] }
    let size = shapes.reduce(0) { $0 + $1.count }
    var gradients: [[Float]] = []
    var numbers: [[Double]] = []
    for shard in sharding.own {
      guard let place = filled.firstIndex(of: shard) else {
        gradients.append([Float](repeating: 0, count: size))
        numbers.append([Double](repeating: 0, count: 1 + regularizers.count))
        continue
      }
      let session = try runTraining(parts[place], run: host.run + shard)
      func number(_ name: String) -> Double { session.output(name).doubles.reduce(0, +) }
      numbers.append([shares[place] * number(loss)] + regularizers.indices.map { number(Self.penaltyName($0)) })
      var values: [Float] = []
      values.reserveCapacity(size)
      for name in trainedParameters {
        guard case .float32(let part) = session.output(Self.gradientName(name)).scaled(by: shares[place]).storage else {
          throw .setting("gradients of 64 bits are not summed in shards; parameters have 32")
        }
        values += part
      }
      gradients.append(values)
    }
    var (sum, totals) = sharding.sum(gradients, numbers)
    let count = Double(filled.count)
    totals = totals.map { $0 / count }
    var result: [String: Tensor] = [:]
    var start = 0
    for (name, shape) in zip(trainedParameters, shapes) {
      let end = start + shape.count
      result[name] = Tensor(shape.dimensions, Array(sum[start..<end])).scaled(by: 1 / count)
      start = end
    }
    sum = []
    return (totals[0], Array(totals.dropFirst()), result)
  }
}
