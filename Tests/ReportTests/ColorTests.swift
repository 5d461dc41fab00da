import Foundation
import Testing

@testable import EbbReport

@Suite struct ColorTests {
  /// From "#0b5cad".
  private func color(_ hex: String) -> RGB {
    let number = UInt32(hex.dropFirst(), radix: 16) ?? 0
    return RGB(
      red: Double(number >> 16) / 255, green: Double(number >> 8 & 255) / 255, blue: Double(number & 255) / 255)
  }

  private func linear(_ color: RGB) -> [Double] { [color.red, color.green, color.blue].map(gammaDecoded) }

  /// The contrast ratio of WCAG 2: (L₁ + 0.05) / (L₂ + 0.05) of the relative luminances.
  private func contrast(_ first: RGB, _ second: RGB) -> Double {
    func luminance(_ color: RGB) -> Double {
      zip(linear(color), [0.2126, 0.7152, 0.0722]).map { $0 * $1 }.reduce(0, +)
    }
    let sorted = [luminance(first), luminance(second)].sorted()
    return (sorted[1] + 0.05) / (sorted[0] + 0.05)
  }

  @Test func colorsConvertThereAndBack() {
    for color in [RGB(red: 1, green: 0, blue: 0), RGB(red: 0.2, green: 0.5, blue: 0.9), RGB(red: 1, green: 1, blue: 1)]
    {
      let back = OKLab(color).rgb
      #expect(abs(back.red - color.red) + abs(back.green - color.green) + abs(back.blue - color.blue) < 1e-4)
    }
    // White has lightness 1 and no colour.
    let white = OKLab(RGB(red: 1, green: 1, blue: 1))
    #expect(abs(white.lightness - 1) < 1e-4 && abs(white.a) < 1e-4 && abs(white.b) < 1e-4)
  }

  @Test func sequentialMapGetsSteadilyLighter() {
    let map = ColorMap.sequential.colors.map(OKLab.init)
    #expect(map.count == 256)
    for (darker, lighter) in zip(map, map.dropFirst()) { #expect(lighter.lightness > darker.lightness) }
    let steps = zip(map, map.dropFirst()).map { $0.distance(to: $1) }
    let mean = steps.reduce(0, +) / Double(steps.count)
    #expect(steps.allSatisfy { abs($0 - mean) < 0.25 * mean })
    #expect(ColorMap.sequential.colors.allSatisfy { $0.isDisplayable })
  }

  @Test func divergingMapIsLightestInTheMiddle() {
    let map = ColorMap.diverging.colors.map(OKLab.init)
    let lightest = map.indices.max { map[$0].lightness < map[$1].lightness } ?? 0
    #expect(abs(lightest - 128) < 12)
    #expect(map[0].b < 0 && map[255].a > 0)
  }

  @Test func terminalMapGetsSteadilyLighter() {
    let levels = [0.0, 95, 135, 175, 215, 255]
    let lightness = ColorMap.sequential.terminalColors.map { index -> Double in
      let cube = index - 16
      return OKLab(
        RGB(red: levels[cube / 36] / 255, green: levels[cube / 6 % 6] / 255, blue: levels[cube % 6] / 255)
      ).lightness
    }
    #expect(lightness == lightness.sorted() && Set(lightness).count == lightness.count, "\(lightness)")
  }

  /// Machado, Oliveira and Fernandes (2009), table 1 at severity 1: full protanopia, deuteranopia and tritanopia.
  private static let deficiencies: [[[Double]]] = [
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
  ]

  private func seen(_ color: RGB, _ matrix: [[Double]]) -> OKLab {
    let channels = linear(color)
    let mixed = matrix.map { row in max(0, min(1, zip(row, channels).map { $0 * $1 }.reduce(0, +))) }
    func encoded(_ value: Double) -> Double {
      value <= 0.0031308 ? 12.92 * value : 1.055 * Foundation.pow(value, 1 / 2.4) - 0.055
    }
    return OKLab(RGB(red: encoded(mixed[0]), green: encoded(mixed[1]), blue: encoded(mixed[2])))
  }

  @Test func seriesStayApartForEveryEye() {
    let neutral = SeriesPalette.neutral
    // Grey is no series' colour, and is as far away as the last.
    for palette in [SeriesPalette.light + [neutral.light], SeriesPalette.dark + [neutral.dark]] {
      #expect(palette.count == SeriesPalette.count + 1)
      for matrix in ColorTests.deficiencies + [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]] {
        let colors = palette.map { seen(color($0), matrix) }
        for first in colors.indices {
          for second in colors.indices where second > first {
            let distance = colors[first].distance(to: colors[second])
            // The first, which most charts have, are further apart than all can be.
            let least = second < 4 ? 0.12 : second < 8 ? 0.08 : 0.07
            #expect(distance > least, "\(palette[first]) and \(palette[second]): \(distance)")
          }
        }
      }
    }
  }

  @Test func seriesStandOutFromThePaper() {
    for color in (SeriesPalette.light + [SeriesPalette.neutral.light]).map(color) {
      #expect(contrast(color, RGB(red: 1, green: 1, blue: 1)) >= 2.99)
    }
    for color in (SeriesPalette.dark + [SeriesPalette.neutral.dark]).map(color) {
      #expect(contrast(color, self.color("#14171b")) >= 4.49)
    }
  }
}

@Suite struct ImageTests {
  @Test func checksumsMatchTheirPublishedValues() {
    #expect(crc32(Array("123456789".utf8)) == 0xCBF4_3926)
    #expect(adler32(Array("Wikipedia".utf8)) == 0x11E6_0398)
  }

  @Test func pixelsAreStoredRowAfterRow() throws {
    let image = IndexedImage(width: 2, height: 2, colors: ColorMap.sequential.colors, pixels: [0, 255, nil, 7])
    let png = image.png
    #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    // Chunks: length, name, data, checksum.
    var chunks: [String: [UInt8]] = [:]
    var place = 8
    while place < png.count {
      let length = png[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let named = Array(png[place + 4..<place + 8 + length])
      let checksum = png[place + 8 + length..<place + 12 + length].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(checksum == crc32(named))
      chunks[String(decoding: named.prefix(4), as: UTF8.self)] = Array(named.dropFirst(4))
      place += 12 + length
    }
    #expect(chunks["PLTE"]?.count == 768 && chunks["tRNS"]?.last == 0)
    let data = try #require(chunks["IDAT"])
    // Two bytes of header, five of the block, then the lines with their filter bytes.
    #expect(Array(data[7..<13]) == [0, 0, 254, 0, 255, 7])
  }
}
