internal import EbbGraph
internal import EbbTensors

extension Scope {
  /// W · [x₁, x₂, …] + b: one product with the concatenated operands, and a bias.
  ///
  /// The parameters are `<name>.weight` of shape [Σ features, units], its rows in the order of the operands, and
  /// `<name>.bias` of shape [units]. A scalar `[]` counts as a vector of one feature.
  ///
  /// - Parameters:
  ///   - name: The name of the parameters within the scope.
  ///   - operands: Float vectors.
  ///   - units: The features of the result.
  ///   - weights: An initialiser for each operand's rows. By default the rows of an operand on the same recurrence are
  ///     a random orthogonal matrix (Saxe, McClelland & Ganguli 2014; for the reason see Le, Jaitly & Hinton 2015), and
  ///     all others are uniform within ±√(6 / (rows + units)) (Glorot & Bengio 2010, equation 16).
  ///   - bias: The bias's initialiser; nil for no bias.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func affine(
    _ name: String, _ operands: [Signal], _ units: Int, weights: [Initializer] = [], bias: Initializer? = .zeros,
    fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("affine \"\(name)\"", fileID, line)
    let product = weighted("affine \"\(name)\"", name + ".weight", operands, units, weights)
    guard product.node != nil, let bias else { return product }
    return product + recorder.parameter(Self.join(parameterPath, name) + ".bias", [units], bias).signal
  }

  /// W · [x₁, x₂, …]: one product with the concatenated operands, with weights of this name and shape [Σ features, units].
  ///
  /// - Parameters:
  ///   - weight: The name of the parameter within the scope.
  ///   - operands: Float vectors.
  ///   - units: The features of the result.
  ///   - weights: An initialiser for each operand's rows; by default as in `affine`.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func product(
    _ weight: String, _ operands: [Signal], _ units: Int, weights: [Initializer] = [], fileID: String = #fileID,
    line: Int = #line
  ) -> Signal {
    recorder.note("product \"\(weight)\"", fileID, line)
    return weighted("product \"\(weight)\"", weight, operands, units, weights)
  }

  /// [x₁, x₂, …] · W
  private func weighted(
    _ what: String, _ weightName: String, _ operands: [Signal], _ units: Int, _ weights: [Initializer]
  ) -> Signal {
    guard units >= 1, !operands.isEmpty, weights.isEmpty || weights.count == operands.count else {
      recorder.report(
        "\(what): takes at least one operand and one unit, and no initialisers or one for each operand; found "
          + "\(operands.count) operands, \(units) units, \(weights.count) initialisers")
      return recorder.signal(nil)
    }
    guard let nodes = recorder.nodes(of: operands, in: what) else { return recorder.signal(nil) }
    guard operands.allSatisfy({ $0.shape.rank <= 1 && $0.element == element }) else {
      recorder.report("\(what): the operands must be \(element.name) vectors", operands: nodes)
      return recorder.signal(nil)
    }
    // A scalar counts as a vector of one feature.
    let rows = operands.map { $0.shape.rank == 0 ? 1 : $0.shape[0] }
    guard let shape = recorder.shape([rows.reduce(0, +), units], what) else { return recorder.signal(nil) }
    let vectors = operands.map { $0.shape.rank == 0 ? recorder.record(.reshape([1]), [$0]) : $0 }
    let joined = vectors.count == 1 ? vectors[0] : recorder.record(.concatenate(dimension: 0), vectors)
    let blocks = zip(rows, weights).map { Initializer.Block(rows: $0, $1) }
    let fullName = Self.join(parameterPath, weightName)
    let weight = recorder.parameter(
      fullName, shape, blocks.count == 1 ? blocks[0].initializer : .blocks(blocks))
    let product = recorder.record(.product(.dimensions(0, 0), over: .empty), [joined, weight.signal])
    if weights.isEmpty, weight.isNew, let index = recorder.parametersByName[fullName], let node = product.node {
      recorder.undecidedWeights.append(
        Recorder.UndecidedWeight(
          parameter: index, blocks: zip(rows, nodes).map { (rows: $0, operand: $1) }, product: node))
    }
    return product
  }

  /// A trained value of any shape, identified by its name: the first use creates it, later ones return it.
  public func parameter(
    _ name: String, _ dimensions: [Int], _ initializer: Initializer, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("parameter \"\(name)\"", fileID, line)
    guard let shape = recorder.shape(dimensions, "parameter \"\(name)\"") else { return recorder.signal(nil) }
    return recorder.parameter(Self.join(parameterPath, name), shape, initializer).signal
  }
}

extension Recorder {
  /// The feature shape with these dimensions; nil, with a problem, if they are not valid.
  func shape(_ dimensions: [Int], _ what: String) -> Shape? {
    guard dimensions.count <= Shape.maximumRank, dimensions.allSatisfy({ $0 >= 1 && $0 <= Int(Int32.max) }) else {
      report(
        "\(what): a feature shape has at most four dimensions, each in 1 ... \(Int32.max); found \(dimensions)")
      return nil
    }
    return Shape(dimensions)
  }

  /// The parameter with this name, created if it is new. A different shape than before is a problem.
  func parameter(_ name: String, _ shape: Shape, _ initializer: Initializer) -> (signal: Signal, isNew: Bool) {
    if let index = parametersByName[name] {
      let known = parameters[index]
      guard known.shape == shape else {
        report(
          "the parameter \(name) is \(shape) here and \(known.shape) where it was first used; give one of the cells "
            + "a name of its own: scope.run(cell, x, named: \"layer1\")", operands: [known.node])
        return (signal(nil), false)
      }
      return (signal(known.node), false)
    }
    guard claim(name) else { return (signal(nil), false) }
    if let problem = initializer.problem(for: shape) { report("parameter \(name): \(problem)") }
    let node = leaf(.parameter, NodeType(element, .empty, shape), name: name)
    parametersByName[name] = parameters.count
    parameters.append(ParameterDescription(name: name, shape: shape, initializer: initializer, node: node))
    return (signal(node), true)
  }
}
