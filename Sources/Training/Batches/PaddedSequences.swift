public import EbbTensors

/// Sequences of different lengths as a network takes them: one tensor, padded at the end to a common length, and the
/// length of each.
///
/// ```swift
/// let sequences = try PaddedSequences([[[0.1], [0.2]], [[0.3], [0.4], [0.5]]])
/// sequences.values.dimensions                // [3, 2, 1]: time, samples, features
/// sequences.lengths                          // [2, 3]
/// try trainer.fit(sequences.inputs().merging(["target": y]) { $1 }, epochs: 10)
/// ```
///
/// `Recording.sequential(…, isRagged: true)` has the inputs `x` and `lengths`. `values` and `lengths` are what `pad_sequence`
/// and `pack_padded_sequence` of PyTorch are given, in any order of lengths; `cut(to:keeping:)` and
/// `paddedBefore(steps:with:)` do what `pad_sequences` of Keras does.
public struct PaddedSequences: Hashable, Sendable {
  /// [T, B, features…], zeros beyond the end of each sequence.
  public var values: Tensor
  /// The length of each sequence: Int32 [B].
  public var lengths: Tensor

  /// Sequences of feature vectors, each with as many features: [T, B, features].
  ///
  /// - Parameters:
  ///   - sequences: The features at each step of each sequence.
  ///   - element: The element type of the values.
  ///   - multiple: T is the smallest multiple of this that holds the longest sequence, so that batches have fewer
  ///     different lengths.
  public init(
    _ sequences: [[[Double]]], as element: ElementType = .float32, multipleOf multiple: Int = 1
  ) throws(TrainingError) {
    let features = sequences.lazy.joined().first?.count ?? 1
    for (index, sequence) in sequences.enumerated() {
      if let step = sequence.firstIndex(where: { $0.count != features }) {
        throw .setting(
          "every step has as many features; the first has \(features), step \(step) of sequence \(index) "
            + "\(sequence[step].count)")
      }
    }
    try self.init(
      sequences.map { Tensor([$0.count, features], $0.flatMap { $0 }, as: element) }, multipleOf: multiple)
  }

  /// Sequences of tokens: Int32 [T, B].
  ///
  /// - Parameters:
  ///   - tokens: The tokens of each sequence.
  ///   - multiple: T is the smallest multiple of this that holds the longest sequence.
  public init(tokens: [[Int]], multipleOf multiple: Int = 1) throws(TrainingError) {
    var sequences: [Tensor] = []
    for (index, sequence) in tokens.enumerated() {
      let numbers = sequence.compactMap { Int32(exactly: $0) }
      guard numbers.count == sequence.count else {
        throw .setting("a token is a whole number of 32 bits; sequence \(index) has a larger one")
      }
      sequences.append(Tensor([numbers.count], numbers))
    }
    try self.init(sequences, multipleOf: multiple)
  }

  /// Sequences of [steps, features…], of one element type and with the same features.
  ///
  /// - Parameters:
  ///   - sequences: At least one; each may have its own number of steps.
  ///   - multiple: T is the smallest multiple of this that holds the longest sequence.
  public init(_ sequences: [Tensor], multipleOf multiple: Int = 1) throws(TrainingError) {
    guard let first = sequences.first else { throw .setting("there is no sequence to pad") }
    guard multiple >= 1 else { throw .setting("lengths are padded to a multiple of at least 1, not \(multiple)") }
    for (index, sequence) in sequences.enumerated() {
      guard sequence.element == first.element, !sequence.dimensions.isEmpty,
        sequence.dimensions.dropFirst() == first.dimensions.dropFirst()
      else {
        throw .setting(
          "sequences are [steps, features…] with the same features; the first is \(first.element.name) "
            + "\(first.dimensions), sequence \(index) \(sequence.element.name) \(sequence.dimensions)")
      }
    }
    let lengths = sequences.map { $0.dimensions[0] }
    let longest = max(1, lengths.max() ?? 1)
    let steps = (longest + multiple - 1) / multiple * multiple
    let features = first.dimensions.dropFirst().reduce(1, *)
    // Where each begins in the steps of all, one after the other.
    var starts: [Int] = []
    var end = 0
    for length in lengths {
      starts.append(end)
      end += length
    }
    func padded<Number>(_ numbers: [Number], with zero: Number) -> [Number] {
      var result: [Number] = []
      result.reserveCapacity(steps * lengths.count * features)
      for step in 0..<steps {
        for (start, length) in zip(starts, lengths) {
          let place = (start + step) * features
          result += step < length ? Array(numbers[place..<(place + features)]) : Array(repeating: zero, count: features)
        }
      }
      return result
    }
    let dimensions = [steps, lengths.count] + first.dimensions.dropFirst()
    switch first.element {
    case .float32: values = Tensor(dimensions, padded(sequences.flatMap(\.floats), with: 0))
    case .float64: values = Tensor(dimensions, padded(sequences.flatMap(\.doubles), with: 0))
    case .int32: values = Tensor(dimensions, padded(sequences.flatMap(\.integers), with: 0))
    case .bool: values = Tensor(dimensions, padded(sequences.flatMap { $0.doubles.map { $0 != 0 } }, with: false))
    }
    self.lengths = Tensor([lengths.count], lengths.map { Int32($0) })
  }

  /// The steps of padded sequences at which a mask holds, moved to the front of each: padding before the sequences, and
  /// holes in them, go to the end.
  ///
  /// A recurrent network that passes over masked steps (`Masked`) ends in the same states as one that reads these
  /// sequences, which needs no mask and fewer steps.
  ///
  /// - Parameters:
  ///   - padded: [T, B, features…].
  ///   - mask: Bool [T, B]: true for a step that counts.
  public init(_ padded: Tensor, where mask: Tensor) throws(TrainingError) {
    guard mask.element == .bool, mask.dimensions.count == 2, padded.dimensions.starts(with: mask.dimensions) else {
      throw .setting(
        "a mask is bool [T, B] for values of [T, B, features…]; found \(mask.element.name) \(mask.dimensions) for "
          + "\(padded.dimensions)")
    }
    let (steps, samples) = (mask.dimensions[0], mask.dimensions[1])
    let counts = mask.doubles
    // Features of a sample side by side: [T · B, features].
    let rows = Tensor([steps * samples] + padded.dimensions.dropFirst(2), padded.storage)
    let sequences = (0..<samples).map { sample in
      rows.taking((0..<steps).map { $0 * samples + sample }.filter { counts[$0] != 0 }, along: 0)
    }
    try self.init(sequences)
  }

  /// Which end of a sequence remains when it is cut.
  public enum Part: Hashable, Sendable, CaseIterable {
    /// Its first steps: `truncating="post"` in Keras.
    case first
    /// Its last steps: `truncating="pre"`, the default there.
    case last
  }

  /// The sequences with at most so many steps each: `maxlen` in Keras, where the last steps remain by default.
  ///
  /// - Parameters:
  ///   - steps: At least 1. Longer sequences are cut, and the others are as they were.
  ///   - part: The steps that remain.
  public func cut(to steps: Int, keeping part: Part) throws(TrainingError) -> PaddedSequences {
    guard steps >= 1 else { throw .setting("sequences are cut to at least 1 step, not \(steps)") }
    return try PaddedSequences(
      sequences().map { sequence in
        let length = sequence.dimensions[0]
        let start = part == .first ? 0 : max(0, length - steps)
        return sequence.taking(Array(start..<min(length, start + steps)), along: 0)
      })
  }

  /// The sequences at the end of their steps, after the padding: [T, B, features…], as Keras's `pad_sequences` has them by
  /// default. A network without a mask reads the padding too.
  ///
  /// - Parameters:
  ///   - steps: T, not less than the longest sequence; nil for that.
  ///   - value: What stands before each sequence.
  public func paddedBefore(steps: Int? = nil, with value: Double = 0) throws(TrainingError) -> Tensor {
    let longest = max(1, lengths.doubles.map { Int($0) }.max() ?? 1)
    let steps = steps ?? longest
    guard steps >= longest else {
      throw .setting("\(steps) steps do not hold a sequence of \(longest); cut it first: cut(to:keeping:)")
    }
    let element = values.element
    let padded = sequences().map { sequence in
      let shape = [steps - sequence.dimensions[0]] + sequence.dimensions.dropFirst()
      let before = [Double](repeating: value, count: shape.reduce(1, *))
      return Tensor([steps] + sequence.dimensions.dropFirst(), before + sequence.doubles, as: element)
    }
    return try PaddedSequences(padded).values
  }

  /// The sequences without their padding: each of [steps, features…].
  public func sequences() -> [Tensor] {
    let samples = values.dimensions[1]
    // Features of a sample side by side: [T · B, features].
    let rows = Tensor([values.dimensions[0] * samples] + values.dimensions.dropFirst(2), values.storage)
    return lengths.doubles.enumerated().map { sample, length in
      rows.taking((0..<Int(length)).map { $0 * samples + sample }, along: 0)
    }
  }

  /// Whether each step is inside its sequence: Bool [T, B].
  public var mask: Tensor {
    let (steps, ends) = (values.dimensions[0], lengths.doubles)
    return Tensor([steps, ends.count], (0..<steps).flatMap { step in ends.map { Double(step) < $0 } })
  }

  /// The inputs of a network, under the names that `Recording.sequential` gives them.
  public func inputs(_ x: String = "x", lengths name: String = "lengths") -> [String: Tensor] {
    [x: values, name: lengths]
  }
}

extension Tensor {
  fileprivate var floats: [Float] {
    if case .float32(let values) = storage { values } else { [] }
  }
  fileprivate var integers: [Int32] {
    if case .int32(let values) = storage { values } else { [] }
  }
}
