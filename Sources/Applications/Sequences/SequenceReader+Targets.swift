internal import EbbFiles
internal import EbbInterchange
internal import EbbTensors

extension SequenceReader {
  /// Adds targets of any layout: for each sequence or each step, with the output's features or classes.
  func add(
    _ tensor: Tensor, named name: String, to data: inout SequenceData, _ layout: SequenceLayout?, _ source: String
  ) throws(FileError) {
    let (steps, samples, outputs) = (data.steps, data.samples, network.outputs)
    let isClass = takesClasses ?? !tensor.element.isFloat
    var values = tensor
    if isClass {
      guard let whole = tensor.wholeNumbers() else {
        throw FileError(source, "\(name): classes are whole numbers, and this has others")
      }
      values = whole
    }
    let inner = isClass ? [] : [outputs]
    var shape = values.dimensions
    // One number for each output may lack its dimension, and classes may have one of length 1.
    let rank = shape.count
    if isClass, shape.last == 1, rank > 1 { shape.removeLast() }
    let hasFeatures = isClass || shape.last == outputs && (outputs > 1 || rank > 1)
    if !hasFeatures, outputs == 1 { shape.append(1) }
    let places = Array(shape.dropLast(inner.count))
    let first = layout ?? .batch
    let each = first == .batch ? [samples, steps] : [steps, samples]
    func isInner(_ shape: [Int]) -> Bool { Array(shape.suffix(inner.count)) == inner }
    func isShaped(_ expected: [Int]) -> Bool { places == expected && isInner(shape) }
    if isShaped(each) {
      values = values.shaped(each + inner)
      if first == .batch { values = values.exchangingFirstTwo() }
      data.targetsAreAtEachStep = true
    } else if isShaped([steps]), samples == 1, steps > 1 || samples != steps {
      values = values.shaped([steps, 1] + inner)
      data.targetsAreAtEachStep = true
    } else if isShaped([samples]) {
      values = values.shaped([samples] + inner)
      data.targetsAreAtEachStep = false
    } else if outputs == 1, !isClass, tensor.dimensions == each {
      values = tensor.shaped(each + [1])
      if first == .batch { values = values.exchangingFirstTwo() }
      data.targetsAreAtEachStep = true
    } else {
      let kinds = isClass ? "" : ", \(outputs)"
      throw FileError(
        source,
        "\(name) \(tensor.dimensions) fits no targets: the network of \(networkSource) gives \(outputs) outputs, and the data "
          + "are \(samples) sequences of \(steps) steps; so targets have [\(samples)\(kinds)] or [\(each[0]), "
          + "\(each[1])\(kinds)]")
    }
    data.targets = try checked(values, data, isClass, name, source)
    let what = isClass ? "classes" : "targets"
    data.notes.append("\(name): \(what) for each \(data.targetsAreAtEachStep ? "step" : "sequence")")
  }

  /// The targets with zeros beyond the ends of sequences, and within the range of their kind.
  private func checked(
    _ values: Tensor, _ data: SequenceData, _ isClass: Bool, _ name: String, _ source: String
  ) throws(FileError) -> Tensor {
    var numbers = values.doubles
    let inner = isClass ? 1 : network.outputs
    for place in numbers.indices {
      let position = place / inner
      let sample = data.targetsAreAtEachStep ? position % data.samples : position
      let step = data.targetsAreAtEachStep ? position / data.samples : 0
      if let lengths = data.lengths, data.targetsAreAtEachStep, step >= lengths[sample] { numbers[place] = 0 }
      let whereabouts = data.targetsAreAtEachStep ? "step \(step), sample \(sample)" : "sample \(sample)"
      guard numbers[place].isFinite else {
        throw FileError(source, "\(name): the target of \(whereabouts) is not finite")
      }
      guard !isClass || numbers[place] >= 0 && numbers[place] < Double(network.outputs) else {
        throw FileError(
          source,
          "\(name): the class \(Int(numbers[place])) of \(whereabouts) is not in 0 ..< \(network.outputs), the outputs of "
            + "the network of \(networkSource)")
      }
    }
    return Tensor(values.dimensions, numbers, as: isClass ? .int32 : values.element.isFloat ? values.element : .float64)
  }
}
