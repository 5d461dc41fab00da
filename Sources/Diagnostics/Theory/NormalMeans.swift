internal import Foundation

/// Means over a standard normal variable by adaptive quadrature:
///
///     E f(z) = ∫ f(z) e^(−z²/2) / √(2π) dz
///
/// Each interval is summed by the Gauss rule with 7 nodes and the Kronrod rule with 15, which includes these 7 (Kronrod
/// 1965). The interval with the largest difference between the two is halved until all differences together are below
/// `tolerance` times the mean of |f|; the error of the 15-node rule is far smaller. The mean of f itself is no measure,
/// as it may be 0, for example for an odd function.
enum NormalMeans {
  /// The tolerance of the difference between the two rules.
  private static let tolerance = 1e-8
  /// Beyond this the density is negligible.
  private static let end = 9.0
  private static let most = 500

  /// The Kronrod nodes in 0 ... 1, of which the odd ones are Gauss nodes, and the weights of both rules.
  private static let nodes = [
    0.991_455_371_120_812_6, 0.949_107_912_342_758_5, 0.864_864_423_359_769_1, 0.741_531_185_599_394_4,
    0.586_087_235_467_691_1, 0.405_845_151_377_397_2, 0.207_784_955_007_898_47, 0,
  ]
  private static let kronrod = [
    0.022_935_322_010_529_224, 0.063_092_092_629_978_55, 0.104_790_010_322_250_18, 0.140_653_259_715_525_92,
    0.169_004_726_639_267_9, 0.190_350_578_064_785_4, 0.204_432_940_075_298_9, 0.209_482_141_084_727_83,
  ]
  private static let gauss = [
    0.129_484_966_168_869_7, 0.279_705_391_489_276_67, 0.381_830_050_505_118_94, 0.417_959_183_673_469_4,
  ]

  private struct Piece {
    var low: Double
    var high: Double
    var sum: Double
    /// The sum of |f|.
    var magnitude: Double
    var difference: Double
  }

  /// E f(z) for an f that varies within `width` of `centre` and is smooth farther away.
  static func mean(around centre: Double = 0, width: Double, _ function: (Double) -> Double) -> Double {
    let centre = min(max(centre, -end), end)
    // Intervals get shorter towards the centre, so that none misses the variation there.
    var bounds = [-end, centre, end]
    var distance = 2 * end
    while distance > max(width, 1e-12) {
      bounds += [centre - distance, centre + distance].filter { abs($0) < end }
      distance /= 4
    }
    bounds.sort()
    var pieces = zip(bounds, bounds.dropFirst()).filter { $0 < $1 }.map { piece($0, $1, function) }
    while pieces.count < most {
      let magnitude = pieces.reduce(0) { $0 + $1.magnitude }
      let differences = pieces.reduce(0) { $0 + $1.difference }
      guard differences > tolerance * magnitude,
        let worst = pieces.indices.max(by: { pieces[$0].difference < pieces[$1].difference })
      else { break }
      let (low, high) = (pieces[worst].low, pieces[worst].high)
      let middle = (low + high) / 2
      guard low < middle, middle < high else { break }
      pieces[worst] = piece(low, middle, function)
      pieces.append(piece(middle, high, function))
    }
    // The smallest first, so that their digits are not lost in the large ones.
    return pieces.map(\.sum).sorted { abs($0) < abs($1) }.reduce(0, +)
  }

  /// E f(μ + σ z) for a function that varies near 0, within a distance of 1.
  static func mean(_ function: (Double) -> Double, mean: Double, deviation: Double) -> Double {
    guard deviation > 0 else { return function(mean) }
    return self.mean(around: -mean / deviation, width: 1 / deviation) { function(mean + deviation * $0) }
  }

  /// E f(σ u) f(σ v) of two standard normal variables with a correlation in −1 ... 1.
  static func product(_ function: (Double) -> Double, deviation: Double, correlation: Double) -> Double {
    // v = c u + √(1 − c²) w, with w independent of u
    let rest = max(0, 1 - correlation * correlation).squareRoot()
    return mean(width: 1 / deviation) { u in
      function(deviation * u) * mean(function, mean: deviation * correlation * u, deviation: deviation * rest)
    }
  }

  private static func piece(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Piece {
    let (middle, half) = ((low + high) / 2, (high - low) / 2)
    func value(_ z: Double) -> Double { function(z) * exp(-z * z / 2) }
    var (fine, coarse, magnitude) = (0.0, 0.0, 0.0)
    for index in nodes.indices {
      let offset = half * nodes[index]
      let (left, right) = (value(middle - offset), offset == 0 ? 0 : value(middle + offset))
      let sum = left + right
      fine += kronrod[index] * sum
      magnitude += kronrod[index] * (abs(left) + abs(right))
      if index % 2 == 1 { coarse += gauss[index / 2] * sum }
    }
    let scale = half / (2 * Double.pi).squareRoot()
    return Piece(
      low: low, high: high, sum: scale * fine, magnitude: scale * magnitude, difference: scale * abs(fine - coarse))
  }
}
