internal import EbbMarkup

extension Drawing {
  /// The picture of a graph that is not unrolled: operands to the left, results to the right, and the delays' arrows
  /// as dashed loops back around everything.
  package func flowPicture() -> Picture {
    let forward = arrows.indices.filter { !arrows[$0].isBackward }
    let layout = LayeredLayout(
      breadths: boxes.map { _ in Box.height },
      edges: forward.map { LayeredLayout.Edge(source: arrows[$0].source, target: arrows[$0].target) }, gap: 18)
    var flow = FlowPicture(drawing: self, layout: layout)
    flow.placeBoxes()
    flow.drawLoops()
    flow.drawForward(forward)
    return flow.picture
  }
}

/// The picture of a layered layout whose layers are columns.
private struct FlowPicture {
  let drawing: Drawing
  let layout: LayeredLayout
  var picture = Picture()
  /// The left and right end of each layer.
  var spans: [(left: Double, right: Double)] = []
  /// For each arrow into a box, its order among the others from top to bottom.
  var arrivals: [Int: Double] = [:]
  var portsByArrow: [Int: Double] = [:]

  mutating func placeBoxes() {
    let backward = drawing.arrows.filter(\.isBackward)
    var x = 0.0
    for (index, layer) in layout.layers.enumerated() {
      // Loops run up or down between the layers; make room for them.
      let loops = backward.count { layout.layerOf[$0.target] == index || layout.layerOf[$0.source] == index - 1 }
      if index > 0 { x += 50 + 7 * Double(loops) }
      let width = layer.filter { $0 < drawing.boxes.count }.map { drawing.boxes[$0].width }.max() ?? 0
      spans.append((x, x + width))
      x += width
    }
    picture.rectangles = drawing.boxes.indices.map { box in
      let span = spans[layout.layerOf[box]]
      let width = drawing.boxes[box].width
      return Rectangle(
        left: (span.left + span.right - width) / 2, top: layout.centres[box] - Drawing.Box.height / 2, width: width,
        height: Drawing.Box.height)
    }
    orderArrivals()
  }

  /// Spreads the arrows into a box over its left side, in the order in which they arrive.
  private mutating func orderArrivals() {
    var forward = 0
    for (index, arrow) in drawing.arrows.enumerated() {
      if arrow.isBackward {
        arrivals[index] = isAbove(arrow) ? -.infinity : .infinity
      } else {
        arrivals[index] = layout.centres[layout.paths[forward].dropLast().last ?? arrow.source]
        forward += 1
      }
    }
    let byTarget = Dictionary(grouping: drawing.arrows.indices, by: { drawing.arrows[$0].target })
    for (target, arrows) in byTarget {
      let sorted = arrows.sorted { (arrivals[$0] ?? 0, $0) < (arrivals[$1] ?? 0, $1) }
      let step = min(14, (Drawing.Box.height - 16) / Double(max(sorted.count - 1, 1)))
      for (position, arrow) in sorted.enumerated() {
        let offset = (Double(position) - Double(sorted.count - 1) / 2) * step
        portsByArrow[arrow] = picture.rectangles[target].middle.y + offset
      }
    }
  }

  mutating func drawForward(_ indices: [Int]) {
    for (position, index) in indices.enumerated() {
      let arrow = drawing.arrows[index]
      let start = Point(x: picture.rectangles[arrow.source].right, y: layout.centres[arrow.source])
      let end = Point(x: picture.rectangles[arrow.target].left, y: portsByArrow[index] ?? 0)
      var path = SVGPath(from: start)
      path.run(to: Point(x: spans[layout.layerOf[arrow.source]].right, y: start.y))
      for bend in layout.paths[position].dropFirst().dropLast() {
        let span = spans[layout.layerOf[bend]]
        path.flow(to: Point(x: span.left, y: layout.centres[bend]))
        path.run(to: Point(x: span.right, y: layout.centres[bend]))
      }
      path.flow(to: Point(x: spans[layout.layerOf[arrow.target]].left - 8, y: end.y))
      path.run(to: end)
      var curve = Picture.Curve(path: path.text, end: end, direction: Point(x: 1, y: 0))
      if arrow.carried != nil { curve.kind = .carried }
      if let mark = arrow.carried ?? arrow.mark {
        curve.labels.append(
          Picture.Label(text: mark, place: Point(x: end.x - 10, y: end.y - 4), anchor: .end))
      }
      picture.curves.append(curve)
    }
  }

  // MARK: Loops

  private var middle: Double {
    let ends = picture.rectangles.map { ($0.top, $0.bottom) }
    return ((ends.map(\.0).min() ?? 0) + (ends.map(\.1).max() ?? 0)) / 2
  }

  /// Whether a loop back runs above the boxes.
  private func isAbove(_ arrow: Drawing.Arrow) -> Bool {
    layout.centres[arrow.source] + layout.centres[arrow.target] <= 2 * middle
  }

  /// Draws the carried operands of delays as loops around the boxes between their ends, short loops inside long ones.
  mutating func drawLoops() {
    let loops = drawing.arrows.indices.filter { drawing.arrows[$0].isBackward }
    func layers(_ index: Int) -> ClosedRange<Int> {
      let arrow = drawing.arrows[index]
      let (from, to) = (layout.layerOf[arrow.target], layout.layerOf[arrow.source])
      return min(from, to)...max(from, to)
    }
    var lanes: [(layers: ClosedRange<Int>, isAbove: Bool, lane: Int)] = []
    for index in loops.sorted(by: { (layers($0).count, $0) < (layers($1).count, $1) }) {
      let arrow = drawing.arrows[index]
      let isAbove = isAbove(arrow)
      let range = layers(index)
      let met = lanes.filter { $0.isAbove == isAbove && $0.layers.overlaps(range) }
      let lane = (met.map(\.lane).max() ?? -1) + 1
      lanes.append((range, isAbove, lane))
      drawLoop(index, range, isAbove: isAbove, lane: Double(lane))
    }
  }

  private mutating func drawLoop(_ index: Int, _ range: ClosedRange<Int>, isAbove: Bool, lane: Double) {
    let arrow = drawing.arrows[index]
    let vertices = range.flatMap { layout.layers[$0] }
    let extents = vertices.map { vertex in
      let half = vertex < drawing.boxes.count ? Drawing.Box.height / 2 : 0
      return isAbove ? layout.centres[vertex] - half : layout.centres[vertex] + half
    }
    let edge = isAbove ? (extents.min() ?? 0) - 24 - 22 * lane : (extents.max() ?? 0) + 24 + 22 * lane
    let start = Point(x: picture.rectangles[arrow.source].right, y: layout.centres[arrow.source])
    let end = Point(x: picture.rectangles[arrow.target].left, y: portsByArrow[index] ?? 0)
    let right = spans[layout.layerOf[arrow.source]].right + 12 + 7 * lane
    let left = spans[layout.layerOf[arrow.target]].left - 18 - 7 * lane
    var path = SVGPath(from: start)
    let corners = [
      Point(x: right, y: start.y), Point(x: right, y: edge), Point(x: left, y: edge),
      Point(x: left, y: end.y),
    ]
    path.corners(corners + [end], radius: 10)
    var curve = Picture.Curve(path: path.text, end: end, direction: Point(x: 1, y: 0), kind: .carried)
    curve.corners = corners
    curve.labels = [
      Picture.Label(text: arrow.carried ?? "", place: Point(x: (left + right) / 2, y: edge - 5))
    ]
    picture.curves.append(curve)
  }
}
