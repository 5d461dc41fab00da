import Foundation

/// A colour in sRGB, with channels from 0 to 1.
package struct RGB: Sendable, Hashable {
  package var red: Double
  package var green: Double
  package var blue: Double

  /// The nearest of 256 steps a channel.
  var bytes: [UInt8] {
    [red, green, blue].map { UInt8(max(0, min(255, ($0 * 255).rounded()))) }
  }

  /// Whether a screen can show it.
  package var isDisplayable: Bool {
    [red, green, blue].allSatisfy { $0 >= -1e-6 && $0 <= 1 + 1e-6 }
  }
}

/// A colour in a space in which equal distances look about equally different.
///
/// Source: B. Ottosson, "A perceptual color space for image processing" (2020).
package struct OKLab: Sendable, Hashable {
  /// From 0, black, to 1, white.
  package var lightness: Double
  /// Green to red.
  package var a: Double
  /// Blue to yellow.
  package var b: Double
}

extension OKLab {
  /// Chroma is the distance from grey; the hue is an angle in degrees.
  init(lightness: Double, chroma: Double, hue: Double) {
    let angle = hue * Double.pi / 180
    self.init(lightness: lightness, a: chroma * Foundation.cos(angle), b: chroma * Foundation.sin(angle))
  }

  package func distance(to other: OKLab) -> Double {
    let dl = lightness - other.lightness
    let da = a - other.a
    let db = b - other.b
    return (dl * dl + da * da + db * db).squareRoot()
  }

  /// The inverse of the two matrices of the definition, around the cube of the cone responses.
  package var rgb: RGB {
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return RGB(
      red: gammaEncoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
      green: gammaEncoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
      blue: gammaEncoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s))
  }

  package init(_ color: RGB) {
    let red = gammaDecoded(color.red)
    let green = gammaDecoded(color.green)
    let blue = gammaDecoded(color.blue)
    let l = Foundation.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let m = Foundation.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let s = Foundation.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    self.init(
      lightness: 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
      a: 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
      b: 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s)
  }

  /// The same lightness and hue with the largest chroma that a screen can show.
  var displayable: OKLab {
    if rgb.isDisplayable { return self }
    var shown = 0.0
    var hidden = 1.0
    for _ in 0..<24 {
      let middle = (shown + hidden) / 2
      let candidate = OKLab(lightness: lightness, a: a * middle, b: b * middle)
      if candidate.rgb.isDisplayable { shown = middle } else { hidden = middle }
    }
    return OKLab(lightness: lightness, a: a * shown, b: b * shown)
  }
}

private func cube(_ value: Double) -> Double { value * value * value }

/// The transfer function of sRGB (IEC 61966-2-1).
private func gammaEncoded(_ value: Double) -> Double {
  value <= 0.0031308 ? 12.92 * value : 1.055 * Foundation.pow(value, 1 / 2.4) - 0.055
}

package func gammaDecoded(_ value: Double) -> Double {
  value <= 0.04045 ? value / 12.92 : Foundation.pow((value + 0.055) / 1.055, 2.4)
}
