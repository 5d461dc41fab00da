internal import EbbMarkup

extension Chart {
  /// The colours of a standalone drawing.
  public enum Colors: Sendable, Hashable {
    /// For light, dark and print, as the reader's program prefers.
    case adaptive
    /// Light colours on white in plain rules, which programs for drawings and papers understand.
    case paper
  }

  /// The chart as a standalone SVG file: fonts by name, no network access.
  ///
  /// Equal charts give equal texts.
  ///
  /// - Parameters:
  ///   - width: in CSS pixels, at least 240.
  ///   - height: in CSS pixels; `nil` lets the chart choose.
  public func svg(width: Int = 720, height: Int? = nil, colors: Colors = .adaptive) -> String {
    let options = ChartDrawingOptions(
      width: Double(max(240, width)), height: height.map { Double(max(120, $0)) },
      styles: ColorAssignment([self]).styles(of: self))
    return file(content.drawn(options), colors)
  }

  /// The chart of a page as a file for a paper, which has its own title and caption.
  func paperSVG(_ styles: [SeriesStyle], width: Int, height: Int?) -> String {
    file(
      content.drawn(
        ChartDrawingOptions(
          width: Double(width), height: height.map(Double.init), showsTitle: false, styles: styles)), .paper)
  }

  /// The chart inside a page that has the stylesheet and writes the title itself.
  func inlineSVG(_ styles: [SeriesStyle], width: Int, height: Int? = nil, cssClass: String = "") -> String {
    let canvas = content.drawn(
      ChartDrawingOptions(
        width: Double(width), height: height.map(Double.init), showsTitle: false, isInPage: true, styles: styles))
    return element(canvas, "\n" + canvas.body, isFile: false, cssClass: cssClass)
  }

  private func file(_ canvas: SVGCanvas, _ colors: Colors) -> String {
    let css =
      switch colors {
      case .adaptive: ChartStylesheet.css(root: ".ebb-chart")
      case .paper: ChartStylesheet.paper
      }
    let styled = """

      <style>
      \(css)
      </style>
      <rect class="paper" width="100%" height="100%"/>
      \(canvas.body)
      """
    return element(canvas, styled, isFile: true) + "\n"
  }

  /// The SVG element. A file has a fixed size; in a page the chart is as wide as its column, and a script reads its
  /// numbers.
  private func element(_ canvas: SVGCanvas, _ content: String, isFile: Bool, cssClass: String = "") -> String {
    let (width, height) = (coordinate(canvas.width), coordinate(canvas.height))
    let attributes = xmlText([
      "xmlns": "http://www.w3.org/2000/svg", "class": cssClass.isEmpty ? "ebb-chart" : "ebb-chart \(cssClass)",
      "width": isFile ? width : nil, "height": isFile ? height : nil, "viewBox": "0 0 \(width) \(height)",
      "role": "img", "aria-label": title,
    ])
    return "<svg\(attributes)\(isFile ? "" : canvas.readout?.attributes ?? "")>\(content)</svg>"
  }
}
