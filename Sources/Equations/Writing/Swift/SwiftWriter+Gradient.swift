internal import EbbGraph

/// The adjoint equations of a cell as they are recorded: each after what it reads, with what belongs to the next step in
/// values of their own.
struct WrittenGradient {
  var definitions: [EquationSystem.Definition] = []
  /// The names that are read at later steps, each with the steps.
  var advances: [(name: Name, steps: [Int])] = []
  /// The derivatives that the gradient begins with: ∂L/∂h.
  var seeds: [Name] = []
  /// The dimensions of the values that have no node in the cell's graph.
  var shapes: [Name: [Int]] = [:]

  init() {}

  /// - Parameters:
  ///   - text: The equations of the cell and of its gradient.
  ///   - cell: How many of them are the cell's own.
  init(_ text: String, beyond cell: Set<Name>, units: Int, features: Int) throws(EquationError) {
    let source = EquationText(text)
    let reader = try EquationReader(source, ranges: [source.characters.indices], given: [])
    let system = try EquationSystem(reader.equations, reader.settings, source)
    var evaluator = try Evaluator(system)
    try evaluator.findShapes(units: units, inputs: features)
    definitions = system.definitions.filter { !cell.contains($0.name) }
    (advances, seeds) = (system.advances, system.seeds)
    shapes = evaluator.shapes.mapValues { evaluator.numbers($0) }
  }
}

extension SwiftWriter {
  /// The struct that records the cell and its gradient, with the equations as its comment.
  func gradientText(named type: String) -> String {
    let seeds = gradient.seeds.map(identifier)
    var lines = equations.map { "/// " + $0.line } + adjoints.map { "/// " + $0.line }
    lines += ["struct \(type)Gradient {", "  var units: Int", ""]
    lines += [
      "  /// The derivatives of a loss L by the parameters, summed over the steps and samples of x.",
      "  ///",
      "  /// - Parameters:",
      "  ///   - x: The input.",
    ]
    for (name, seed) in zip(gradient.seeds, seeds) {
      let (own, by) = (Reference(name: name).plainText, Reference(name: name.variable).plainText)
      lines.append("  ///   - \(seed): \(own), the derivative of L by \(by) of each step alone.")
    }
    lines += ["  ///   - scope: The scope of the cell.", "  /// - Returns: dL/dW by the name of the parameter W."]
    let arguments = (["x"] + seeds).map { "_ \($0): Signal" } + ["_ scope: Scope"]
    lines.append("  func callAsFunction(\(arguments.joined(separator: ", "))) -> [String: Signal] {")
    var body = declarations() + sharedParameters() + laterStates()
    body += equations.map { statement($0) }
    var results: [String] = []
    for definition in gradient.definitions {
      if DerivativeMark(definition.name) == .total {
        results.append("\"\(parameterName(definition.name.variable))\": \(turned(code(definition.value)).text),")
      } else {
        body.append(statement(definition))
      }
    }
    body += ["return ["] + results.map { "  " + $0 } + ["]"]
    return Self.file(lines + body.map { "    " + $0 } + ["  }", "}"])
  }

  private func laterStates() -> [String] {
    gradient.advances.flatMap { name, steps in
      steps.map { count in
        let variable = later(name, by: count)
        let dimensions = gradient.shapes[name] ?? []
        let shape = dimensions.count == 1 ? dimension(dimensions[0]) : "shape: \(list(dimensions))"
        return "let \(variable) = scope.reversed.state(\"\(variable)\", \(shape)"
          + (count == 1 ? ")" : ", steps: \(count))")
      }
    }
  }

  private func statement(_ definition: EquationSystem.Definition) -> String {
    let found = code(definition.value)
    var value = isFixed(definition.name) ? turned(found).text : upright(found).text
    let steps = gradient.advances.first { $0.name == definition.name }?.steps ?? []
    for count in steps { value = "\(later(definition.name, by: count)).next(\(value))" }
    let isRead = gradient.definitions.contains { other in
      var found = false
      other.value.forEachReference { reference, _ in
        if reference.name == definition.name, reference.step ?? 0 == 0 { found = true }
      }
      return found
    }
    return isRead || steps.isEmpty ? "let \(identifier(definition.name)) = \(value)" : value
  }

  private func parameterName(_ name: Name) -> String {
    node(name).flatMap { graph.name($0) } ?? name.identifier
  }

  /// The variable with the value of a later step.
  func later(_ name: Name, by steps: Int) -> String {
    let base = identifier(name)
    let word = LaterSteps.isGroup(name) ? base : "later" + base.prefix(1).uppercased() + base.dropFirst()
    return word + (steps == 1 ? "" : "\(steps)")
  }

  /// The word for an adjoint: `hBar` for h̄, `inputDelta` for δ_i, `lossByH` for ∂L/∂h; nil for another value.
  func adjointWord(_ name: Name) -> String? {
    if DerivativeMark(name) != nil {
      let word = identifier(name.variable)
      return "lossBy" + word.prefix(1).uppercased() + word.dropFirst()
    }
    let known = equations.map(\.left.name)
    if let value = known.first(where: { $0.barred == name }) { return identifier(value) + "Bar" }
    if let value = known.first(where: { $0.delta == name }) { return identifier(value) + "Delta" }
    return nil
  }
}
