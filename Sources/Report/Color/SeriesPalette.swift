/// The colours of series, in their order of use.
///
/// They come from a search for the colours that are furthest apart (in OKLab, as seen with full and with each kind of
/// missing cones), under limits for contrast with the paper and for chroma. So they stay apart for every eye; the first
/// four, which most charts need, most of all.
package enum SeriesPalette {
  package static let count = 8

  /// On white.
  package static let light = [
    "#093a7b", "#aa350e", "#09a976", "#c373e4", "#9a7d02", "#056ac2", "#720a33", "#5d5d5e",
  ]
  /// On near black.
  package static let dark = [
    "#55a7ff", "#f7a040", "#7afbb3", "#be5ea3", "#f5de65", "#6ed4e3", "#e06950", "#989fa1",
  ]
  /// The nearest of a terminal's 256 colours that read well on light and dark backgrounds.
  static let terminal = [33, 208, 36, 170, 178, 75, 167, 246]

  /// The class that a stylesheet gives the colour to.
  static func cssClass(_ index: Int) -> String { "s\(index % count)" }

  /// What is predicted, whatever its colour.
  static let theoryDashes = "5 4"

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
