/// The colours of series, in their order of use.
///
/// They result from a search for the most distant colours (in OKLab, for full colour vision and for each type of
/// missing cones), with limits on contrast with the paper and on chroma. So they are distinct for every eye, most of
/// all the first four, which most charts need, and from the grey of series without a colour of their own.
package enum SeriesPalette {
  package static let count = 11

  /// On white.
  package static let light = [
    "#093a7b", "#aa350e", "#09a976", "#c373e4", "#9a7d02", "#056ac2", "#720a33", "#a70dff",
    "#371203", "#d20094", "#6004af",
  ]
  /// On near black.
  package static let dark = [
    "#55a7ff", "#f7a040", "#7afbb3", "#be5ea3", "#f5de65", "#6ed4e3", "#e06950", "#ac5cfb",
    "#8fc481", "#0e9907", "#f863dd",
  ]
  /// Grey on white and on near black.
  package static let neutral = (light: "#5d5d5e", dark: "#989fa1")
  /// The nearest of a terminal's 256 colours that read well on light and dark backgrounds.
  static let terminal = [33, 208, 36, 170, 178, 75, 167, 246]

  /// The stylesheet class with the colour.
  static func cssClass(_ index: Int) -> String { "s\(index % count)" }

  /// Predicted values, in any colour.
  static let theoryDashes = "5 4"

  /// The twelfth subject has the first one's colour; dashes distinguish them.
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
