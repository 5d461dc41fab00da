internal import EbbGraph
internal import EbbTensors

extension RecurrentLayerFinder {
  /// The numbers of a layer's weights; false if one has a shape that fits no layer.
  func fill(_ layer: inout RecurrentLayer, _ match: Match) throws(ExportError) -> Bool {
    let all = match.gates + (match.recurrent.map { [$0] } ?? [])
    let read = Set(all.flatMap { $0.products.map(\.weight) + $0.biases } + match.peepholes)
    let tensors = try fixed.values(of: read.sorted()).mapValues { $0.doubles }
    let (units, state) = (layer.units, match.states[0])
    let widths = layer.inputs.map { graph.type($0).shape.count }
    let features = widths.reduce(0, +)
    let gates = layer.kind.gates
    var input = [Float](repeating: 0, count: gates * units * features)
    var recurrent = [Float](repeating: 0, count: gates * units * units)
    var biases = [Float](repeating: 0, count: 2 * gates * units)

    func add(_ terms: GateTerms, _ gate: Int, sign: Double, biasesAt offset: Int) -> Bool {
      for product in terms.products {
        guard let numbers = tensors[product.weight] else { return false }
        let shape = graph.type(product.weight).shape
        guard shape[1 - product.contracted] == units else { return false }
        let start = layer.inputs.firstIndex(of: product.vector).map { widths[..<$0].reduce(0, +) }
        for row in 0..<product.count {
          for unit in 0..<units {
            let place = product.start + row
            let number = numbers[product.contracted == 0 ? place * units + unit : unit * shape[1] + place] * sign
            if product.vector == state {
              recurrent[(gate * units + unit) * units + row] += Float(number)
            } else if let start {
              input[(gate * units + unit) * features + start + row] += Float(number)
            } else {
              return false
            }
          }
        }
      }
      for bias in terms.biases {
        guard let numbers = tensors[bias], numbers.count == units || numbers.count == 1 else { return false }
        for unit in 0..<units { biases[offset + unit] += Float(sign * numbers[numbers.count == 1 ? 0 : unit]) }
      }
      return true
    }

    for (gate, terms) in match.gates.enumerated() {
      let sign: Double = gate == 0 && match.isFirstNegated ? -1 : 1
      guard add(terms, gate, sign: sign, biasesAt: gate * units) else { return false }
    }
    if let inner = match.recurrent {
      let last = gates - 1
      guard add(inner, last, sign: 1, biasesAt: (gates + last) * units) else { return false }
    }
    layer.inputWeights = Tensor([gates * units, features], input)
    layer.recurrentWeights = Tensor([gates * units, units], recurrent)
    layer.biases = Tensor([2 * gates * units], biases)
    if !match.peepholes.isEmpty {
      // The operation has them in the order i, o, f, as the gates are.
      let numbers = match.peepholes.compactMap { tensors[$0] }
      guard numbers.allSatisfy({ $0.count == units || $0.count == 1 }) else { return false }
      let peepholes = numbers.flatMap { numbers in
        (0..<units).map { Float(numbers[numbers.count == 1 ? 0 : $0]) }
      }
      layer.peepholes = Tensor([3 * units], peepholes)
    }
    return true
  }
}
