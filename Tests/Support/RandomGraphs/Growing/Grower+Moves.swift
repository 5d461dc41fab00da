internal import EbbGraph

extension Grower {
  /// What may be appended next.
  enum Move: CaseIterable {
    case smooth, positive, kinked, arithmetic, quotient, choice, precision
    case product, affine, weightGradient
    case transpose, reshape, broadcast, concatenate, slice, pad, gather, scatterAdd, reduceFeatures, argmaxFeatures
    case accumulate, sort, gatherFeatures, scatterFeatures, matrix
    case reduceAxes, argmaxAxis, pick, place, spread, axisToFeature, featureToAxis, shift
    case identity, draw, leaf, integers, comparison, logic
  }

  /// Appends some operations on what there is.
  mutating func grow() {
    for _ in 0..<random.integer(in: options.operations) {
      if options.allowsHistories, random.chance(0.2) {
        appendHistory()
        continue
      }
      // The moves that make a network, often; otherwise any.
      let usual: [Move] = [.smooth, .arithmetic, .affine, .product, .concatenate, .slice]
      let isUsual = random.chance(recurrence == nil ? 0.4 : 0.15)
      let move = isUsual ? random.choice(of: usual) : random.choice(of: Move.allCases)
      perform(move ?? .smooth)
    }
  }

  private mutating func perform(_ move: Move) {
    switch move {
    case .smooth: appendSmooth()
    case .positive: appendFunctionOfPositive()
    case .kinked: appendKinked()
    case .arithmetic: appendArithmetic()
    case .quotient: appendQuotient()
    case .choice: appendSelect()
    case .precision: appendPrecision()
    case .product: appendProduct()
    case .affine: appendAffine()
    case .weightGradient: appendWeightGradient()
    case .transpose: appendTranspose()
    case .reshape: appendReshape()
    case .broadcast: appendBroadcast()
    case .concatenate: appendConcatenate()
    case .slice: appendSlice()
    case .pad: appendPad()
    case .gather: appendGather()
    case .scatterAdd: appendScatterAdd()
    case .reduceFeatures: appendReduceFeatures()
    case .argmaxFeatures: appendArgmaxFeatures()
    case .accumulate: appendAccumulate()
    case .sort: appendSort()
    case .gatherFeatures: appendGatherFeatures()
    case .scatterFeatures: appendScatterFeatures()
    case .matrix: appendMatrix()
    case .reduceAxes: appendReduceAxes()
    case .argmaxAxis: appendArgmaxAxis()
    case .pick: appendPick()
    case .place: appendPlace()
    case .spread: appendSpread()
    case .axisToFeature: appendAxisToFeature()
    case .featureToAxis: appendFeatureToAxis()
    case .shift: appendShift()
    case .identity: appendIdentity()
    case .draw: appendRandom()
    case .leaf: appendLeaf()
    case .integers: appendIntegers()
    case .comparison: appendComparison()
    case .logic: appendLogic()
    }
  }
}
