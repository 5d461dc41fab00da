/// 256 colours in an order perceived as increasing.
///
/// A map is a path through OKLab whose lightness rises steadily, divided into steps of equal perceived difference. So
/// equal differences of value look alike everywhere, and the map survives grey printing and colour blindness.
package struct ColorMap: Sendable, Hashable {
  package let colors: [RGB]
  /// The same path in the colours that terminals of 256 colours share. They are too few and too uneven to pick the
  /// nearest one at each step: the lightness would alternate.
  package let terminalColors: [Int]

  static let steps = 256

  /// Ink blue, teal, green, pale yellow.
  package static let sequential = ColorMap(
    terminalColors: [17, 18, 19, 25, 31, 36, 42, 77, 113, 149, 185, 191, 227, 229, 230],
    through: [
      OKLab(lightness: 0.19, chroma: 0.075, hue: 290),
      OKLab(lightness: 0.33, chroma: 0.125, hue: 270),
      OKLab(lightness: 0.47, chroma: 0.105, hue: 230),
      OKLab(lightness: 0.61, chroma: 0.11, hue: 185),
      OKLab(lightness: 0.75, chroma: 0.15, hue: 145),
      OKLab(lightness: 0.87, chroma: 0.165, hue: 112),
      OKLab(lightness: 0.975, chroma: 0.09, hue: 102),
    ])

  /// Blue, near white, red: lightness falls equally on both sides of the middle.
  package static let diverging = ColorMap(
    terminalColors: [19, 25, 68, 110, 153, 189, 231, 224, 217, 216, 209, 160, 124],
    through: [
      OKLab(lightness: 0.36, chroma: 0.13, hue: 262),
      OKLab(lightness: 0.66, chroma: 0.11, hue: 248),
      OKLab(lightness: 0.955, chroma: 0.008, hue: 100),
      OKLab(lightness: 0.66, chroma: 0.14, hue: 40),
      OKLab(lightness: 0.36, chroma: 0.13, hue: 26),
    ])

  private init(terminalColors: [Int], through knots: [OKLab]) {
    self.terminalColors = terminalColors
    // A smooth curve through the knots, finely sampled.
    let fine = 4096
    let path = (0...fine).map { index in
      let place = Double(index) / Double(fine) * Double(knots.count - 1)
      let segment = min(knots.count - 2, Int(place))
      return smooth(knots, segment, place - Double(segment)).displayable
    }
    // The length of the path up to each sample; steps are then cut to equal lengths.
    var lengths = [0.0]
    for index in 1..<path.count {
      lengths.append(lengths[index - 1] + path[index].distance(to: path[index - 1]))
    }
    let total = lengths[lengths.count - 1]
    var sample = 0
    colors = (0..<ColorMap.steps).map { step in
      let target = total * Double(step) / Double(ColorMap.steps - 1)
      while sample + 1 < path.count - 1 && lengths[sample + 1] < target { sample += 1 }
      return path[sample + 1].rgb
    }
  }

  /// The step at a place between 0 and 1.
  static func step(at fraction: Double) -> Int {
    max(0, min(steps - 1, Int((fraction * Double(steps - 1)).rounded())))
  }

  func terminalColor(at fraction: Double) -> Int {
    terminalColors[max(0, min(terminalColors.count - 1, Int(fraction * Double(terminalColors.count))))]
  }
}

/// The Catmull-Rom curve between knots `segment` and `segment + 1`.
private func smooth(_ knots: [OKLab], _ segment: Int, _ t: Double) -> OKLab {
  let before = knots[max(0, segment - 1)]
  let start = knots[segment]
  let end = knots[segment + 1]
  let after = knots[min(knots.count - 1, segment + 2)]
  func blend(_ channel: (OKLab) -> Double) -> Double {
    let p0 = channel(before)
    let p1 = channel(start)
    let p2 = channel(end)
    let p3 = channel(after)
    let linear = (p2 - p0) * t
    let quadratic = (2 * p0 - 5 * p1 + 4 * p2 - p3) * t * t
    let cubic = (3 * p1 - p0 - 3 * p2 + p3) * t * t * t
    return (2 * p1 + linear + quadratic + cubic) / 2
  }
  return OKLab(lightness: blend(\.lightness), a: blend(\.a), b: blend(\.b))
}
