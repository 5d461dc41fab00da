internal import EbbFiles
internal import EbbTensors

extension SequenceData {
  /// The sequences without their tokens 0, for a network that passes over them: a state stays what it was there, so that
  /// the other steps follow one another. Targets of such steps are left out too.
  ///
  /// - Parameter source: The file, for messages.
  /// - Throws: `FileError` if a sequence has no other token.
  func withoutPadding(_ source: String) throws(FileError) -> SequenceData {
    guard case .int32(let ids) = input.storage else { return self }
    return try removing(source, "tokens", "0, which mask_zero of the embedding") { ids[$0] == 0 }
  }

  /// The data without the steps whose features all have a value, compared as numbers of 32 bits.
  ///
  /// - Throws: `FileError` if a sequence has no other step.
  func without(stepsOf value: Double, _ source: String) throws(FileError) -> SequenceData {
    let features = input.dimensions[2...].reduce(1, *)
    let numbers = input.doubles.map { Float($0) }
    return try removing(source, "steps", "all \(value), which the model's Masking") { place in
      numbers[place * features..<(place + 1) * features].allSatisfy { $0 == Float(value) }
    }
  }

  /// - Parameter isPadding: Whether the step at a place, counted over steps and samples, is none.
  private func removing(
    _ source: String, _ unit: String, _ words: String, _ isPadding: (Int) -> Bool
  ) throws(FileError) -> SequenceData {
    var kept: [[Int]] = []
    var (all, left) = (0, 0)
    for sample in 0..<samples {
      let length = lengths?[sample] ?? steps
      let places = (0..<length).filter { !isPadding($0 * samples + sample) }
      guard !places.isEmpty else {
        throw FileError(
          source,
          "of sample \(sample) all \(unit) are \(words) takes for padding")
      }
      (all, left) = (all + length, left + length - places.count)
      kept.append(places)
    }
    guard left > 0 else { return self }
    var data = self
    let longest = kept.map(\.count).max() ?? 0
    func moved(_ tensor: Tensor) -> Tensor {
      let inner = tensor.dimensions[2...].reduce(1, *)
      let numbers = tensor.doubles
      var result = [Double](repeating: 0, count: longest * samples * inner)
      for (sample, places) in kept.enumerated() {
        for (step, place) in places.enumerated() {
          for part in 0..<inner {
            result[(step * samples + sample) * inner + part] =
              numbers[(place * samples + sample) * inner + part]
          }
        }
      }
      return Tensor([longest, samples] + tensor.dimensions[2...], result, as: tensor.element)
    }
    data.input = moved(input)
    if targetsAreAtEachStep { data.targets = targets.map(moved) }
    let counts = kept.map(\.count)
    data.lengths = counts.allSatisfy { $0 == longest } ? nil : counts
    data.description = description.replacing(sizes, with: data.sizes)
    data.notes.append(
      "\(left) of \(all) \(unit) are \(words) passes over: they are no steps"
    )
    return data
  }
}
