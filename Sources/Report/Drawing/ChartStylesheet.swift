/// The look of charts: one set of colours for light and one for dark; print is always light.
enum ChartStylesheet {
  /// - Parameter root: The selector that carries the colours: `:root` of a page, or the SVG element of a file.
  static func css(root: String) -> String {
    let light = variables(
      SeriesPalette.light,
      "--paper:#ffffff;--ink:#1b1f24;--soft:#57606a;--rule:#8c959f;--grid:#e4e7eb;--missing:#f3f4f6;--hatch:#c3c9d0")
    let dark = variables(
      SeriesPalette.dark,
      "--paper:#14171b;--ink:#e8eaed;--soft:#a3abb5;--rule:#6e7681;--grid:#2a2f36;--missing:#1c2026;--hatch:#454c55")
    return """
      \(root){color-scheme:light dark;\(light)}
      @media (prefers-color-scheme:dark){\(root){\(dark)}}
      @media print{\(root){color-scheme:light;\(light)}}
      \(rules)
      """
  }

  private static func variables(_ series: [String], _ others: String) -> String {
    others + series.indices.map { ";--\(SeriesPalette.cssClass($0)):\(series[$0])" }.joined()
  }

  private static var rules: String {
    let series = (0..<SeriesPalette.count).map(SeriesPalette.cssClass).map { name in
      ".ebb-chart .\(name){--c:var(--\(name))}"
    }
    return """
      .ebb-chart{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
      font-size:12px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
      .ebb-chart text{fill:var(--ink);font-variant-numeric:tabular-nums}
      .ebb-chart .title{font-size:15px;font-weight:600}
      .ebb-chart .axis-title{fill:var(--soft)}
      .ebb-chart .tick{fill:var(--soft);font-size:11px}
      .ebb-chart .note{fill:var(--soft);font-size:10.5px;font-style:italic}
      .ebb-chart .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;stroke-linejoin:round}
      .ebb-chart .paper{fill:var(--paper)}
      .ebb-chart .grid{stroke:var(--grid);stroke-width:1}
      .ebb-chart .axis{stroke:var(--rule);stroke-width:1;fill:none}
      .ebb-chart .reference{stroke:var(--soft);stroke-width:1.2;stroke-dasharray:5 3}
      .ebb-chart .leader{stroke:var(--rule);stroke-width:.75;fill:none}
      .ebb-chart .curve{fill:none;stroke:var(--c);stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}
      .ebb-chart .dot,.ebb-chart .bar{fill:var(--c)}
      .ebb-chart .scattered{fill:var(--c);fill-opacity:.75;stroke:var(--paper);stroke-width:.5}
      .ebb-chart .name{fill:var(--c);font-weight:600}
      .ebb-chart .event{fill:var(--ink)}
      .ebb-chart .missing{fill:var(--missing)}
      .ebb-chart .hatch{stroke:var(--hatch);stroke-width:1;fill:none}
      .ebb-chart .pixels{image-rendering:pixelated}
      \(series.joined(separator: "\n"))
      """
  }
}
