public import EbbTensors

extension WeightMap {
  /// The network's parameters from a framework's tensors.
  ///
  /// Two biases that the framework adds become one, their sum. Parameters that the framework lacks become zeros.
  ///
  /// - Parameters:
  ///   - tensors: The framework's tensors by name.
  ///   - element: The parameters' element type; numbers are rounded to it.
  public func parameters(
    from tensors: [String: Tensor], as element: ElementType = .float32
  ) throws(WeightError) -> [String: Tensor] {
    try parameters(from: tensors, besides: [], as: element)
  }

  /// - Parameter others: Names outside of the map's modules; one of them may be the missing tensor.
  private func parameters(
    from tensors: [String: Tensor], besides others: [String], as element: ElementType
  ) throws(WeightError) -> [String: Tensor] {
    precondition(element.isFloat, "parameters are floats, not \(element.name)")
    try Self.check(tensors, tensorShapes, besides: others)
    return placed(tensors, as: element)
  }

  /// Every block written to its parameter; the blocks' tensors were checked.
  func placed(_ tensors: [String: Tensor], as element: ElementType) -> [String: Tensor] {
    let sources = tensors.mapValues(\.doubles)
    var results = Dictionary(
      uniqueKeysWithValues: parameterShapes.map { name, shape in
        (name, [Double](repeating: fills[name] ?? 0, count: shape.reduce(1, *)))
      })
    for block in blocks {
      guard let source = sources[block.tensor], var numbers = results.removeValue(forKey: block.parameter) else {
        preconditionFailure("\(block.tensor) was not checked")
      }
      forEachElement(of: block) { place, tensorPlace in
        let value = block.sign * source[tensorPlace]
        numbers[place] = block.isSecondSummand ? numbers[place] + value : value
      }
      results[block.parameter] = numbers
    }
    return tensorsOf(results, parameterShapes) { _ in element }
  }

  /// The network's parameters from a file; only the map's modules are used.
  public func parameters(
    from file: TensorFile.Contents, as element: ElementType = .float32
  ) throws(WeightError) -> [String: Tensor] {
    let unread = tensorShapes.keys.sorted().compactMap { name in
      file.unread[name].map { WeightProblem.unread(name: name, type: $0.type, reason: $0.reason) }
    }
    guard unread.isEmpty else { throw WeightError(unread) }
    let own = withinModules(file.tensors)
    return try parameters(from: own, besides: file.tensors.keys.filter { own[$0] == nil }, as: element)
  }

  /// The framework's tensors from the network's parameters.
  ///
  /// Of two biases that the framework adds, the second is zeros. A parameter that the framework lacks must be zeros.
  public func tensors(from parameters: [String: Tensor]) throws(WeightError) -> [String: Tensor] {
    try Self.check(parameters, parameterShapes)
    let placed = Set(blocks.map(\.parameter))
    let homeless = parameters.filter { name, value in
      !placed.contains(name) && value.doubles.contains { $0 != fills[name] ?? 0 }
    }
    guard homeless.isEmpty else { throw WeightError(homeless.keys.sorted().map { .noPlace(name: $0) }) }
    return scattered(parameters) { $0.isSecondSummand ? 0 : $0.sign }
  }

  /// The gradients of the framework's tensors from those of the network's parameters.
  ///
  /// Two biases that the framework adds both have the gradient of their sum.
  public func tensors(fromGradients gradients: [String: Tensor]) throws(WeightError) -> [String: Tensor] {
    try Self.check(gradients, parameterShapes)
    return scattered(gradients) { $0.sign }
  }

  /// Every block written to its tensor, times a factor.
  private func scattered(_ parameters: [String: Tensor], _ factor: (Block) -> Double) -> [String: Tensor] {
    let sources = parameters.mapValues(\.doubles)
    var results = tensorShapes.mapValues { [Double](repeating: 0, count: $0.reduce(1, *)) }
    var elements: [String: ElementType] = [:]
    for block in blocks {
      guard let source = sources[block.parameter], let parameter = parameters[block.parameter] else {
        preconditionFailure("\(block.parameter) was not checked")
      }
      // A tensor takes the widest element type of its parts.
      if elements[block.tensor] != .float64 { elements[block.tensor] = parameter.element }
      let factor = factor(block)
      if factor == 0 { continue }
      forEachElement(of: block) { place, tensorPlace in
        results[block.tensor]?[tensorPlace] = factor < 0 ? 0 - source[place] : source[place]
      }
    }
    return tensorsOf(results, tensorShapes) { elements[$0] ?? .float32 }
  }

  /// Visits the elements of a block, each with its place in the parameter and in the tensor.
  private func forEachElement(of block: Block, _ body: (_ place: Int, _ tensorPlace: Int) -> Void) {
    let (width, tensorWidth) = (parameterShapes[block.parameter]?.last ?? 1, tensorShapes[block.tensor]?.last ?? 1)
    for row in 0..<block.rows {
      for column in 0..<block.columns {
        body((block.parameterRow + row) * width + column, block.place(row, column, tensorWidth))
      }
    }
  }

  private func tensorsOf(
    _ numbers: [String: [Double]], _ shapes: [String: [Int]], _ element: (String) -> ElementType
  ) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: numbers.map { ($0, Tensor(shapes[$0] ?? [], $1, as: element($0))) })
  }

  /// Throws all names that are missing, superfluous or of a wrong shape.
  private static func check(
    _ tensors: [String: Tensor], _ shapes: [String: [Int]], besides others: [String] = []
  ) throws(WeightError) {
    var problems: [WeightProblem] = []
    let homeless = (tensors.keys.filter { shapes[$0] == nil } + others).sorted()
    for name in Set(tensors.keys).union(shapes.keys).sorted() {
      switch (tensors[name], shapes[name]) {
      case (nil, let shape?):
        let near = homeless.nearest(to: name)
        problems.append(
          near.isEmpty ? .missing(name: name, shape: shape) : .misnamed(name: name, shape: shape, near: near))
      case (let tensor?, nil): problems.append(.superfluous(name: name, shape: tensor.dimensions))
      case (let tensor?, let shape?):
        if tensor.dimensions != shape {
          problems.append(.shape(name: name, found: tensor.dimensions, expected: shape))
        } else if !tensor.element.isFloat {
          problems.append(.element(name: name, found: tensor.element.name))
        }
      case (nil, nil): preconditionFailure("\(name) is in neither")
      }
    }
    guard problems.isEmpty else { throw WeightError(problems) }
  }
}

extension WeightMap.Block {
  /// The place in the tensor of an element of the parameter's block.
  func place(_ row: Int, _ column: Int, _ width: Int) -> Int {
    isTransposed
      ? (tensorRow + column) * width + tensorColumn + row : (tensorRow + row) * width + tensorColumn + column
  }
}
