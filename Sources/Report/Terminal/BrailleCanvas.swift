/// A picture of dots in a terminal: each character cell holds 2 × 4 dots (Unicode block U+2800).
package struct BrailleCanvas: Sendable {
  /// In character cells.
  let columns: Int
  let rows: Int
  private var dots: [UInt8]
  /// The series that drew into a cell last, which determines its colour.
  private var owners: [Int?]
  /// Characters that stand over the dots.
  private var letters: [Character?]

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    dots = [UInt8](repeating: 0, count: columns * rows)
    owners = [Int?](repeating: nil, count: columns * rows)
    letters = [Character?](repeating: nil, count: columns * rows)
  }

  var dotColumns: Int { columns * 2 }
  var dotRows: Int { rows * 4 }

  /// Sets the dot at a place counted from the upper left, if it is inside the picture.
  package mutating func set(_ x: Int, _ y: Int, owner: Int?) {
    guard x >= 0, y >= 0, x < dotColumns, y < dotRows else { return }
    let cell = y / 4 * columns + x / 2
    dots[cell] |= BrailleCanvas.bit(x % 2, y % 4)
    if let owner { owners[cell] = owner }
  }

  /// The bits of a braille cell: dots 1, 2, 3, 7 on the left from top to bottom, and 4, 5, 6, 8 on the right.
  private static func bit(_ x: Int, _ y: Int) -> UInt8 {
    y == 3 ? (x == 0 ? 0x40 : 0x80) : 1 << UInt8(3 * x + y)
  }

  /// The straight line between two dots, both included (Bresenham's algorithm).
  ///
  /// - Parameter isDashed: Leaves out every other pair of dots, at places independent of the start of the line.
  package mutating func line(
    from start: (x: Int, y: Int), to end: (x: Int, y: Int), owner: Int?, isDashed: Bool = false
  ) {
    let dx = abs(end.x - start.x)
    let dy = -abs(end.y - start.y)
    let stepX = start.x < end.x ? 1 : -1
    let stepY = start.y < end.y ? 1 : -1
    var error = dx + dy
    var (x, y) = start
    while true {
      if !isDashed || (dx >= -dy ? x : y) & 3 < 2 { set(x, y, owner: owner) }
      if x == end.x && y == end.y { return }
      let doubled = 2 * error
      if doubled >= dy {
        error += dy
        x += stepX
      }
      if doubled <= dx {
        error += dx
        y += stepY
      }
    }
  }

  /// Puts a letter over the dots of a cell that no other letter has taken.
  mutating func letter(_ letter: Character, column: Int, row: Int, owner: Int) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    guard letters[row * columns + column] == nil else { return }
    letters[row * columns + column] = letter
    owners[row * columns + column] = owner
  }

  /// The series that owns a cell; `nil` if nothing is drawn there.
  func owner(column: Int, row: Int) -> Int? { owners[row * columns + column] }

  /// One row of characters.
  package func text(row: Int, style: TerminalStyle) -> String {
    var text = ""
    var column = 0
    while column < columns {
      let owner = owners[row * columns + column]
      var run = ""
      while column < columns && owners[row * columns + column] == owner {
        run.append(character(column, row))
        column += 1
      }
      text += owner.map { style.painted(run, SeriesPalette.terminalColor($0)) } ?? run
    }
    return text
  }

  private func character(_ column: Int, _ row: Int) -> Character {
    let cell = row * columns + column
    if let letter = letters[cell] { return letter }
    guard dots[cell] != 0, let scalar = Unicode.Scalar(0x2800 + UInt32(dots[cell])) else { return " " }
    return Character(scalar)
  }
}
