internal import EbbCells
internal import EbbFiles
internal import EbbInterchange
internal import EbbTensors

extension SequenceReader {
  /// The sequences of arrays, time first, and which dimension came first, for which targets may be evidence.
  func sequences(
    _ arrays: SequenceArrays, targets: (name: String, tensor: Tensor)?
  ) throws(FileError) -> (SequenceData, SequenceLayout?) {
    let (name, given) = arrays.input
    let counts = try arrays.stepCounts()
    func misfit(_ reason: String) -> FileError { FileError(arrays.source, "\(name) \(given.dimensions): \(reason)") }
    var tensor = given
    var notes: [String] = []
    if network.features == nil {
      guard let whole = given.wholeNumbers() else {
        throw misfit("the network of \(networkSource) reads tokens, which are whole numbers")
      }
      tensor = whole
    }
    let inner = network.features.map { [$0] } ?? []
    var shape = tensor.dimensions
    // Numbers of one feature may lack its dimension.
    if let features = network.features, shape.last != features || shape.count == 1 {
      guard features == 1, shape.count <= 2 else {
        throw misfit(
          "the last dimension is \(shape.last ?? 0), and the network of \(networkSource) reads \(features) features a step"
        )
      }
      shape.append(1)
    }
    tensor = tensor.shaped(shape)
    guard !shape.contains(0) else { throw misfit("a dimension is 0; there is nothing to measure") }
    var layout: SequenceLayout?
    switch shape.count - inner.count {
    case 1: tensor = tensor.shaped([shape[0], 1] + inner)
    case 2:
      let (found, reason) = try self.layout(shape, counts, targets, misfit)
      notes.append(
        "\(name) \(given.dimensions) is read with the \(found == .batch ? "samples" : "steps") first\(reason)")
      if found == .batch { tensor = tensor.exchangingFirstTwo() }
      layout = found
    case let rank:
      throw misfit(
        "\(rank + inner.count) dimensions are no sequences; they have [samples, steps\(inner.isEmpty ? "" : ", features")]"
      )
    }
    let (input, lengths, remark) = try cut(tensor, counts, arrays.lengths?.name, misfit)
    if let remark { notes.append("\(name): \(remark)") }
    if !arrays.others.isEmpty {
      notes.append("of \(arrays.source), \(arrays.others.joined(separator: ", ")) are not used")
    }
    var data = SequenceData(input: input, lengths: lengths, description: "\(arrays.source): \(name)")
    data.notes = notes
    data.description += data.sizes
    return (data, layout)
  }

  /// Which of two dimensions is that of the samples, and why.
  private func layout(
    _ shape: [Int], _ counts: [Int]?, _ targets: (name: String, tensor: Tensor)?, _ misfit: (String) -> FileError
  ) throws(FileError) -> (SequenceLayout, String) {
    if let counts {
      let fits = (counts.count == shape[0], counts.count == shape[1])
      guard fits.0 || fits.1 else {
        throw misfit(
          "there are \(counts.count) lengths, and neither \(shape[0]) nor \(shape[1]) is that number of samples")
      }
      if let layout {
        guard layout == .batch ? fits.0 : fits.1 else {
          throw misfit("there are \(counts.count) lengths, so that it has not its \(layout.rawValue) first")
        }
        return (layout, "")
      }
      if fits.0 != fits.1 { return (fits.0 ? .batch : .time, ", as there are \(counts.count) lengths") }
    }
    // Targets of whole sequences show how many there are.
    if layout == nil, let (name, tensor) = targets, let count = tensor.dimensions.first,
      [[count], [count, 1], [count, network.outputs]].contains(tensor.dimensions), shape[0] != shape[1],
      count == shape[0] || count == shape[1]
    {
      return (count == shape[0] ? .batch : .time, ", as \(name) has \(count)")
    }
    return (layout ?? .batch, layout == nil ? ", as most frameworks have it (--data-layout time)" : "")
  }

  /// The sequences with zeros beyond their ends, and their lengths: as given, or up to the last step that is not padding.
  private func cut(
    _ tensor: Tensor, _ counts: [Int]?, _ lengthsName: String?, _ misfit: (String) -> FileError
  ) throws(FileError) -> (Tensor, [Int]?, String?) {
    let (steps, samples) = (tensor.dimensions[0], tensor.dimensions[1])
    let inner = tensor.dimensions[2...].reduce(1, *)
    var numbers = tensor.doubles
    func isPadding(_ step: Int, _ sample: Int) -> Bool {
      let start = (step * samples + sample) * inner
      return numbers[start..<start + inner].allSatisfy { network.features == nil ? $0 < 0 : $0.isNaN }
    }
    var lengths: [Int] = []
    for sample in 0..<samples {
      var length = steps
      if let counts {
        length = counts[sample]
        guard length <= steps else {
          throw misfit("\(lengthsName ?? "lengths")[\(sample)] is \(length), and there are \(steps) steps")
        }
      } else {
        while length > 0, isPadding(length - 1, sample) { length -= 1 }
      }
      guard length > 0 else { throw misfit("sample \(sample) has no step: all of it is padding") }
      lengths.append(length)
      for step in 0..<steps {
        for place in (step * samples + sample) * inner..<(step * samples + sample + 1) * inner {
          if step >= length { numbers[place] = 0 }
          if let tokens = network.embedding?.tokens {
            guard numbers[place] >= 0, numbers[place] < Double(tokens) else {
              throw misfit(
                "the token \(Int(numbers[place])) at step \(step), sample \(sample) is not in 0 ..< \(tokens), the rows of the "
                  + "embedding")
            }
          } else if !numbers[place].isFinite {
            throw misfit("a number at step \(step), sample \(sample) is \(numbers[place])")
          }
        }
      }
    }
    let isWhole = lengths.allSatisfy { $0 == steps }
    let padding = network.features == nil ? "negative tokens" : "NaN"
    return (
      Tensor(
        tensor.dimensions, numbers, as: tensor.element.isFloat || network.features == nil ? tensor.element : .float64),
      isWhole ? nil : lengths, isWhole || counts != nil ? nil : "steps of \(padding) at the end are no steps"
    )
  }

  /// Targets that are the tokens one step later.
  func shift(_ data: inout SequenceData, _ path: String) throws(FileError) {
    let lengths = data.lengths ?? [Int](repeating: data.steps, count: data.samples)
    if let short = lengths.firstIndex(where: { $0 < 2 }) {
      throw FileError(path, "sample \(short) has \(lengths[short]) token; a target is the next one, so 2 are needed")
    }
    guard case .int32(let ids) = data.input.storage else { preconditionFailure("tokens are Int32") }
    let before = data.sizes
    let (steps, samples) = (data.steps - 1, data.samples)
    data.input = Tensor([steps, samples], Array(ids[..<(steps * samples)]))
    data.targets = Tensor([steps, samples], Array(ids[samples...]))
    data.targetsAreAtEachStep = true
    data.lengths = data.lengths.map { $0.map { $0 - 1 } }
    data.description = data.description.replacing(before, with: data.sizes)
    data.notes.append("the targets are the next tokens, so that each sequence is a step shorter")
  }
}
