import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors

// Plain loops on arrays of doubles, which know nothing of graphs: what the recorded cells are compared with.

typealias Vector = [Double]

func + (left: Vector, right: Vector) -> Vector { zip(left, right).map { $0 + $1 } }
func * (left: Vector, right: Vector) -> Vector { zip(left, right).map { $0 * $1 } }
func map(_ x: Vector, _ function: (Double) -> Double) -> Vector { x.map(function) }

/// Random values for all of a recording's parameters, biases and peepholes too.
struct Weights {
  var values: [String: Tensor] = [:]

  init(_ model: Recording, seed: UInt64 = 3) {
    for (index, parameter) in model.parameters.enumerated() {
      values[parameter.name] = randomTensor(parameter.shape.array, seed: seed, stream: UInt64(index), scale: 0.7)
    }
  }

  subscript(name: String) -> Vector { values[name]?.doubles ?? [] }

  /// [x₁, x₂, …] · W, and + b where the cell has a bias of this name.
  func affine(_ name: String, _ operands: Vector..., bias: Bool = true) -> Vector {
    let joined = operands.flatMap { $0 }
    let weight = self[name + ".weight"]
    let columns = weight.count / joined.count
    return (0..<columns).map { column in
      let sum = joined.indices.reduce(0) { $0 + joined[$1] * weight[$1 * columns + column] }
      return sum + (bias ? self[name + ".bias"][column] : 0)
    }
  }
}

func randomTensor(_ dimensions: [Int], seed: UInt64, stream: UInt64 = 99, scale: Double = 1) -> Tensor {
  let random = RandomStream(seed: seed, stream: stream)
  let count = dimensions.reduce(1, *)
  return Tensor(
    dimensions, (0..<count).map { random.value(.normal, at: .zero, element: UInt32($0)) * scale })
}

/// Runs a recording with a random input and parameters, and compares its output `y` with a step function on doubles.
///
/// Returns the largest difference.
func largestDifference(
  _ cell: some RecurrentCell, states: [Int], steps: Int = 5, batch: Int = 2, features: Int = 3,
  _ step: (Weights, _ states: inout [Vector], _ x: Vector) -> Vector
) throws -> Double {
  let model = try Recording(cell, features: features, element: .float64)
  let weights = Weights(model)
  let x = randomTensor([steps, batch, features], seed: 7)
  let result = try run(model, weights.values.merging(["x": x]) { $1 })["y"]
  let found = result?.doubles ?? []
  let input = x.doubles
  var worst = 0.0
  for row in 0..<batch {
    var state = states.map { Vector(repeating: 0, count: $0) }
    for time in 0..<steps {
      let start = (time * batch + row) * features
      let expected = step(weights, &state, Array(input[start..<start + features]))
      let units = expected.count
      if found.count != steps * batch * units { return .infinity }
      for (index, value) in expected.enumerated() {
        let difference = abs(value - found[(time * batch + row) * units + index])
        worst = difference.isNaN ? .infinity : max(worst, difference)
      }
    }
  }
  return worst
}

func run(_ model: Recording, _ values: [String: Tensor]) throws -> [String: Tensor] {
  try Interpreter.run(model.graph, Bindings(values))
}

/// The value of one signal, without axes and inputs: for functions of constants.
func evaluate(_ body: (Scope) -> Signal) throws -> Vector {
  let model = try Recording(element: .float64) { scope in scope.output("y", body(scope)) }
  return try run(model, [:])["y"]?.doubles ?? []
}
