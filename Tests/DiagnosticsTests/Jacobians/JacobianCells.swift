import EbbGraph
import EbbLinearAlgebra
import EbbRecording
import EbbTensors

/// h' = A h + x, with the matrix A as the parameter `A`, transposed.
struct LinearCell: RecurrentCell {
  var units: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let h = scope.state("h", units)
    return h.next(matmul(h, scope.parameter("A", [units, units], .zeros)) + x)
  }

  /// The recording, with A and with inputs 0.
  static func recording(
    _ a: Matrix, length: Int, samples: Int = 1
  ) throws -> (recording: Recording, bindings: Bindings) {
    let recording = try Recording(LinearCell(units: a.rows), features: a.rows, element: .float64)
    let zeros = [Double](repeating: 0, count: length * samples * a.rows)
    return (
      recording,
      Bindings(["A": Tensor([a.rows, a.rows], a.transposed.elements), "x": Tensor([length, samples, a.rows], zeros)])
    )
  }
}

/// u' = 1 − 1.4 u² + v,  v' = 0.3 u (Hénon 1976): a map that needs no input.
struct HenonMap: RecurrentCell {
  func callAsFunction(_ input: Signal, _ scope: Scope) -> Signal {
    let u = scope.state("u", 1)
    let v = scope.state("v", 1)
    v.next(0.3 * u)
    return u.next(1 - 1.4 * square(u) + v)
  }
}

/// u' = 1 − 1.4 u² + 0.3 w + W x with w, of two features, read from two steps back.
struct DelayedMap: RecurrentCell {
  func callAsFunction(_ input: Signal, _ scope: Scope) -> Signal {
    let w = scope.state("w", 2, steps: 2)
    let u = scope.state("u", 2)
    let value = 1 - 1.4 * square(u) + 0.3 * w * scope.affine("input", [input, w], 2)
    w.next(value * u)
    return u.next(value)
  }
}

/// Numbers that differ at every place, in −1 … 1.
func scattered(_ count: Int, _ seed: Double = 0) -> [Double] {
  (0..<count).map { index in
    let x = Double(index) * 0.754_877_666 + 0.1 + seed * 0.569_840_29
    return 2 * (x - x.rounded(.down)) - 1
  }
}
