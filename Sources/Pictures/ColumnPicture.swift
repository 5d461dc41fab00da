internal import EbbMarkup

extension Drawing {
  /// The picture of an unrolled graph: a column for each time step from left to right, operands below results.
  package func columnPicture(_ columns: TimeColumns) -> Picture {
    var picture = ColumnPicture(drawing: self, steps: columns.steps)
    picture.placeColumns()
    picture.drawArrows()
    return picture.picture
  }

  /// Gives a value that another step reads the colour of states.
  mutating func markStates(_ columns: TimeColumns) {
    for arrow in arrows where boxes[arrow.source].role == .plain {
      let (from, to) = (columns.steps[arrow.source], columns.steps[arrow.target])
      if from != nil, to != nil, from != to { boxes[arrow.source].role = .state }
    }
  }
}

private struct ColumnPicture {
  private struct Column {
    var step: Int?
    var boxes: [Int]
    /// The arrows inside the column, in the order of the layout's paths.
    var arrows: [Int]
    var layout: LayeredLayout
    /// The middle of each of the layout's vertices.
    var centres: [Double]
    /// Where the column begins and ends.
    var span = (left: 0.0, right: 0.0)
    /// How strongly the column's sides face the steps with which they exchange values.
    var turn: Double
  }

  let drawing: Drawing
  private var columns: [Column] = []
  private var columnOf: [Int] = []
  private var portsByArrow: [Int: Double] = [:]
  var picture = Picture()

  private static let pitch = Drawing.Box.height + 42
  private static let gap = 64.0

  init(drawing: Drawing, steps: [Int?]) {
    self.drawing = drawing
    columnOf = [Int](repeating: 0, count: drawing.boxes.count)
    let byStep = Dictionary(grouping: drawing.boxes.indices, by: { steps[$0] ?? -1 })
    for (step, boxes) in byStep.sorted(by: { $0.key < $1.key }) {
      for box in boxes { columnOf[box] = columns.count }
      let inside = drawing.arrows.indices.filter { index in
        let arrow = drawing.arrows[index]
        return !arrow.isBackward && steps[arrow.source] ?? -1 == step && steps[arrow.target] ?? -1 == step
      }
      let local = Dictionary(uniqueKeysWithValues: boxes.enumerated().map { ($1, $0) })
      let edges = inside.map { index in
        LayeredLayout.Edge(
          source: local[drawing.arrows[index].source] ?? 0, target: local[drawing.arrows[index].target] ?? 0)
      }
      // A box that exchanges values with an earlier step is drawn on that side.
      var leanings = [Int](repeating: 0, count: boxes.count)
      for arrow in drawing.arrows {
        let (from, to) = (steps[arrow.source] ?? -1, steps[arrow.target] ?? -1)
        if to == step, from != step { leanings[local[arrow.target] ?? 0] += from < step ? -1 : 1 }
        if from == step, to != step { leanings[local[arrow.source] ?? 0] += to < step ? -1 : 1 }
      }
      let layout = LayeredLayout(
        breadths: boxes.map { drawing.boxes[$0].width }, edges: edges, gap: 16, leanings: leanings)
      let turn = zip(leanings, layout.centres).reduce(0) { $0 + Double($1.0) * $1.1 }
      columns.append(
        Column(
          step: step < 0 ? nil : step, boxes: boxes, arrows: inside, layout: layout, centres: layout.centres,
          turn: turn))
    }
    // All columns have one layout: mirror them together if that shortens the arrows between steps.
    if columns.reduce(0, { $0 + $1.turn }) < 0 {
      for index in columns.indices { columns[index].centres = columns[index].centres.map { -$0 } }
    }
  }

  mutating func placeColumns() {
    picture.rectangles = Array(
      repeating: Rectangle(left: 0, top: 0, width: 0, height: 0), count: drawing.boxes.count)
    let top = -Self.pitch * Double((columns.map { $0.layout.layers.count }.max() ?? 1) - 1)
    var x = 0.0
    for index in columns.indices {
      let layout = columns[index].layout
      let halves = layout.breadths.map { $0 / 2 }
      let left = zip(columns[index].centres, halves).map { $0 - $1 }.min() ?? 0
      let right = zip(columns[index].centres, halves).map { $0 + $1 }.max() ?? 0
      if index > 0 { x += Self.gap }
      columns[index].centres = columns[index].centres.map { $0 + x - left }
      columns[index].span = (x, x + right - left)
      for (local, box) in columns[index].boxes.enumerated() {
        let width = drawing.boxes[box].width
        picture.rectangles[box] = Rectangle(
          left: columns[index].centres[local] - width / 2,
          top: -Self.pitch * Double(layout.layerOf[local]), width: width, height: Drawing.Box.height)
      }
      if let step = columns[index].step {
        let area = Rectangle(
          left: x - Self.gap / 2 + 4, top: top - 16, width: right - left + Self.gap - 8,
          height: Drawing.Box.height - top + 46)
        picture.bands.append(Picture.Band(rectangle: area, title: "step \(step)"))
      }
      x += right - left
    }
  }

  mutating func drawArrows() {
    orderArrivals()
    for column in columns {
      for (position, index) in column.arrows.enumerated() { drawInside(column, index, column.layout.paths[position]) }
    }
    let between = drawing.arrows.indices.filter { index in
      let arrow = drawing.arrows[index]
      return columnOf[arrow.source] != columnOf[arrow.target] || arrow.isBackward
    }
    // Parallel lanes: one for each value that leaves a row or arrives at one.
    let departures = lanes(between.map { drawing.arrows[$0].source })
    let arrivals = lanes(between.map { drawing.arrows[$0].target })
    for index in between {
      let arrow = drawing.arrows[index]
      drawBetween(index, departure: departures[arrow.source] ?? 0, arrival: arrivals[arrow.target] ?? 0)
    }
  }

  /// Numbers these boxes in each row of each column.
  private func lanes(_ boxes: [Int]) -> [Int: Int] {
    var lanes: [Int: Int] = [:]
    for (_, row) in Dictionary(grouping: Set(boxes), by: { [Double(columnOf[$0]), picture.rectangles[$0].top] }) {
      let sorted = row.sorted { picture.rectangles[$0].left < picture.rectangles[$1].left }
      for (lane, box) in sorted.enumerated() { lanes[box] = lane }
    }
    return lanes
  }

  /// Spreads the arrows that end below a box, ordered from left to right.
  private mutating func orderArrivals() {
    for (target, arrows) in Dictionary(grouping: drawing.arrows.indices, by: { drawing.arrows[$0].target }) {
      func key(_ index: Int) -> Double { picture.rectangles[drawing.arrows[index].source].middle.x }
      let sorted = arrows.sorted { (key($0), $0) < (key($1), $1) }
      let area = picture.rectangles[target]
      let step = min(14, (area.width - 18) / Double(max(sorted.count - 1, 1)))
      for (position, index) in sorted.enumerated() {
        portsByArrow[index] = area.middle.x + (Double(position) - Double(sorted.count - 1) / 2) * step
      }
    }
  }

  private mutating func drawInside(_ column: Column, _ index: Int, _ bends: [Int]) {
    let arrow = drawing.arrows[index]
    let source = picture.rectangles[arrow.source]
    let end = Point(x: portsByArrow[index] ?? 0, y: picture.rectangles[arrow.target].bottom)
    var path = SVGPath(from: Point(x: source.middle.x, y: source.top))
    for bend in bends.dropFirst().dropLast() {
      let x = column.centres[bend]
      let y = -Self.pitch * Double(column.layout.layerOf[bend])
      path.rise(to: Point(x: x, y: y + Drawing.Box.height))
      path.run(to: Point(x: x, y: y))
    }
    path.rise(to: Point(x: end.x, y: end.y + 8))
    path.run(to: end)
    var curve = Picture.Curve(path: path.text, end: end, direction: Point(x: 0, y: -1))
    if let mark = arrow.mark {
      curve.labels.append(label(mark, beside: end, of: picture.rectangles[arrow.target]))
    }
    picture.curves.append(curve)
  }

  /// Draws an arrow between two columns: through the space above its row to the gap next to the target's column, along
  /// the gap to the target's row, and through the space below that row.
  private mutating func drawBetween(_ index: Int, departure: Int, arrival: Int) {
    let arrow = drawing.arrows[index]
    let (source, target) = (picture.rectangles[arrow.source], picture.rectangles[arrow.target])
    let end = Point(x: portsByArrow[index] ?? 0, y: target.bottom)
    let span = columns[columnOf[arrow.target]].span
    let row = Int(-source.top / Self.pitch)
    let beside = 10 + 6 * Double((departure + row) % 8)
    let gap = columnOf[arrow.source] <= columnOf[arrow.target] ? span.left - beside : span.right + beside
    let above = source.top - 6 - 4 * Double(departure % 3)
    let below = target.bottom + 16 + 4 * Double(arrival % 3)
    let corners = [
      Point(x: source.middle.x, y: above), Point(x: gap, y: above), Point(x: gap, y: below),
      Point(x: end.x, y: below),
    ]
    var path = SVGPath(from: Point(x: source.middle.x, y: source.top))
    path.corners(corners + [end], radius: 6)
    var curve = Picture.Curve(path: path.text, end: end, direction: Point(x: 0, y: -1))
    curve.kind = columns[columnOf[arrow.source]].step == nil ? .shared : .betweenSteps
    if arrow.carried != nil { curve.kind = .carried }
    curve.corners = corners
    if let mark = arrow.carried ?? arrow.mark { curve.labels.append(label(mark, beside: end, of: target)) }
    picture.curves.append(curve)
  }

  /// The label at an arrow's end, on its outer side.
  private func label(_ text: String, beside end: Point, of target: Rectangle) -> Picture.Label {
    let isLeft = end.x < target.middle.x
    let place = Point(x: end.x + (isLeft ? -6 : 6), y: end.y + 11)
    return Picture.Label(text: text, place: place, anchor: isLeft ? .end : .start)
  }
}
