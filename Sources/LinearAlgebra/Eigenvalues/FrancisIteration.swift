internal import EbbTensors

/// The eigenvalues of a Hessenberg matrix by Francis's iteration with two shifts at a time.
///
/// The matrix splits into blocks where a subdiagonal entry becomes negligible; blocks of one row are real eigenvalues,
/// blocks of two rows are real or complex pairs.
struct FrancisIteration {
  private var h: Matrix
  private let norm: Double

  /// The maximum number of iterations for one eigenvalue. Three are usual.
  private static let limit = 100
  /// The number of iterations for one eigenvalue after which entries as small as rounding errors count as such.
  private static let patience = 20

  init(_ hessenberg: Matrix) {
    h = hessenberg
    norm = hessenberg.maximumNorm
  }

  mutating func run() throws(LinearAlgebraError) -> [ComplexNumber] {
    var found: [ComplexNumber] = []
    var (first, last) = (0, h.rows - 1)
    var iterations = 0
    while last >= 0 {
      let noise = noise(in: first...last, iterations)
      first = last
      while first > 0, !isNegligible(first, isPatient: iterations < Self.patience, noise) { first -= 1 }
      if first > 0 { h[first, first - 1] = 0 }
      switch last - first {
      case 0:
        found.append(ComplexNumber(h[last, last]))
        (first, last, iterations) = (0, last - 1, 0)
      case 1:
        found += eigenvaluesOfPair(first)
        (first, last, iterations) = (0, last - 2, 0)
      default:
        iterations += 1
        guard iterations <= Self.limit else {
          throw .didNotConverge(algorithm: "Francis's iteration", iterations: Self.limit)
        }
        step(first, last, shifts(last, iterations))
      }
    }
    return found
  }

  /// Whether the subdiagonal entry of this row can be set to 0: it is so small compared to its neighbours that this
  /// changes the eigenvalues of their 2 × 2 block less than rounding (Ahues & Tisseur 1997).
  ///
  /// - Parameters:
  ///   - isPatient: Otherwise being within rounding of the neighbours is enough. Near a defective multiple eigenvalue
  ///     rounding prevents smaller entries.
  ///   - noise: Entries up to this size are negligible.
  private func isNegligible(_ row: Int, isPatient: Bool, _ noise: Double) -> Bool {
    let entry = abs(h[row, row - 1])
    guard entry > noise else { return true }
    let (a, d) = (h[row - 1, row - 1], h[row, row])
    let size = abs(a) + abs(d)
    guard entry > .leastNormalMagnitude, entry > 0x1p-120 * norm else { return true }
    guard entry <= .ulpOfOne * (size == 0 ? norm : size) else { return false }
    guard isPatient else { return true }
    let opposite = abs(h[row - 1, row])
    let (smaller, larger) = (min(entry, opposite), max(entry, opposite))
    let (near, far) = (min(abs(d), abs(a - d)), max(abs(d), abs(a - d)))
    let scale = far + larger
    // h_{k,k−1} h_{k−1,k} ≤ ε |d| |a − d|, without products that underflow
    return smaller * (larger / scale) <= max(.ulpOfOne * near * (far / scale), .leastNormalMagnitude)
  }

  /// The size of the rounding errors in a block by now: 0 at first, then 2^⌊k/10⌋ ε max |h| in the k-th iteration, with
  /// the maximum over the block and later over the whole matrix, whose errors it shares.
  ///
  /// For a multiple eigenvalue with a full set of eigenvectors (the gates of many units saturate at 1), the last block
  /// has only such errors off its diagonal. Each iteration replaces them by others of a few ε, so they may never fall
  /// below one ε of their neighbours. Dropping them changes the matrix no more than they did.
  private func noise(in block: ClosedRange<Int>, _ iterations: Int) -> Double {
    guard iterations >= Self.patience else { return 0 }
    var largest = norm
    if iterations < 2 * Self.patience {
      largest = block.reduce(0) { largest, row in block.reduce(largest) { max($0, abs(h[row, $1])) } }
    }
    return largest * Double(sign: .plus, exponent: iterations / 10, significand: .ulpOfOne)
  }

  /// The sum and the product of the two shifts: the eigenvalues of the last two rows if they are complex, otherwise
  /// twice the one nearer to the last entry, because two different shifts converge slowly if both are multiple
  /// eigenvalues. Every tenth iteration uses exceptional shifts, in case of a cycle (Wilkinson's choice).
  private func shifts(_ last: Int, _ iterations: Int) -> (sum: Double, product: Double) {
    if iterations % 10 == 0 {
      let size = abs(h[last, last - 1]) + abs(h[last - 1, last - 2])
      return (1.5 * size, size * size)
    }
    let pair = eigenvaluesOfPair(last - 1)
    let (first, second) = (pair[0].real, pair[1].real)
    if pair[0].imaginary != 0 { return (2 * first, first * first + pair[0].imaginary * pair[0].imaginary) }
    let shift = abs(first - h[last, last]) < abs(second - h[last, last]) ? first : second
    return (2 * shift, shift * shift)
  }

  /// One step on the rows `first ... last`: the first column of H² − sH + pI determines a reflection of three rows,
  /// which creates a bulge that further reflections chase down the diagonal.
  private mutating func step(_ first: Int, _ last: Int, _ shifts: (sum: Double, product: Double)) {
    let corner = h[first, first]
    let below = h[first + 1, first]
    var x = corner * corner + h[first, first + 1] * below - shifts.sum * corner + shifts.product
    var y = below * (corner + h[first + 1, first + 1] - shifts.sum)
    var z = below * h[first + 2, first + 1]
    for row in first..<last {
      let count = min(3, last - row + 1)
      if row > first {
        x = h[row, row - 1]
        y = h[row + 1, row - 1]
        z = count == 3 ? h[row + 2, row - 1] : 0
      }
      guard let reflection = SmallReflection(x, y, count == 3 ? z : 0) else { continue }
      if row > first {
        h[row, row - 1] = reflection.target
        for other in row + 1..<row + count { h[other, row - 1] = 0 }
      }
      reflect(reflection, row, count, columns: row...last, rows: first...min(last, row + 3))
    }
  }

  /// H ← (I − τ v vᵀ) H (I − τ v vᵀ) for v with two or three entries from `row`.
  private mutating func reflect(
    _ reflection: SmallReflection, _ row: Int, _ count: Int, columns: ClosedRange<Int>, rows: ClosedRange<Int>
  ) {
    let (y, z, factor) = (reflection.y, reflection.z, reflection.factor)
    let hasThree = count == 3
    for column in columns {
      let third = hasThree ? h[row + 2, column] : 0
      let weight = factor * (h[row, column] + y * h[row + 1, column] + z * third)
      h[row, column] -= weight
      h[row + 1, column] -= weight * y
      if hasThree { h[row + 2, column] = third - weight * z }
    }
    for other in rows {
      let third = hasThree ? h[other, row + 2] : 0
      let weight = factor * (h[other, row] + y * h[other, row + 1] + z * third)
      h[other, row] -= weight
      h[other, row + 1] -= weight * y
      if hasThree { h[other, row + 2] = third - weight * z }
    }
  }

  /// The eigenvalues of [a b; c d]: with p = (a − d) / 2 they are d + p ± √(p² + bc).
  private func eigenvaluesOfPair(_ row: Int) -> [ComplexNumber] {
    let (a, b, c, d) = (h[row, row], h[row, row + 1], h[row + 1, row], h[row + 1, row + 1])
    let p = (a - d) / 2
    let discriminant = p * p + b * c
    if discriminant < 0 {
      let root = (-discriminant).squareRoot()
      return [ComplexNumber(d + p, root), ComplexNumber(d + p, -root)]
    }
    // First the one without cancellation, then the other from z₁ z₂ = −bc, for z = λ − d.
    let z = p + (p < 0 ? -1 : 1) * discriminant.squareRoot()
    return [ComplexNumber(d + z), ComplexNumber(z == 0 ? d : d - b * c / z)]
  }
}

/// The reflection I − τ v vᵀ with v = (1, y, z) that takes a vector to (target, 0, 0); none for the vector 0.
private struct SmallReflection {
  var y: Double
  var z: Double
  var factor: Double
  var target: Double

  init?(_ first: Double, _ second: Double, _ third: Double) {
    let norm = euclideanNorm([first, second, third])
    guard norm > 0 else { return nil }
    target = first > 0 ? -norm : norm
    y = second / (first - target)
    z = third / (first - target)
    factor = (target - first) / target
  }
}
