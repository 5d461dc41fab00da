internal import EbbMarkup

extension Chart {
  /// The chart as a standalone SVG file: fonts by name, colours for light, dark and print, no network access.
  ///
  /// Equal charts give equal texts.
  ///
  /// - Parameters:
  ///   - width: In CSS pixels, at least 240.
  ///   - height: In CSS pixels; `nil` lets the chart choose.
  public func svg(width: Int = 720, height: Int? = nil) -> String {
    let options = ChartDrawingOptions(width: Double(max(240, width)), height: height.map { Double(max(120, $0)) })
    let canvas = content.drawn(options)
    let styled = """

      <style>
      \(ChartStylesheet.css(root: ".ebb-chart"))
      </style>
      <rect class="paper" width="100%" height="100%"/>
      \(canvas.body)
      """
    return element(canvas, styled, isFile: true) + "\n"
  }

  /// The chart inside a page that has the stylesheet and writes the title itself.
  func inlineSVG(width: Int = 720, height: Int? = nil) -> String {
    let options = ChartDrawingOptions(width: Double(width), height: height.map(Double.init), showsTitle: false)
    let canvas = content.drawn(options)
    return element(canvas, "\n" + canvas.body, isFile: false)
  }

  /// The SVG element. A file has a fixed size; in a page the chart is as wide as its column, and a script reads its
  /// numbers.
  private func element(_ canvas: SVGCanvas, _ content: String, isFile: Bool) -> String {
    let (width, height) = (coordinate(canvas.width), coordinate(canvas.height))
    let attributes = xmlText([
      "xmlns": "http://www.w3.org/2000/svg", "class": "ebb-chart", "width": isFile ? width : nil,
      "height": isFile ? height : nil, "viewBox": "0 0 \(width) \(height)", "role": "img", "aria-label": title,
    ])
    return "<svg\(attributes)\(isFile ? "" : canvas.readout?.attributes ?? "")>\(content)</svg>"
  }
}
