public import EbbTraining
internal import Foundation

/// What may follow a text, and with which probability.
public struct TextCandidate: Hashable, Sendable {
  /// What is appended to the text.
  public var text: String
  /// The probability of all of it.
  public var probability: Double
}

extension TextModel {
  /// What is likeliest to follow a text, the likeliest first: words or punctuation.
  ///
  /// A model of characters is asked for whole words: a candidate is a run of letters and what leads to it, and its
  /// probability that of these characters followed by one that ends the word. The search keeps the likeliest beginnings
  /// only, so a rare word may be missed (beam search).
  public func candidates(after prompt: String, count: Int = 5) throws(TrainingError) -> [TextCandidate] {
    let read = vocabulary.encode(prompt)
    let logits = try begin(read)
    switch vocabulary.unit {
    case .words:
      return Sampling().distribution(logits).prefix(count).map {
        TextCandidate(text: vocabulary.decode([$0.token], after: read.last), probability: $0.probability)
      }
    case .characters:
      return try words(after: logits, count: count)
    }
  }

  /// A beginning of a word.
  private struct Beginning {
    var text = ""
    var probability = 1.0
    /// Where its states are among those of the step before.
    var stream = 0
    var logits: [Double]
    var token: Int32 = 0
    var hasLetters: Bool { text.contains { Self.isLetter($0) } }
    static func isLetter(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "'’-".contains(character)
    }
  }

  /// Beam search over characters: from the beginnings, the likeliest of one character more, until no beginning is likelier
  /// than the words that are complete.
  private func words(after logits: [Double], count: Int) throws(TrainingError) -> [TextCandidate] {
    // All steps have as many streams, so that one program serves them.
    let width = max(16, 2 * count)
    let longest = 24
    var beginnings = [Beginning(logits: logits)]
    var found: [TextCandidate] = []
    for length in 1...longest {
      var longer: [Beginning] = []
      for (stream, beginning) in beginnings.enumerated() {
        var ending = 0.0
        for (token, probability) in Sampling().distribution(beginning.logits) {
          guard let character = vocabulary.token(token).first else { continue }
          let joint = beginning.probability * probability
          if Beginning.isLetter(character) || (character.isWhitespace && beginning.text.isEmpty) {
            longer.append(
              Beginning(
                text: beginning.text + String(character), probability: joint, stream: stream, logits: [],
                token: token))
          } else if beginning.hasLetters {
            ending += joint
          } else {
            found.append(TextCandidate(text: beginning.text + String(character), probability: joint))
          }
        }
        if ending > 0 { found.append(TextCandidate(text: beginning.text, probability: ending)) }
      }
      found.sort { $0.probability == $1.probability ? $0.text < $1.text : $0.probability > $1.probability }
      found.removeLast(max(0, found.count - count))
      longer.sort { $0.probability == $1.probability ? $0.text < $1.text : $0.probability > $1.probability }
      let limit = found.count < count ? 0 : found[count - 1].probability
      beginnings = longer.prefix(width).filter { $0.probability > limit }
      guard !beginnings.isEmpty, length < longest else { break }
      let rows = (0..<width).map { beginnings[min($0, beginnings.count - 1)] }
      stream.state = stream.state.selecting(rows.map(\.stream))
      let next = try self.read(rows.map(\.token))
      for index in beginnings.indices { beginnings[index].logits = next[index] }
    }
    return found
  }
}
