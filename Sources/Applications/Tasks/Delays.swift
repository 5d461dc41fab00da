public import EbbTensors
internal import Foundation

/// A delay without noise (Hochreiter & Schmidhuber 1997, experiment 2a): only the last symbol is uncertain, and it
/// equals the first.
///
/// There are T + 1 symbols, read one-hot, and two sequences with probability 1/2 each. At every step the next symbol
/// must be predicted:
///
///     y a₁ a₂ … a_{T−1} y        z a₁ a₂ … a_{T−1} z
///
/// Without a memory of the first symbol all but the last can be predicted: ln 2 / T. The paper's criterion is no wrong
/// sequence; here it is fewer than one in 256.
public struct NoiselessDelay: SequenceTask, Hashable {
  /// The number of steps T, at least 2, after which the first symbol must be recalled.
  public var length: Int

  /// The task with this number of steps; traps unless it is at least two.
  public init(length: Int) {
    precondition(length >= 2, "a delay takes two steps, not \(length)")
    self.length = length
  }

  public var name: String { "delay without noise, T = \(length)" }
  public var features: Int { length + 1 }
  public var answer: TaskAnswer { .labels(classes: length + 1) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(1.0 / 256) }

  public var baseline: TaskBaseline {
    TaskBaseline(loss: log(2) / Double(length), accuracy: 0.5, strategy: "the next symbol, at the end either of two")
  }

  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0xDE1A_0000_0000_0000, seed: seed, step: step, purpose)
    // The symbols 0 ..< T − 1 come in order; T − 1 and T are the two to remember.
    func first(_ sample: Int) -> Int { length - 1 + draws.choice(sample, 0, below: 2) }
    let read = SymbolBatch(length: length, size: size) { step, sample in step == 0 ? first(sample) : step - 1 }
    let next = SymbolBatch(length: length, size: size) { step, sample in
      step == length - 1 ? first(sample) : step
    }
    return ["x": read.oneHot(features), "target": next.targets, "judged": next.mask(length - 1..<length)]
  }
}

/// A delay with noise on the same channel: the two-sequence problem (Bengio, Simard & Frasconi 1994; Hochreiter &
/// Schmidhuber 1997, experiments 3a and 3b).
///
/// One number is read at each step. The first `signalLength` steps show the class, +1 or −1; all others are normal with
/// mean 0 and variance 0.2. With `isSignalNoisy` this noise is added to the signal too. The class must be answered
/// after the last step. The paper's first criterion is that none of 256 new sequences is misclassified; its sequences
/// have T to 1.1 · T steps, here all have T.
public struct NoisyDelay: SequenceTask, Hashable {
  /// The number of steps T, more than the signal has.
  public var length: Int
  /// The number of steps of the signal; 1 or 3 in the paper.
  public var signalLength: Int
  /// Whether the signal is noisy too.
  public var isSignalNoisy: Bool

  /// The variance of the noise.
  public static let noiseVariance = 0.2

  /// The task with this number of steps; traps unless the signal is shorter.
  public init(length: Int, signalLength: Int = 3, isSignalNoisy: Bool = false) {
    precondition(signalLength >= 1 && length > signalLength, "\(length) steps have no delay after \(signalLength)")
    self.length = length
    self.signalLength = signalLength
    self.isSignalNoisy = isSignalNoisy
  }

  public var name: String { "delay with noise\(isSignalNoisy ? " on the signal too" : ""), T = \(length)" }
  public var features: Int { 1 }
  public var answer: TaskAnswer { .label(classes: 2) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(1.0 / 256) }

  public var baseline: TaskBaseline {
    TaskBaseline(loss: log(2), accuracy: 0.5, strategy: "either class")
  }

  /// The fraction of sequences that even a perfect memory misclassifies, going by the sign of the signal's mean: Φ(−√(N
  /// / σ²)); 0 for a signal without noise.
  public var leastError: Double {
    isSignalNoisy ? 0.5 * erfc((Double(signalLength) / Self.noiseVariance / 2).squareRoot()) : 0
  }

  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0xDE1B_0000_0000_0000, seed: seed, step: step, purpose)
    let classes = (0..<size).map { draws.choice($0, 0, below: 2) }
    var x: [Float] = []
    x.reserveCapacity(length * size)
    for step in 0..<length {
      for sample in 0..<size {
        let isSignal = step < signalLength
        let noise =
          isSignal && !isSignalNoisy ? 0 : draws.normal(sample, step: step, variance: Self.noiseVariance)
        x.append((isSignal ? Float(2 * classes[sample] - 1) : 0) + noise)
      }
    }
    return ["x": Tensor([length, size, 1], x), "target": Tensor([size], classes.map(Int32.init))]
  }
}
