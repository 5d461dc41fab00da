public import EbbTraining

extension TextModel {
  /// Continues a text by this many tokens, each drawn from its probabilities given the tokens before it.
  ///
  /// - Parameters:
  ///   - prompt: The text to continue; if empty, as after the end of a line.
  ///   - length: The number of tokens to add.
  ///   - sampling: How each token is chosen.
  ///   - progress: Receives each piece of the text as it is written.
  /// - Returns: The continuation of the prompt.
  @discardableResult
  public func continuation(
    of prompt: String, length: Int, _ sampling: Sampling = Sampling(), progress: (String) -> Void = { _ in }
  ) throws(TrainingError) -> String {
    if let problem = sampling.problem { throw .setting(problem) }
    let read = vocabulary.encode(prompt)
    var logits = try begin(read)
    var (text, last) = ("", read.last)
    for draw in 0..<length {
      guard let token = sampling.token(logits, draw: draw) else {
        throw .setting("the model's output is not finite: its parameters are damaged")
      }
      let piece = vocabulary.decode([token], after: last)
      text += piece
      progress(piece)
      last = token
      if draw + 1 < length { logits = try self.read([token])[0] }
    }
    return text
  }
}
