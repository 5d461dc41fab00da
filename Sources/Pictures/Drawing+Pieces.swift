internal import EbbGraph

/// The texts of labels.
extension Drawing.Piece {
  /// A name with its indices below the line: `W_z` and `h@3` as Wz and h3.
  package static func name(_ name: String, isParameter: Bool = false) -> [Drawing.Piece] {
    var base = Substring(name)
    var indices: [Substring] = []
    if let step = TimeColumns.step(name) {
      base = base[..<(base.lastIndex(of: "@") ?? base.endIndex)]
      indices = ["\(step)"]
    }
    if let bar = base.lastIndex(of: "_"), bar > base.startIndex {
      let index = base[base.index(after: bar)...]
      if (1...5).contains(index.count) {
        indices.insert(index, at: 0)
        base = base[..<bar]
      }
    }
    let pieces = [Drawing.Piece(text: shortened(String(base)), isParameter: isParameter)]
    if indices.isEmpty { return pieces }
    return pieces + [Drawing.Piece(text: indices.joined(separator: ","), isParameter: isParameter, isLowered: true)]
  }

  /// A number as a label shows it: four significant digits.
  static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return constantText(value) }
    // Find the shortest rounding that is as accurate as four digits.
    var scale = 1.0
    var magnitude = value.magnitude
    guard magnitude >= 1e-3, magnitude < 1e6 else { return constantText(value) }
    while magnitude < 1000 {
      magnitude *= 10
      scale *= 10
    }
    return constantText((value * scale).rounded() / scale)
  }

  /// A name shortened to fit a box: its beginning and its end.
  static func shortened(_ name: String) -> String {
    name.count <= 24 ? name : name.prefix(8) + "…" + name.suffix(14)
  }
}
