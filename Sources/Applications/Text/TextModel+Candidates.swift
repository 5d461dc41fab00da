public import EbbTraining
internal import Foundation

/// A possible continuation of a text, with its probability.
public struct TextCandidate: Hashable, Sendable {
  /// The continuation of the text.
  public var text: String
  /// The probability of all of it.
  public var probability: Double
}

extension TextModel {
  /// The most likely continuations of a text, most likely first: words or punctuation.
  ///
  /// For a model of characters, candidates are whole words: a run of letters with the characters that lead to it. Its
  /// probability is that of these characters followed by one that ends the word. The search keeps only the most likely
  /// beginnings, so it may miss a rare word (beam search).
  public func candidates(after prompt: String, count: Int = 5) throws(TrainingError) -> [TextCandidate] {
    let read = vocabulary.encode(prompt)
    let logits = try begin(read)
    switch vocabulary.tokenKind {
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
    /// The place of its states among those of the previous step.
    var stream = 0
    var logits: [Double]
    var token: Int32 = 0
    var hasLetters: Bool { text.contains { Self.isLetter($0) } }
    static func isLetter(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "'’-".contains(character)
    }
  }

  /// Beam search over characters: extends the beginnings by one character and keeps the most likely ones, until no
  /// beginning is more likely than the complete words.
  private func words(after logits: [Double], count: Int) throws(TrainingError) -> [TextCandidate] {
    // All steps have the same number of streams, so that one program is enough.
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
