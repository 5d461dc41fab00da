internal import EbbGraph
internal import EbbTensors

/// The tangent rules: ẏ for y = operation(operands), from the operands' tangents ẋ.
extension ForwardMode {
  /// The tangent of node y; the operands at the positions `moving` (at least one) have tangents.
  mutating func pushForward(_ y: NodeID, _ moving: [Int]) -> NodeID {
    let operation = forward.operation(y)
    let operands = Array(forward.operands(y))
    guard let position = moving.first else { preconditionFailure("nothing moves the node") }
    let x = operands[position]

    switch operation {
    case .parameter, .input, .constant, .literal, .axisIndex, .axisLength, .iota, .random, .compare, .argmaxFeatures,
      .argsortFeatures, .argmaxAxis, .stopGradient, .incomingAdjoint:
      preconditionFailure("\(operation.keyword) has no tangent")

    // Elementwise: ẏ = Σ ẋ · ∂f/∂x
    case .unary(let function):
      return derivative(function, at: x, value: y, times: tangent(y, position))
    case .binary(let function):
      let both = (operands[0], operands[1])
      return sum(moving) { mode, each in
        mode.partialDerivative(function, each, at: both, value: y, times: mode.tangent(y, each))
      }
    // ẏ = ȧ where the condition holds, else ḃ
    case .select:
      switch (moving.contains(1), moving.contains(2)) {
      case (true, true): return select(operands[0], tangent(y, 1), tangent(y, 2))
      case (true, false): return keep(tangent(y, 1), where: operands[0])
      case (false, _): return drop(tangent(y, 2), where: operands[0])
      }

    // Bilinear: ẏ = l̇ · r + l · ṙ
    case .product:
      return sum(moving) { mode, each in
        var factors = operands
        factors[each] = mode.tangent(y, each)
        return mode.graph.append(operation, factors)
      }

    // Linear in one operand: the same operation on its tangent
    case .convert, .transpose, .reshape, .broadcast, .slice, .pad, .gather, .scatterAdd, .gatherFeatures,
      .scatterFeatures, .pick, .place, .axisToFeature, .featureToAxis, .history, .historySum:
      var factors = operands
      factors[position] = tangent(y, position)
      return graph.append(operation, factors)
    // Fitting the tangent to its node adds the axes that it lacks; axes of the tangent's own may be among them.
    case .spread:
      return tangent(y, position)
    case .concatenate:
      return graph.append(operation, operands.indices.map { tangentOrZeros(y, $0, moving) })

    // ẏᵢ = aᵢ ẏᵢ₋₁ + ȧᵢ yᵢ₋₁ + ḃᵢ
    case .accumulate(let dimension, let isReversed):
      return sum(moving) { mode, each in
        let term =
          each == 1
          ? mode.tangent(y, 1)
          : mode.timesPrevious(mode.tangent(y, 0), y, alongFeature: dimension, reversed: isReversed)
        return mode.graph.append(operation, [operands[0], term])
      }
    case .matrix(let function):
      return tangent(of: function, y, operands, moving)

    // ẏ = Σ ẋ for a sum, likewise for a mean; Σ x ẋ / ‖x‖ for a norm; for a maximum the tangent of the first largest
    // entry
    case .reduceFeatures(let reduction, let dimension):
      switch reduction {
      case .sum, .mean: return graph.append(operation, [tangent(y, 0)])
      case .norm:
        let along = multiply(direction(of: x, norm: y, alongFeature: dimension), tangent(y, 0))
        let sum = graph.append(.reduceFeatures(.sum, dimension: dimension), [along])
        return keep(sum, where: compare(.notEqual, y, constant(0, like: y)))
      case .max:
        let chosen = keep(tangent(y, 0), where: isFirstMaximum(x, alongFeature: dimension))
        return graph.append(.reduceFeatures(.sum, dimension: dimension), [chosen])
      }
    case .reduceAxes(let reduction, let over):
      switch reduction {
      case .sum: return graph.append(operation, [tangent(y, 0)])
      case .max: return summed(keep(tangent(y, 0), whereFirstMaximumOf: x, over: over), over: over)
      }

    // The tangent of a delay is a delay of the tangent.
    case .delay, .advance:
      return tangentOfShift(y, moving)

    // ẏ = ẋ
    case .clipGradient:
      return tangent(y, position)
    // ẏ = Σ x̄(ẋ), where x̄ = c ȳ with a factor c for each feature (see `checkDeclaredGradients`)
    case .declaredGradient:
      return sum(moving) { mode, each in
        let ẋ = mode.repeated(mode.tangent(y, each), to: mode.shape(y))
        var equations = DeclaredGradient(of: y, in: mode.forward, at: ẋ)
        return equations.append(operands[each + 1], to: &mode)
      }
    }
  }

  /// The sum of one term for each of these operands.
  private mutating func sum(_ positions: [Int], _ term: (inout ForwardMode, Int) -> NodeID) -> NodeID {
    var result: NodeID?
    for position in positions {
      let value = term(&self, position)
      result = result.map { add($0, value) } ?? value
    }
    guard let result else { preconditionFailure("a sum of no terms") }
    return result
  }
}
