extension Drawing {
  /// The picture of an unrolled graph: a column for each time step from left to right, operands below results.
  package func columnPicture(_ columns: TimeColumns) -> Picture {
    var picture = ColumnPicture(drawing: self, steps: columns.steps)
    picture.placeColumns()
    picture.drawArrows()
    return picture.picture
  }

  /// Gives the colour of states to what another step reads.
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
    /// What is added to the layout's coordinates.
    var offset = 0.0
  }

  let drawing: Drawing
  private var columns: [Column] = []
  private var columnOf: [Int] = []
  private var portsByArrow: [Int: Double] = [:]
  var picture = Picture()

  private static let pitch = Drawing.Box.height + 34
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
      // What exchanges values with an earlier step is drawn near it.
      var leanings = [Int](repeating: 0, count: boxes.count)
      for arrow in drawing.arrows {
        let (from, to) = (steps[arrow.source] ?? -1, steps[arrow.target] ?? -1)
        if to == step, from != step { leanings[local[arrow.target] ?? 0] += from < step ? -1 : 1 }
        if from == step, to != step { leanings[local[arrow.source] ?? 0] += to < step ? -1 : 1 }
      }
      let layout = LayeredLayout(
        breadths: boxes.map { drawing.boxes[$0].width }, edges: edges, gap: 16, leanings: leanings)
      columns.append(Column(step: step < 0 ? nil : step, boxes: boxes, arrows: inside, layout: layout))
    }
  }

  mutating func placeColumns() {
    picture.rectangles = Array(
      repeating: Picture.Rectangle(x: 0, y: 0, width: 0, height: 0), count: drawing.boxes.count)
    let top = -Self.pitch * Double((columns.map { $0.layout.layers.count }.max() ?? 1) - 1)
    var x = 0.0
    for index in columns.indices {
      let layout = columns[index].layout
      let halves = layout.centres.indices.map { layout.breadths[$0] / 2 }
      let left = zip(layout.centres, halves).map { $0 - $1 }.min() ?? 0
      let right = zip(layout.centres, halves).map { $0 + $1 }.max() ?? 0
      if index > 0 { x += Self.gap }
      columns[index].offset = x - left
      for (local, box) in columns[index].boxes.enumerated() {
        let width = drawing.boxes[box].width
        picture.rectangles[box] = Picture.Rectangle(
          x: layout.centres[local] + columns[index].offset - width / 2,
          y: -Self.pitch * Double(layout.layerOf[local]), width: width, height: Drawing.Box.height)
      }
      if let step = columns[index].step {
        let area = Picture.Rectangle(
          x: x - Self.gap / 2 + 4, y: top - 16, width: right - left + Self.gap - 8,
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
    for (index, arrow) in drawing.arrows.enumerated()
    where columnOf[arrow.source] != columnOf[arrow.target] || arrow.isBackward {
      drawBetween(index, arrow)
    }
  }

  /// The side of a box where an arrow ends.
  private enum Side { case below, left, right }

  private func side(_ arrow: Drawing.Arrow) -> Side {
    let (from, to) = (columnOf[arrow.source], columnOf[arrow.target])
    return from == to ? .below : from < to ? .left : .right
  }

  /// Spreads the arrows that end at one side of a box.
  private mutating func orderArrivals() {
    for (target, arrows) in Dictionary(grouping: drawing.arrows.indices, by: { drawing.arrows[$0].target }) {
      for (side, group) in Dictionary(grouping: arrows, by: { side(drawing.arrows[$0]) }) {
        func key(_ index: Int) -> Double {
          let source = picture.rectangles[drawing.arrows[index].source].middle
          return side == .below ? source.x : source.y
        }
        let sorted = group.sorted { (key($0), $0) < (key($1), $1) }
        let area = picture.rectangles[target]
        let room = side == .below ? area.width : area.height
        let step = min(14, (room - 18) / Double(max(sorted.count - 1, 1)))
        for (position, index) in sorted.enumerated() {
          let middle = side == .below ? area.middle.x : area.middle.y
          portsByArrow[index] = middle + (Double(position) - Double(sorted.count - 1) / 2) * step
        }
      }
    }
  }

  private mutating func drawInside(_ column: Column, _ index: Int, _ bends: [Int]) {
    let arrow = drawing.arrows[index]
    let source = picture.rectangles[arrow.source]
    let end = Picture.Point(x: portsByArrow[index] ?? 0, y: picture.rectangles[arrow.target].bottom)
    var path = PathBuilder(at: Picture.Point(x: source.middle.x, y: source.y))
    for bend in bends.dropFirst().dropLast() {
      let x = column.layout.centres[bend] + column.offset
      let y = -Self.pitch * Double(column.layout.layerOf[bend])
      path.rise(to: Picture.Point(x: x, y: y + Drawing.Box.height))
      path.line(to: Picture.Point(x: x, y: y))
    }
    path.rise(to: Picture.Point(x: end.x, y: end.y + 8))
    path.line(to: end)
    var curve = Picture.Curve(path: path.text, end: end, direction: Picture.Point(x: 0, y: -1))
    if let mark = arrow.mark {
      let isLeft = end.x < picture.rectangles[arrow.target].middle.x
      let place = Picture.Point(x: end.x + (isLeft ? -6 : 6), y: end.y + 11)
      curve.labels.append(Picture.Label(text: mark, place: place, anchor: isLeft ? .end : .start))
    }
    picture.curves.append(curve)
  }

  private mutating func drawBetween(_ index: Int, _ arrow: Drawing.Arrow) {
    let (source, target) = (picture.rectangles[arrow.source], picture.rectangles[arrow.target])
    let goesRight = columnOf[arrow.source] <= columnOf[arrow.target]
    let start = Picture.Point(x: goesRight ? source.right : source.x, y: source.middle.y)
    let end = Picture.Point(x: goesRight ? target.x : target.right, y: portsByArrow[index] ?? 0)
    var path = PathBuilder(at: start)
    path.flow(to: Picture.Point(x: end.x + (goesRight ? -8 : 8), y: end.y))
    path.line(to: end)
    var curve = Picture.Curve(path: path.text, end: end, direction: Picture.Point(x: goesRight ? 1 : -1, y: 0))
    curve.isBetweenSteps = columns[columnOf[arrow.source]].step != nil
    curve.isCarried = arrow.carried != nil
    if let mark = arrow.carried ?? arrow.mark {
      curve.labels.append(
        Picture.Label(
          text: mark, place: Picture.Point(x: end.x + (goesRight ? -10 : 10), y: end.y - 4),
          anchor: goesRight ? .end : .start))
    }
    picture.curves.append(curve)
  }
}
