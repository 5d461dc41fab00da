/// The look of charts: one set of colours for light and one for dark; print is always light.
enum ChartStylesheet {
  /// - Parameter root: the selector that carries the colours: `:root` of a page, or the SVG element of a file.
  static func css(root: String) -> String {
    let (light, dark) = (declarations(of: lightColors), declarations(of: darkColors))
    return """
      \(root){color-scheme:light dark;\(light)}
      @media (prefers-color-scheme:dark){\(root){\(dark)}}
      @media print{\(root){color-scheme:light;\(light)}}
      \((plainRules + coloredRules).joined(separator: "\n"))
      \(classes.map { ".ebb-chart .\($0),.readout .\($0){--c:var(--\($0))}" }.joined(separator: "\n"))
      """
  }

  /// The light colours without variables, which many programs for drawings and papers do not know.
  static var paper: String {
    let colors = Dictionary(uniqueKeysWithValues: lightColors)
    let plain = plainRules.map { rule in
      // The names of variables do not contain each other with their brackets.
      lightColors.reduce(rule) { $0.replacing("var(--\($1.0))", with: $1.1) }
    }
    let colored = coloredRules.flatMap { rule in
      classes.map { name in
        let selected = rule.replacing("{", with: ".\(name){").replacing(".v1.\(name){", with: ".\(name).v1{")
          .replacing(".v2.\(name){", with: ".\(name).v2{")
        return lightColors.reduce(selected.replacing("var(--c)", with: colors[name] ?? "")) {
          $0.replacing("var(--\($1.0))", with: $1.1)
        }
      }
    }
    return (plain + colored).joined(separator: "\n")
  }

  /// A class for each place in the palette, and the one of grey.
  private static var classes: [String] { (0..<SeriesPalette.count).map(SeriesPalette.cssClass) + ["n"] }

  private static var lightColors: [(String, String)] {
    [
      ("paper", "#ffffff"), ("ink", "#1b1f24"), ("soft", "#57606a"), ("rule", "#8c959f"), ("grid", "#e4e7eb"),
      ("missing", "#f3f4f6"), ("hatch", "#c3c9d0"),
    ] + series(SeriesPalette.light, SeriesPalette.neutral.light)
  }

  private static var darkColors: [(String, String)] {
    [
      ("paper", "#14171b"), ("ink", "#e8eaed"), ("soft", "#a3abb5"), ("rule", "#6e7681"), ("grid", "#2a2f36"),
      ("missing", "#1c2026"), ("hatch", "#454c55"),
    ] + series(SeriesPalette.dark, SeriesPalette.neutral.dark)
  }

  private static func series(_ palette: [String], _ neutral: String) -> [(String, String)] {
    palette.enumerated().map { (SeriesPalette.cssClass($0), $1) } + [("n", neutral)]
  }

  private static func declarations(of colors: [(String, String)]) -> String {
    colors.map { "--\($0):\($1)" }.joined(separator: ";")
  }

  private static let plainRules = [
    """
    .ebb-chart{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
    font-size:12px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
    """,
    ".ebb-chart text{fill:var(--ink);font-variant-numeric:tabular-nums}",
    ".ebb-chart .title{font-size:15px;font-weight:600}",
    ".ebb-chart .axis-title{fill:var(--soft)}",
    ".ebb-chart .tick{fill:var(--soft);font-size:11px}",
    ".ebb-chart .note{fill:var(--soft);font-size:11px;font-style:italic}",
    ".ebb-chart .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;stroke-linejoin:round}",
    ".ebb-chart .paper{fill:var(--paper)}",
    ".ebb-chart .grid{stroke:var(--grid);stroke-width:1}",
    ".ebb-chart .axis{stroke:var(--rule);stroke-width:1;fill:none}",
    ".ebb-chart .reference{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:5 3}",
    ".ebb-chart .leader{stroke:var(--rule);stroke-width:.75;fill:none}",
    ".ebb-chart .event{fill:var(--ink)}",
    ".ebb-chart .missing{fill:var(--missing)}",
    ".ebb-chart .hatch{stroke:var(--hatch);stroke-width:1;fill:none}",
    ".ebb-chart .pixels{image-rendering:pixelated}",
  ]

  /// Rules with the colour of a series, and those of its shades.
  private static let coloredRules = [
    ".ebb-chart .curve{fill:none;stroke:var(--c);stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}",
    ".ebb-chart .band{fill:var(--c);fill-opacity:.17}",
    ".ebb-chart .dot{fill:var(--c)}",
    ".ebb-chart .bar{fill:var(--c)}",
    ".ebb-chart .scattered{fill:var(--c);fill-opacity:.75;stroke:var(--paper);stroke-width:.5}",
    ".ebb-chart .name{fill:var(--c);font-weight:600}",
    ".ebb-chart .curve.v1{stroke-opacity:.5}",
    ".ebb-chart .curve.v2{stroke-opacity:.7}",
    ".ebb-chart .dot.v1{fill-opacity:.5}",
    ".ebb-chart .bar.v1{fill-opacity:.4}",
    ".ebb-chart .bar.v2{fill-opacity:.15}",
    ".ebb-chart .scattered.v1{fill:var(--paper);stroke:var(--c);stroke-width:1.1}",
    ".ebb-chart .scattered.v2{fill-opacity:.25;stroke:var(--c);stroke-width:.8}",
  ]
}
