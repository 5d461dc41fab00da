internal import EbbGraph
internal import EbbTensors
internal import Foundation

// The discrete Fourier transform of real features, as products with literals.

/// Xₖ = Σⱼ xⱼ e^(−2πi jk/n) for k = 0 … ⌊n/2⌋ along a feature dimension of a vector or a matrix: the other half is the
/// conjugate of this one. One product with a fixed n × 2(⌊n/2⌋ + 1) matrix.
public func realFourierTransform(
  _ x: Signal, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Complex {
  let recorder = x.noted("realFourierTransform", fileID, line).recorder
  guard recorder.isTransformable(x, dimension, "realFourierTransform") else {
    return Complex(recorder.signal(nil), recorder.signal(nil))
  }
  let n = x.shape[dimension]
  let half = n / 2 + 1
  let waves = recorder.waves(x.element, rows: n, columns: 2 * half) { j, column in
    column < half ? turn(j * column, of: n).cosine : -turn(j * (column - half), of: n).sine
  }
  let transformed = recorder.multiply(x, waves, along: dimension)
  return Complex(
    slice(transformed, 0..<half, dimension: dimension, fileID: fileID, line: line),
    slice(transformed, half..<2 * half, dimension: dimension, fileID: fileID, line: line))
}

/// The real x of `count` entries along a feature dimension whose `realFourierTransform` is z. Imaginary parts that no
/// real x has, of k = 0 and of k = n/2 for an even n, do not count.
public func inverseRealFourierTransform(
  _ z: Complex, count n: Int, dimension: Int = 0, fileID: String = #fileID, line: Int = #line
) -> Signal {
  let recorder = z.real.noted("inverseRealFourierTransform", fileID, line).recorder
  guard recorder.isTransformable(z.real, dimension, "inverseRealFourierTransform") else { return recorder.signal(nil) }
  let half = z.real.shape[dimension]
  guard n >= 1, n / 2 + 1 == half else {
    recorder.report(
      "inverseRealFourierTransform: \(n) entries have \(max(n, 0) / 2 + 1) frequencies, not \(half)",
      operands: z.real.node.map { [$0] } ?? [])
    return recorder.signal(nil)
  }
  // Each k but 0 and n/2 stands for two: xⱼ = Σₖ wₖ (Re Xₖ cos − Im Xₖ sin) / n.
  let waves = recorder.waves(z.real.element, rows: 2 * half, columns: n) { row, j in
    let k = row % half
    let weight = (k == 0 || 2 * k == n ? 1 : 2) / Double(n)
    let turn = turn(j * k, of: n)
    return weight * (row < half ? turn.cosine : -turn.sine)
  }
  let parts = concatenate([z.real, z.imaginary], dimension: dimension, fileID: fileID, line: line)
  return recorder.multiply(parts, waves, along: dimension)
}

extension Recorder {
  /// Whether a transform along the dimension can be recorded; a problem if not.
  fileprivate func isTransformable(_ x: Signal, _ dimension: Int, _ function: String) -> Bool {
    guard let node = x.node else { return false }
    guard (1...2).contains(x.shape.rank), (0..<x.shape.rank).contains(dimension), x.element.isFloat else {
      report(
        "\(function): expected a vector or a matrix of floats with a dimension \(dimension), found \(x.element.name) "
          + "\(x.shape)", operands: [node])
      return false
    }
    return true
  }

  fileprivate func waves(_ type: ElementType, rows: Int, columns: Int, _ entry: (Int, Int) -> Double) -> Signal {
    let numbers = (0..<rows * columns).map { entry($0 / columns, $0 % columns) }
    return literal(Literal(numbers), NodeType(type, .empty, [rows, columns]))
  }

  /// The product of each line along a dimension of x with a matrix.
  fileprivate func multiply(_ x: Signal, _ matrix: Signal, along dimension: Int) -> Signal {
    let product = contract(x, matrix, .dimensions(dimension, 0))
    return x.shape.rank == 2 && dimension == 0 ? record(.transpose(0, 1), [product]) : product
  }
}

/// cos and sin of 2π m/n, exact at quarters of a turn.
private func turn(_ m: Int, of n: Int) -> (cosine: Double, sine: Double) {
  let (quarters, rest) = (4 * (m % n)).quotientAndRemainder(dividingBy: n)
  let angle = Double.pi / 2 * Double(rest) / Double(n)
  var point = (cosine: Foundation.cos(angle), sine: Foundation.sin(angle))
  for _ in 0..<quarters { point = (-point.sine, point.cosine) }
  return point
}
