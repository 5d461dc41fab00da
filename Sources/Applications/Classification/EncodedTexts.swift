internal import EbbTensors
internal import EbbTraining

/// Texts as the numbers of their words, from which batches are made.
struct EncodedTexts: Sendable {
  let words: [[Int32]]
  let labels: [Int]

  init(_ texts: LabelledTexts, _ list: WordList) {
    words = texts.texts.map { text in list.encode(text).map(\.number) }
    labels = texts.labels
  }

  var count: Int { words.count }
  /// The number of words of each text, at least 1.
  var lengths: [Int] { words.map(\.count) }

  /// The inputs of the network for these texts.
  func batch(of samples: [Int]) -> [String: Tensor] {
    Self.batch(samples.map { words[$0] }, labels: samples.map { labels[$0] })
  }

  /// Step by step, padded with zeros to a multiple of 8 steps. The padding changes no bit of a result, and it limits
  /// the number of different lengths for which a program keeps memory.
  static func batch(_ words: [[Int32]], labels: [Int]) -> [String: Tensor] {
    let steps = ((words.map(\.count).max() ?? 1) + 7) / 8 * 8
    var numbers = [Int32](repeating: 0, count: steps * words.count)
    for (sample, text) in words.enumerated() {
      for (step, number) in text.enumerated() { numbers[step * words.count + sample] = number }
    }
    return [
      "words": Tensor([steps, words.count], numbers),
      "lengths": Tensor([words.count], words.map { Int32($0.count) }),
      "target": Tensor([words.count], labels.map { Int32($0) }),
    ]
  }

  /// All texts in batches of similar lengths, each text once and always in the same batches.
  func evaluationBatches(of size: Int) -> [[Int]] {
    let lengths = lengths
    return words.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }.chunks(of: size)
  }
}
