internal import EbbMarkup

extension HTMLReport {
  /// The page as text, to be saved with the extension `.html`. Equal reports give equal texts.
  public func html() -> String {
    var numbering = Numbering(figures: figures[...])
    let body = sections.enumerated().map { index, section in
      let blocks = section.blocks.map { rendered($0, &numbering) }
      return """
        <section id="section-\(index + 1)">
        <h2>\(inline(section.heading))</h2>
        \(blocks.joined(separator: "\n"))
        </section>
        """
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title>\(xmlEscaped(title))</title>
      <style>
      \(ChartStylesheet.css(root: ":root"))
      \(HTMLReport.stylesheet)
      </style>
      </head>
      <body data-name="\(fileName)">
      <main>
      <header>
      <h1>\(inline(title))</h1>
      \(renderedProgress)
      \(lead.isEmpty ? "" : "<p class=\"lead\">\(inline(lead))</p>")
      \(renderedFindings)
      \(renderedContents)
      </header>
      \(body.joined(separator: "\n"))
      \(renderedDetails)
      </main>
      <script>
      \(HTMLReport.script)
      \(HTMLReport.readoutScript)
      \(running == nil ? "" : HTMLReport.reloadingScript)
      </script>
      </body>
      </html>

      """
  }

  private struct Numbering {
    /// Those that were not rendered yet.
    var figures: ArraySlice<Figure>
    var tables = 0
  }

  /// The current work, above a progress bar.
  private var renderedProgress: String {
    guard let running else { return "" }
    let fraction = running.fraction.isFinite ? max(0, min(1, running.fraction)) : 0
    return """
      <div class="running" data-interval="\(exactText(running.interval))" data-time="\(exactText(running.time))">
      <p>\(inline(running.text))</p>
      <progress max="1" value="\(exactText((fraction * 1000).rounded() / 1000))"></progress>
      </div>
      """
  }

  private var renderedFindings: String {
    guard !findings.isEmpty else { return "" }
    let items = findings.map { "<li>\(inline($0))</li>" }.joined(separator: "\n")
    return "<div class=\"findings\">\n<h2>Key findings</h2>\n<ul>\n\(items)\n</ul>\n</div>"
  }

  /// Links to the sections, if there are enough of them.
  private var renderedContents: String {
    guard sections.count >= 4 else { return "" }
    let links = sections.enumerated().map { index, section in
      "<a href=\"#section-\(index + 1)\">\(inline(section.heading))</a>"
    }
    return "<nav aria-label=\"Sections\">\(links.joined(separator: "\n"))</nav>"
  }

  private var renderedDetails: String {
    let details = (origin?.details ?? []) + self.details
    guard !details.isEmpty else { return "" }
    let rows = details.map { "<dt>\(inline($0.name))</dt><dd>\(inline($0.value))</dd>" }
    return """
      <footer>
      <h2>How this was made</h2>
      <dl>
      \(rows.joined(separator: "\n"))
      </dl>
      </footer>
      """
  }

  private func rendered(_ block: Block, _ numbering: inout Numbering) -> String {
    switch block {
    case .paragraph(let text): return "<p>\(inline(text))</p>"
    case .list(let items): return "<ul>\n" + items.map { "<li>\(inline($0))</li>\n" }.joined() + "</ul>"
    case .code(let text):
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { xmlEscaped(String($0)) }
      return "<pre><code>\(lines.joined(separator: "\n"))</code></pre>"
    case .chart(_, let caption): return numbering.figures.popFirst().map { figure($0, caption) } ?? ""
    case .row(let charts, let caption) where charts.count == 1:
      return numbering.figures.popFirst().map { figure($0, caption) } ?? ""
    case .row(let charts, let caption):
      let figures = charts.indices.compactMap { _ in numbering.figures.popFirst() }.map { figure($0, "") }
      // Many charts are easier to compare the fewer rows they have.
      let columns = charts.count % 3 == 0 || charts.count > 4 ? 3 : 2
      return """
        <div class="row" style="--columns:\(columns)">
        \(figures.joined(separator: "\n"))
        \(caption.isEmpty ? "" : "<p class=\"caption\">\(inline(caption))</p>")
        </div>
        """
    case .table(let table, let caption):
      numbering.tables += 1
      return figure("Table", numbering.tables, table.title, "scrolled", table.html(), caption, table)
    }
  }

  private func figure(_ figure: Figure, _ caption: String) -> String {
    let chart = figure.chart
    let table = chart.table
    let numbers = table.rowCount <= 48 && table.columns.count <= 9 ? numbersOnDemand(table) : ""
    let narrow = Layout.narrow(chart)
    func drawing(_ layout: Layout, _ cssClass: String = "") -> String {
      chart.inlineSVG(figure.styles, width: layout.width, height: layout.height, cssClass: cssClass)
    }
    // The letters of a wide chart would be too small on a phone, so there it has a second drawing.
    let content =
      figure.layout == narrow ? drawing(narrow) : drawing(figure.layout, "wide") + "\n" + drawing(narrow, "narrow")
    return self.figure(
      "Figure", figure.number, chart.title, "plot", content, caption, table, name: figure.name, below: "\n" + numbers)
  }

  private func figure(
    _ kind: String, _ number: Int, _ title: String, _ style: String, _ content: String, _ caption: String,
    _ numbers: DataTable, name: String? = nil, below: String = ""
  ) -> String {
    let id = "\(kind.lowercased())-\(number)"
    let name = name ?? (title.isEmpty ? id : FileNames.safe(title))
    return """
      <figure id="\(id)" data-name="\(name)">
      <p class="figure-title"><span>\(kind) \(number)</span> \(inline(title))</p>
      <div class="\(style)">
      \(content)
      </div>
      <figcaption>\(inline(caption)) \(csvLink(numbers, name: name))</figcaption>\(below)
      </figure>
      """
  }

  private func numbersOnDemand(_ table: DataTable) -> String {
    "<details><summary>Numbers</summary><div class=\"scrolled\">\n\(table.html(isStacked: false))\n</div></details>"
  }

  private func csvLink(_ table: DataTable, name: String) -> String {
    // The script puts buttons next to the link; all stay on one line.
    "<span class=\"numbers\"><a class=\"csv\" download=\"\(fileName)-\(name).csv\" href=\"data:text/csv;charset=utf-8,\(percentEncoded(table.csv))\">CSV</a></span>"
  }
}

extension DataTable {
  /// Words on the left, numbers on the right, units in the header. On a phone a table that is too wide becomes a block
  /// for each row, in which each number has its name.
  ///
  /// - Parameter isStacked: Whether it may; otherwise it is scrolled.
  func html(isStacked: Bool = true) -> String {
    let isStacked = isStacked && width > 350
    let isNumeric = columns.map(\.isNumeric)
    let head = zip(columns, isNumeric).map { column, isNumeric in
      let unit = column.unit.isEmpty ? "" : " <span class=\"unit\">\(xmlEscaped(column.unit))</span>"
      return "<th scope=\"col\"\(isNumeric ? " class=\"number\"" : "")>\(inline(column.name))\(unit)</th>"
    }
    let rows = (0..<rowCount).map { row in
      let cells = zip(columns, isNumeric).map { column, isNumeric in
        let text = column.cells[row].text(column.format, .typographic)
        let label = isStacked ? " data-label=\"\(xmlEscaped(column.title))\"" : ""
        return isNumeric
          ? "<td class=\"number\"\(label)>\(xmlEscaped(text))</td>" : "<td\(label)>\(inline(text))</td>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    return """
      <table\(isStacked ? " class=\"stacked\"" : "")>
      <thead><tr>\(head.joined())</tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody>
      </table>
      """
  }
}

extension DataTable {
  /// About how wide it is on a page, in CSS pixels.
  private var width: Double {
    columns.reduce(0) { sum, column in
      let texts = [column.title] + column.cells.map { $0.text(column.format, .typographic) }
      return sum + (texts.map { textWidth($0, size: 13.5) * 1.15 }.max() ?? 0) + 18
    }
  }
}

/// Escaped text in which pairs of backticks mark code.
func inline(_ text: String) -> String {
  let parts = text.split(separator: "`", omittingEmptySubsequences: false).map { xmlEscaped(String($0)) }
  // An even number of parts means an unpaired backtick: then pairs are ambiguous, and all backticks stay.
  guard !parts.count.isMultiple(of: 2) else { return parts.joined(separator: "`") }
  return parts.enumerated().map { index, part in index.isMultiple(of: 2) ? part : "<code>\(part)</code>" }.joined()
}

/// RFC 3986: everything but unreserved characters and commas as %XX.
func percentEncoded(_ text: String) -> String {
  let digits = Array("0123456789ABCDEF".utf8)
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"), UInt8(ascii: ","):
      bytes.append(byte)
    default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
