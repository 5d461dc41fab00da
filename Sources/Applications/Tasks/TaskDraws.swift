internal import EbbTensors

/// The random numbers of a batch. Each has an address, so that more samples do not change the first ones.
struct TaskDraws {
  private let random: RandomStream

  /// - Parameter task: A unique number for each task, so that no stream of a network with the same seed and no other
  ///   task has the same numbers. The last four bits are reserved for the purpose.
  init(_ task: UInt64, seed: UInt64, step: Int, _ purpose: TaskPurpose) {
    let id: UInt64 =
      switch purpose {
      case .training: task + 1
      case .heldOut: task + 2
      }
    random = RandomStream(seed: seed, run: UInt64(step), stream: id)
  }

  /// Uniform on [0, 1), in 24 bits: rounded down, so that a Float32 stays below 1.
  func number(_ sample: Int, step: Int, _ element: Int = 0) -> Float {
    Float((uniform(sample, step, 0, element) * 0x1p24).rounded(.down) * 0x1p-24)
  }

  /// Normal with mean 0 and this variance.
  func normal(_ sample: Int, step: Int, variance: Double) -> Float {
    Float(random.value(.normal, at: [UInt32(sample), UInt32(step), 2], element: 0) * variance.squareRoot())
  }

  /// One of the integers 0 ..< count at a step.
  func symbol(_ sample: Int, step: Int, below count: Int) -> Int {
    Int(uniform(sample, step, 0, 0) * Double(count))
  }

  /// One of the integers 0 ..< count for a whole sample; each `choice` is independent.
  func choice(_ sample: Int, _ choice: Int, below count: Int) -> Int {
    Int(uniform(sample, 0, 1, choice) * Double(count))
  }

  /// One of the integers of a range that is not empty.
  func choice(_ sample: Int, _ index: Int, in range: Range<Int>) -> Int {
    range.lowerBound + choice(sample, index, below: range.count)
  }

  private func uniform(_ sample: Int, _ step: Int, _ kind: UInt32, _ element: Int) -> Double {
    random.value(.uniform, at: [UInt32(sample), UInt32(step), kind], element: UInt32(element))
  }
}

/// Sequences of symbols, by step and then by sample.
struct SymbolBatch {
  let length: Int
  let size: Int
  private(set) var symbols: [Int]

  init(length: Int, size: Int, _ symbol: (_ step: Int, _ sample: Int) -> Int) {
    (self.length, self.size) = (length, size)
    symbols = []
    symbols.reserveCapacity(length * size)
    for step in 0..<length {
      for sample in 0..<size { symbols.append(symbol(step, sample)) }
    }
  }

  /// One of `count` numbers is 1, the others 0: [T, B, count].
  func oneHot(_ count: Int) -> Tensor {
    var x = [Float](repeating: 0, count: symbols.count * count)
    for (position, symbol) in symbols.enumerated() { x[position * count + symbol] = 1 }
    return Tensor([length, size, count], x)
  }

  /// The symbols as targets: [T, B].
  var targets: Tensor { Tensor([length, size], symbols.map(Int32.init)) }

  /// True at the steps of a range: [T, B].
  func mask(_ steps: Range<Int>) -> Tensor {
    Tensor([length, size], symbols.indices.map { steps.contains($0 / size) })
  }
}
