public import EbbFiles
public import EbbTensors
internal import Foundation

/// Handwritten digits, read one pixel per step (Le, Jaitly & Hinton 2015, section 4.2): row by row, or in a random
/// order that is the same for all pictures.
///
/// The class must be answered after the last pixel. The paper gives no criterion; here the task is solved at the level
/// of its IRNN: fewer than 3% wrong, or 18% if permuted.
public struct SequentialDigits: SequenceTask, Hashable {
  /// The pictures to train on.
  public let training: LabelledImages
  /// The pictures to test with.
  public let heldOut: LabelledImages
  /// The order in which pixels are read; nil for row by row.
  public let order: [Int]?

  /// - Parameters:
  ///   - training: The pictures to train on.
  ///   - heldOut: The pictures to test with, of the same size.
  ///   - permutationSeed: Draws the order of the pixels; nil for row by row.
  /// - Throws: `FileError` if the pictures have different sizes or more than ten classes.
  public init(
    training: LabelledImages, heldOut: LabelledImages, permutationSeed: UInt64? = nil
  ) throws(FileError) {
    guard (training.height, training.width) == (heldOut.height, heldOut.width) else {
      throw FileError(
        "digits",
        "the pictures to train on have \(training.height) × \(training.width) pixels, the held-out ones "
          + "\(heldOut.height) × \(heldOut.width)")
    }
    for (part, images) in [("train on", training), ("test on", heldOut)] {
      if let (picture, label) = images.labels.enumerated().first(where: { !(0...9).contains($0.element) }) {
        throw FileError("digits", "a label is \(label), that of picture \(picture) to \(part); digits are 0 to 9")
      }
    }
    self.training = training
    self.heldOut = heldOut
    order = permutationSeed.map { Self.permutation(training.pixelCount, seed: $0) }
  }

  /// Reads the four files of a folder, with the names of MNIST's files: `train-images-idx3-ubyte`,
  /// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`.
  public init(folder: String, permutationSeed: UInt64? = nil) throws(FileError) {
    func images(_ part: String) throws(FileError) -> LabelledImages {
      try LabelledImages(
        images: "\(folder)/\(part)-images-idx3-ubyte", labels: "\(folder)/\(part)-labels-idx1-ubyte")
    }
    try self.init(
      training: try images("train"), heldOut: try images("t10k"), permutationSeed: permutationSeed)
  }

  public var name: String {
    "digits of \(training.height) × \(training.width) pixels, \(order == nil ? "row by row" : "permuted")"
  }
  public var length: Int { training.pixelCount }
  public var features: Int { 1 }
  public var answer: TaskAnswer { .label(classes: 10) }
  public var criterion: SuccessCriterion { .wrongSequencesBelow(order == nil ? 0.03 : 0.18) }

  /// The frequencies p of the held-out classes: −Σ p ln p, and the largest of them.
  public var baseline: TaskBaseline {
    let counts = (0..<10).map { digit in heldOut.labels.count { $0 == digit } }
    let frequencies = counts.map { Double($0) / Double(heldOut.count) }
    return TaskBaseline(
      loss: frequencies.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }, accuracy: frequencies.max() ?? 0,
      strategy: "the frequencies of the classes")
  }

  /// A training batch draws its pictures uniformly. Held-out batches go through the pictures in order and start again
  /// after the last.
  public func batch(size: Int, seed: UInt64, step: Int, for purpose: TaskPurpose = .training) -> [String: Tensor] {
    let draws = TaskDraws(0xD161_0000_0000_0000, seed: seed, step: step, purpose)
    let images: LabelledImages
    let chosen: [Int]
    switch purpose {
    case .training:
      images = training
      chosen = (0..<size).map { draws.choice($0, 0, below: training.count) }
    case .heldOut:
      images = heldOut
      chosen = (0..<size).map { (step * size + $0) % heldOut.count }
    }
    var x: [Float] = []
    x.reserveCapacity(length * size)
    for step in 0..<length {
      let pixel = order?[step] ?? step
      for image in chosen { x.append(Float(images.pixels[image * length + pixel]) / 255) }
    }
    return ["x": Tensor([length, size, 1], x), "target": Tensor([size], chosen.map { Int32(images.labels[$0]) })]
  }

  /// Fisher–Yates shuffle: all orders are equally likely.
  private static func permutation(_ count: Int, seed: UInt64) -> [Int] {
    let draws = TaskDraws(0xD162_0000_0000_0000, seed: seed, step: 0, .training)
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, draws.choice(0, last, below: last + 1))
    }
    return order
  }
}

extension SequentialDigits {
  /// Identifies the data in a checkpoint: their number, and a checksum.
  public var fingerprint: String {
    var sum = Fingerprint()
    for part in [training, heldOut] {
      for bytes in [part.pixels, part.labels] {
        sum.add(UInt64(bytes.count))
        for byte in bytes { sum.add(UInt64(byte)) }
      }
    }
    return "\(training.count + heldOut.count) pictures (\(sum.text))"
  }
}
