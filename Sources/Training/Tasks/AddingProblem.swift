public import EbbTensors

/// The adding problem (Hochreiter & Schmidhuber 1997, experiment 4; in the form of Le, Jaitly & Hinton 2015, section
/// 4.1): a long-term dependency with a scale that everyone knows.
///
/// Each step has two features: a number, uniform on [0, 1), and a mark, 1 at two steps of the sequence and 0 elsewhere.
/// The target is the sum of the two marked numbers. A network that remembers nothing answers 1, with a mean squared
/// error of 2 · 1/12 = 1/6.
public struct AddingProblem: Hashable, Sendable {
  /// The number of steps T, at least 2.
  public var length: Int

  /// The mean squared error of the constant answer 1.
  public static let constantAnswerError = 1.0 / 6

  public init(length: Int) {
    precondition(length >= 2, "two marks need two steps, not \(length)")
    self.length = length
  }

  /// Sequences of which each is used once.
  public enum Purpose: Hashable, Sendable, CaseIterable {
    case training, heldOut
  }

  /// The batch of a step: `x` of [T, B, 2] and `target` of [B, 1], Float32, a function of seed, step and purpose alone.
  public func batch(size: Int, seed: UInt64, step: Int, for purpose: Purpose = .training) -> [String: Tensor] {
    let stream = Stream(seed: seed, step: step, purpose: purpose)
    var x = [Float](repeating: 0, count: length * size * 2)
    var targets = [Float](repeating: 0, count: size)
    for sample in 0..<size {
      let marks = stream.marks(of: sample, length: length)
      for step in 0..<length {
        let index = (step * size + sample) * 2
        x[index] = stream.number(of: sample, at: step)
        guard step == marks.0 || step == marks.1 else { continue }
        x[index + 1] = 1
        targets[sample] += x[index]
      }
    }
    return ["x": Tensor([length, size, 2], x), "target": Tensor([size, 1], targets)]
  }

  /// The random numbers of a batch.
  private struct Stream {
    let random: RandomStream

    init(seed: UInt64, step: Int, purpose: Purpose) {
      // Ids of their own, so that no stream of a network with the same seed gives the same numbers.
      let id: UInt64 =
        switch purpose {
        case .training: 0xADD0_0000_0000_0001
        case .heldOut: 0xADD0_0000_0000_0002
        }
      random = RandomStream(seed: seed, run: UInt64(step), stream: id)
    }

    func number(of sample: Int, at step: Int) -> Float {
      // Rounded down to 24 bits, so that the number stays below 1.
      let uniform = random.value(.uniform, at: [UInt32(sample), UInt32(step), 0], element: 0)
      return Float((uniform * 0x1p24).rounded(.down) * 0x1p-24)
    }

    /// Two different steps, every pair equally likely.
    func marks(of sample: Int, length: Int) -> (Int, Int) {
      func below(_ count: Int, _ element: UInt32) -> Int {
        Int(random.value(.uniform, at: [UInt32(sample), 0, 1], element: element) * Double(count))
      }
      let first = below(length, 0)
      let other = below(length - 1, 1)
      return (first, other < first ? other : other + 1)
    }
  }
}
