import EbbGraph

/// Which test over all magnitudes is about an operation. A new operation, function or reduction is a new arm here.
enum MagnitudeCoverage: Hashable {
  /// `MagnitudeElementwiseTests`
  case unary(UnaryFunction), binary(BinaryFunction)
  /// `MagnitudeVectorTests`
  case vector(VectorFunction)
  /// `MagnitudeClipTests`
  case clip
  /// `MagnitudeMoveTests`
  case move(Move)
  case constant, comparison, conversion, largestEntry, order
  /// Accurate relative to the whole matrix: `MatrixFunctionTests` of the recording.
  case matrix
  /// It reads no float.
  case readsNoFloat

  static func of(_ operation: Operation) -> MagnitudeCoverage {
    switch operation {
    case .parameter, .input: .move(.input)
    case .constant, .literal: .constant
    case .axisIndex, .axisLength, .iota, .random: .readsNoFloat
    case .unary(let function): .unary(function)
    case .binary(let function): .binary(function)
    case .compare: .comparison
    case .select: .move(.select)
    case .convert: .conversion
    case .product(let contraction, _):
      switch contraction {
      case .outer: .vector(.outer)
      case .dimensions: .vector(.matmul)
      }
    case .transpose: .move(.transpose)
    case .reshape: .move(.reshape)
    case .broadcast: .move(.broadcast)
    case .concatenate: .move(.concatenate)
    case .slice: .move(.slice)
    case .pad: .move(.pad)
    case .gather: .move(.gather)
    case .scatterAdd: .move(.scatterAdd)
    case .gatherFeatures: .move(.gatherFeatures)
    case .scatterFeatures: .move(.scatterFeatures)
    case .argsortFeatures: .order
    case .accumulate: .vector(.cumulativeSum)
    case .matrix: .matrix
    case .reduceFeatures(let reduction, _):
      switch reduction {
      case .sum: .vector(.sumOverFeatures)
      case .mean: .vector(.meanOverFeatures)
      case .max: .vector(.maxOverFeatures)
      case .norm: .vector(.norm)
      }
    case .argmaxFeatures, .argmaxAxis: .largestEntry
    case .reduceAxes(let reduction, _):
      switch reduction {
      case .sum: .vector(.sumOverAxes)
      case .max: .vector(.maxOverAxes)
      }
    case .pick: .move(.pick)
    case .place: .move(.place)
    case .spread: .move(.spread)
    case .axisToFeature: .move(.axisToFeature)
    case .featureToAxis: .move(.featureToAxis)
    case .delay: .move(.delay)
    case .advance: .move(.advance)
    case .history: .move(.history)
    case .historySum: .vector(.sumOverAxes)
    case .stopGradient, .declaredGradient, .incomingAdjoint: .move(.stopGradient)
    case .clipGradient: .clip
    }
  }

  var onlyMoves: Bool {
    switch self {
    case .move, .constant: true
    case .unary, .binary, .vector, .clip, .comparison, .conversion, .largestEntry, .order, .matrix, .readsNoFloat: false
    }
  }
}
