internal import EbbGraph
internal import EbbTensors

/// Copies a graph with the rows of its varying matrices on axes.
///
/// A matrix may have two images: the *whole* one has its shape; of the *rows*, one is at each index of an axis as long
/// as one of its dimensions (`RowDimensions`). Each is made when it is first read. The rows of a vector are its entries.
struct RowWriter: GraphWriter {
  let source: Graph
  var graph: Graph
  var constants: ConstantPool
  private let dimensions: RowDimensions
  /// What stays whole.
  let moved: MovedRows
  private var whole: [NodeID]
  private var rows: [NodeID]
  /// The axis of rows for each number of rows.
  private var axes: [Int: Axis] = [:]
  /// Delays and advances whose carried operand has no image yet.
  private var opened: [(image: NodeID, carried: NodeID, hasRows: Bool)] = []

  init(_ source: Graph) {
    self.source = source
    dimensions = RowDimensions(source)
    moved = MovedRows(source, dimensions)
    graph = Graph()
    for axis in source.axes {
      var axis = axis
      axis.lengths = nil
      _ = graph.addAxis(axis)
    }
    constants = ConstantPool(of: graph)
    whole = Array(repeating: .open, count: source.count)
    rows = whole
  }

  mutating func run() -> Graph {
    // The lengths of ragged axes first: the types of sums over these depend on them.
    for (index, axis) in source.axes.enumerated() {
      guard let lengths = axis.lengths else { continue }
      if whole[lengths.index] == .open { write(lengths) }
      graph.setLengths(whole(lengths), of: Axis(index))
    }
    for node in source.nodes where !isWritten(node) { write(node) }
    // Reading an image may append equations, but no delays.
    for (image, carried, hasRows) in opened {
      let value = hasRows ? allRows(of: carried) : whole(carried)
      graph.setOperand(image, 0, to: value)
    }
    for output in source.outputs { graph.setOutput(output.name, whole(output.node)) }
    return graph
  }

  private func isWritten(_ node: NodeID) -> Bool { whole[node.index] != .open || rows[node.index] != .open }

  private mutating func write(_ node: NodeID) {
    let operation = source.operation(node)
    if moved.contains(node) {
      whole[node.index] = moving(node)
    } else if let image = shift(node) ?? byRows(node) {
      rows[node.index] = image
    } else if let image = wholeOfRows(node) {
      whole[node.index] = image
    } else if operation.shift != nil {
      whole[node.index] = open(node, hasRows: false)
    } else {
      let operands = source.operands(node).map { whole($0) }
      whole[node.index] = graph.appendUnchecked(operation, operands, source.type(node))
    }
    let image = whole[node.index] == .open ? rows[node.index] : whole[node.index]
    if let name = source.name(node), graph.name(image) == nil { graph.setName(name, of: image) }
  }

  // MARK: Images

  /// The axis for this many rows.
  mutating func axis(_ count: Int) -> Axis {
    if let known = axes[count] { return known }
    var name = "rows\(count)"
    while graph.axis(named: name) != nil { name += "_" }
    let axis = graph.addAxis(AxisDescription(name: name, kind: .batch, length: count))
    axes[count] = axis
    return axis
  }

  /// The dimension of a matrix that counts its rows; of a vector its only one.
  func rowDimension(_ node: NodeID) -> Int { dimensions[source.type(node).shape] }

  /// The number of rows of a node's image by rows.
  func rowCount(_ node: NodeID) -> Int { source.type(node).shape[rowDimension(node)] }

  /// A node of the copy with the source node's shape.
  mutating func whole(_ node: NodeID) -> NodeID {
    if whole[node.index] == .open {
      let rows = allRows(of: node)
      let matrix = append(.axisToFeature(axis(rowCount(node))), [rows])
      whole[node.index] = rowDimension(node) == 0 ? matrix : append(.transpose(0, 1), [matrix])
    }
    return whole[node.index]
  }

  /// The rows of a matrix, or the entries of a vector: along their axis, or without it if all are equal.
  mutating func rows(of node: NodeID) -> NodeID {
    if rows[node.index] == .open {
      let type = source.type(node)
      if case .constant(let number) = source.operation(node) {
        rows[node.index] = constant(number, type.element, type.shape.removing(rowDimension(node)))
      } else {
        let matrix = rowDimension(node) == 0 ? whole(node) : append(.transpose(0, 1), [whole(node)])
        rows[node.index] = append(.featureToAxis(axis(rowCount(node))), [matrix])
      }
    }
    return rows[node.index]
  }

  /// The rows along their axis and all axes of the node.
  mutating func allRows(of node: NodeID) -> NodeID {
    let rows = rows(of: node)
    return spread(rows, to: source.type(node).domain.inserting(axis(rowCount(node))))
  }

  func hasRows(_ node: NodeID) -> Bool { rows[node.index] != .open }

  /// A matrix of rows that move. Zeros beside the others are rows too.
  private mutating func moving(_ node: NodeID) -> NodeID {
    let (operation, type) = (source.operation(node), source.type(node))
    if operation.shift != nil { return open(node, hasRows: false) }
    let operands = source.operands(node).map { whole($0) }
    guard case .pad(0, let before, let after) = operation else {
      return graph.appendUnchecked(operation, operands, type)
    }
    func zeros(_ rows: Int) -> [NodeID] {
      rows == 0 ? [] : [constant(0, type.element, type.shape.replacing(0, with: rows))]
    }
    return append(.concatenate(dimension: 0), zeros(before) + operands + zeros(after))
  }

  // MARK: Delays

  /// A delay of a matrix: of each row.
  private mutating func shift(_ node: NodeID) -> NodeID? {
    guard let shift = source.operation(node).shift, shift.by == 1, source.isVaryingMatrix(node) else { return nil }
    return open(node, hasRows: true)
  }

  private mutating func open(_ node: NodeID, hasRows: Bool) -> NodeID {
    var type = source.type(node)
    var boundary: NodeID
    if hasRows {
      boundary = rows(of: source.operand(node, 1))
      type.domain = type.domain.inserting(axis(rowCount(node)))
      type.shape = type.shape.removing(rowDimension(node))
    } else {
      boundary = whole(source.operand(node, 1))
    }
    let image = graph.appendUnchecked(source.operation(node), [.open, boundary], type)
    opened.append((image, source.operand(node, 0), hasRows))
    return image
  }
}
