/// The colours of series, in their order of use: distinct in hue and lightness, so that they stay apart in common
/// kinds of colour blindness and in grey.
enum SeriesPalette {
  static let count = 8

  /// On white.
  static let light = [
    "#0b5cad", "#d9580d", "#00876c", "#a8328f", "#8a6d00", "#4aa3df", "#7a1f2b", "#5d6670",
  ]
  /// On near black.
  static let dark = [
    "#6cb2ff", "#ff9a5c", "#2fd0a8", "#f08fdc", "#e3c04b", "#2f83c4", "#ff6b7d", "#a9b4c0",
  ]
  /// The nearest of a terminal's 256 colours that read well on light and dark backgrounds.
  static let terminal = [33, 208, 36, 170, 178, 75, 167, 246]

  /// The class that a stylesheet gives the colour to.
  static func cssClass(_ index: Int) -> String { "s\(index % count)" }

  /// The ninth series has the first one's colour: dashes keep them apart.
  static func dashes(_ index: Int) -> String? {
    switch index / count % 3 {
    case 0: nil
    case 1: "6 3"
    case 2: "2 3"
    case let turn: preconditionFailure("a remainder of three cannot be \(turn)")
    }
  }
}

extension SeriesPalette {
  static func terminalColor(_ index: Int) -> Int { terminal[index % terminal.count] }
}
