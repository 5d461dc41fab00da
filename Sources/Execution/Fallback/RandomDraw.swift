internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// Random numbers, row by row: the numbers of a row are drawn together and stored where they belong. They are those that
/// a stream gives one at a time, to the bit.
struct RandomDraw {
  private let kernel: @convention(c) (UnsafePointer<ebb_draw>) -> Void
  private let stream: UInt64
  private let fallback: ScalarFallback
  /// For each axis of the domain, in order, its place in the counter, and whether it numbers the samples of a batch.
  private let counters: Table<Counter>
  /// Runs of features that lie side by side.
  private let runs: Table<Run>
  private let axes: [Axis]
  private let slice: Slice?

  private struct Counter: BitwiseCopyable {
    var axis: Int
    var countsSamples: Bool
  }

  private struct Run: BitwiseCopyable {
    var first: Int
    var count: Int
    /// Bytes from the start of the row.
    var offset: Int
  }

  /// Nil if the node draws no numbers.
  init?(_ binder: Binder, _ equation: GeneralCall, sweep: Axis?, slice: Slice?) {
    guard case .random(let distribution, let stream) = equation.operation else { return nil }
    let fallback = ScalarFallback(binder, equation, sweep: sweep)
    self.stream = UInt64(stream)
    self.fallback = fallback
    self.slice = slice
    let result = fallback.result
    let kernels = binder.instructionSet.kernels(result.storage)
    kernel =
      switch distribution {
      case .uniform: kernels.uniforms
      case .normal: kernels.normals
      }
    counters = binder.arena.table(
      fallback.type.domain.map { Counter(axis: $0.index, countsSamples: binder.sampleAxes.contains($0)) })
    axes = fallback.type.domain.filter { $0 != sweep }
    var runs: [Run] = []
    for feature in 0..<fallback.features {
      let offset = result.offsets[feature]
      if let last = runs.last, offset == last.offset + last.count * result.storage.bytes {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(first: feature, count: 1, offset: offset))
      }
    }
    self.runs = binder.arena.table(runs)
  }

  func run(_ step: Int) {
    let draw = fallback.binder.draw.value
    let key = RandomStream(seed: draw.seed, run: draw.run, stream: stream).key
    withScratch(0, count: fallback.binder.lengths.count) { indices in
      if let sweep = fallback.sweep { indices[sweep.index] = step }
      fallback.forEach(axes, indices, slice: slice) {
        var position = SIMD3<UInt32>.zero
        for place in counters.indices {
          let counter = counters[place]
          // A sample has its number in the whole batch, so that its random numbers are the same in any part of it.
          position[place] = UInt32(indices[counter.axis]) + (counter.countsSamples ? draw.firstSample : 0)
        }
        let row = fallback.result.row(indices)
        for index in runs.indices {
          let run = runs[index]
          var call = ebb_draw(
            key: (key[0], key[1]), counter: (position[0], position[1], position[2]), first: UInt32(run.first),
            count: run.count, out: (row + run.offset).pointer)
          kernel(&call)
        }
      }
    }
  }
}
