internal import EbbExecution
internal import EbbTensors

/// The update of parameters from their gradients, with everything that belongs to it, in one pass over memory:
///
///     g ← s g                               clipping to a norm
///     g ← g + λ θ   or   θ ← θ (1 − η λ)    weight decay
///     θ, state ← the optimizer's rule
///     θ̄ ← θ̄ + w (θ − θ̄)                     the mean of the parameters
struct ParameterUpdate {
  /// s, the factor on all gradients.
  var scale = 1.0
  /// w; nil if no mean is moved.
  var meanWeight: Double?
  /// How many threads compute. They change no bit.
  var threads = 1
  /// Of moments that decay while their gradient is 0, for example.
  var underflow = Underflow.abrupt

  /// Updates all parameters that have a gradient and are not frozen by their group.
  ///
  /// The state of an optimizer of another kind is discarded: this one starts at its first update.
  ///
  /// - Parameter means: By the names of their parameters; changed if there is a weight.
  func apply(
    _ optimizer: some Optimizer, to parameters: inout [String: Tensor], gradients: [String: Tensor],
    state: inout OptimizerState, groups: [ParameterGroup], means: inout [String: Tensor]
  ) {
    let kind = optimizer.kind
    if state.kind != kind {
      if state.kind != nil { state = OptimizerState() }
      state.kind = kind
    }
    state.step += 1
    for (name, gradient) in gradients {
      let group = groups.group(of: name)
      if group?.isFrozen == true { continue }
      guard let dimensions = parameters[name]?.dimensions else {
        preconditionFailure("no parameter is named \(name)")
      }
      precondition(
        dimensions == gradient.dimensions,
        "the gradient of \(name) is \(gradient.dimensions), the parameter \(dimensions)")
      var rule = optimizer
      if let group { rule.learningRate *= group.rateFactor }
      let decay = group?.weightDecay ?? optimizer.weightDecay
      // In order: the state, the parameter, its mean. They are taken out of their places, so that nothing else refers to
      // them and no copy is made when they change.
      var changed = state.slots.removeValue(forKey: name) ?? rule.slots.map { _ in gradient.zeros }
      changed.append(parameters.taken(name))
      let hasMean = meanWeight != nil && means[name] != nil
      if hasMean { changed.append(means.taken(name)) }
      change(&changed, gradient, rule, decay, hasMean: hasMean, step: state.step)
      if hasMean { means[name] = changed.removeLast() }
      parameters[name] = changed.removeLast()
      if !changed.isEmpty { state.slots[name] = changed }
    }
  }

  private func change(
    _ tensors: inout [Tensor], _ gradient: Tensor, _ rule: some Optimizer, _ decay: WeightDecay, hasMean: Bool,
    step: Int
  ) {
    switch gradient.storage {
    case .float32(let numbers):
      var arrays = tensors.takenFloats
      change(&arrays, numbers, rule, decay, hasMean) { rule.update(&$0, gradient: $1, slots: &$2, step: step) }
      tensors = arrays.map { Tensor(gradient.dimensions, $0) }
    case .float64(let numbers):
      var arrays = tensors.takenDoubles
      change(&arrays, numbers, rule, decay, hasMean) { rule.update(&$0, gradient: $1, slots: &$2, step: step) }
      tensors = arrays.map { Tensor(gradient.dimensions, $0) }
    case .int32, .bool: preconditionFailure("a gradient is a float, not \(gradient.element.name)")
    }
  }

  /// - Parameter descend: The optimizer's rule for the parameter's numbers, their gradient and the state.
  private func change<Scalar: BinaryFloatingPoint & PieceNumber>(
    _ arrays: inout [[Scalar]], _ gradient: [Scalar], _ rule: any Optimizer, _ decay: WeightDecay, _ hasMean: Bool,
    _ descend: @Sendable (_ values: inout [Scalar], _ gradient: [Scalar], _ slots: inout [[Scalar]]) -> Void
  ) {
    // The rule is no generic parameter, so that this is compiled for each type of numbers.
    let (scale, rate, meanWeight, underflow) = (scale, rule.learningRate, meanWeight ?? 0, underflow)
    // Only a rule for each number by itself can be applied to a part of them.
    let isElementwise = rule is any ElementwiseOptimizer
    Scalar.changeInPieces(
      &arrays, reading: [gradient], threads: isElementwise ? threads : 1,
      pieceLength: isElementwise ? 2048 : max(1, gradient.count)
    ) { changed, read in
      underflow.during {
        if scale != 1 {
          let factor = Scalar(scale)
          for index in read[0].indices { read[0][index] *= factor }
        }
        var mean = hasMean ? changed.removeLast() : []
        var values = changed.removeLast()
        decay.apply(&values, &read[0], rate: rate)
        descend(&values, read[0], &changed)
        if hasMean { Self.move(&mean, towards: values, by: meanWeight) }
        changed.append(values)
        if hasMean { changed.append(mean) }
      }
    }
  }

  /// θ̄ + w (θ − θ̄) in Float64, rounded once.
  static func move<Scalar: BinaryFloatingPoint>(_ mean: inout [Scalar], towards values: [Scalar], by weight: Double) {
    for index in values.indices {
      let (start, end) = (Double(mean[index]), Double(values[index]))
      mean[index] = Scalar(start + weight * (end - start))
    }
  }
}

extension [String: Tensor] {
  /// The tensor of a name, of which an empty one is left here.
  fileprivate mutating func taken(_ name: String) -> Tensor {
    guard let tensor = updateValue(Tensor([0], [Float]()), forKey: name) else {
      preconditionFailure("there is no tensor named \(name)")
    }
    return tensor
  }
}

extension [Tensor] {
  /// The numbers of tensors of this type, which are not kept here.
  fileprivate var takenFloats: [[Float]] {
    mutating get {
      let tensors = self
      self = []
      return tensors.map { tensor in
        guard case .float32(let values) = tensor.storage else {
          preconditionFailure("\(tensor.element.name), not float32")
        }
        return values
      }
    }
  }

  fileprivate var takenDoubles: [[Double]] {
    mutating get {
      let tensors = self
      self = []
      return tensors.map { tensor in
        guard case .float64(let values) = tensor.storage else {
          preconditionFailure("\(tensor.element.name), not float64")
        }
        return values
      }
    }
  }
}

extension Tensor {
  /// As many zeros.
  fileprivate var zeros: Tensor { Tensor(dimensions, [Double](repeating: 0, count: count), as: element) }
}
