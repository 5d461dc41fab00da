internal import EbbGraph
package import EbbRecording
package import EbbTensors

/// Samples of a network's inputs, from which batches are taken along the batch axis.
package struct SampleRows {
  /// How many samples there are.
  package let count: Int
  private let samples: [String: Tensor]
  /// The batch dimension of each input; inputs without one are the same in every batch.
  private let places: [String: Int]

  /// Throws unless the network has one batch axis and all inputs have the same number of samples.
  ///
  /// - Parameter layout: The order of the samples' dimensions, which the batches keep.
  package init(
    _ samples: [String: Tensor], of recording: Recording, layout: SampleLayout = .timeFirst
  ) throws(TrainingError) {
    let graph = recording.graph
    let axes = graph.axes.indices.filter { graph.axes[$0].kind == .batch }.map { Axis($0) }
    guard axes.count == 1 else {
      throw .setting("samples are taken along the one batch axis of a network, and this one has \(axes.count)")
    }
    var places: [String: Int] = [:]
    var counts: [String: Int] = [:]
    for input in recording.inputs {
      let domain = graph.type(input.node).domain
      guard let position = Array(domain).firstIndex(of: axes[0]),
        let place = layout.order(domain, in: graph).firstIndex(of: position)
      else { continue }
      places[input.name] = place
      // Missing inputs and wrong ranks are reported by the run, with everything that it expects.
      if let tensor = samples[input.name], place < tensor.dimensions.count {
        counts[input.name] = tensor.dimensions[place]
      }
    }
    guard let count = counts.values.min(), count >= 1 else {
      let names = recording.inputs.map(\.name).joined(separator: ", ")
      throw .setting("there is no sample to train on; the inputs are \(names)")
    }
    guard counts.values.allSatisfy({ $0 == count }) else {
      let found = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      var hint = ""
      if layout == .timeFirst, (try? SampleRows(samples, of: recording, layout: .batchFirst)) != nil {
        hint = "; they are as many if samples come first, as in [B, T, features]: give Trainer layout: .batchFirst"
      }
      throw .setting("every input has as many samples; found \(found)\(hint)")
    }
    (self.count, self.samples, self.places) = (count, samples, places)
  }

  /// These samples of every input, in this order.
  package func batch(_ rows: [Int]) -> [String: Tensor] {
    var batch = samples
    for (name, place) in places {
      guard let tensor = samples[name], place < tensor.dimensions.count else { continue }
      batch[name] = tensor.taking(rows, along: place)
    }
    return batch
  }

  /// The numbers 0 ..< count in an order that depends on the seed and the epoch (Fisher & Yates, in the form of
  /// Durstenfeld 1964).
  static func shuffled(_ count: Int, seed: UInt64, epoch: Int) -> [Int] {
    let random = RandomStream(seed: seed, run: UInt64(epoch), stream: 0x5A3B_0000_0000_0001)
    var rows = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      let draw = random.value(.uniform, at: [UInt32(truncatingIfNeeded: last), 0, 0], element: 0)
      rows.swapAt(last, min(last, Int(draw * Double(last + 1))))
    }
    return rows
  }
}

extension Tensor {
  /// The slices at these indices of a dimension.
  func taking(_ indices: [Int], along dimension: Int) -> Tensor {
    let inner = dimensions[(dimension + 1)...].reduce(1, *)
    let outer = dimensions[..<dimension].reduce(1, *)
    let length = dimensions[dimension]
    func taken<Element>(_ values: [Element]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(outer * indices.count * inner)
      for block in 0..<outer {
        for index in indices {
          let first = (block * length + index) * inner
          result += values[first..<(first + inner)]
        }
      }
      return result
    }
    var dimensions = dimensions
    dimensions[dimension] = indices.count
    switch storage {
    case .float32(let values): return Tensor(dimensions, taken(values))
    case .float64(let values): return Tensor(dimensions, taken(values))
    case .int32(let values): return Tensor(dimensions, taken(values))
    case .bool(let values): return Tensor(dimensions, taken(values))
    }
  }
}
