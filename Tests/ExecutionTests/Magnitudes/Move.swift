import EbbGraph
import EbbTensors

/// Operations that only move numbers, each with where it takes every number of a [2, 2] value over rows.
enum Move: String, CaseIterable {
  case input, select, transpose, reshape, broadcast, concatenate, slice, pad, gather, scatterAdd
  case gatherFeatures, scatterFeatures
  case pick, place, spread, axisToFeature, featureToAxis, delay, advance, history, stopGradient

  /// The operation on `x`, of shape [2, 2] over the time axis `rows`.
  func append(to graph: inout Graph, _ x: NodeID, _ rows: Axis) -> NodeID {
    let element = graph.type(x).element
    func number(_ graph: inout Graph, _ value: Double, _ element: ElementType) -> NodeID {
      graph.appendLeaf(.constant(value), NodeType(element))
    }
    /// No value before the first row or after the last one.
    func zeros(_ graph: inout Graph) -> NodeID {
      let zero = number(&graph, 0, element)
      let row = graph.append(.broadcast(dimension: 0, count: 2), [zero])
      return graph.append(.broadcast(dimension: 0, count: 2), [row])
    }
    switch self {
    case .input: return x
    case .select:
      let condition = graph.append(.compare(.equal), [x, x])
      return graph.append(.select, [condition, x, number(&graph, 0, element)])
    case .transpose: return graph.append(.transpose(0, 1), [x])
    case .reshape: return graph.append(.reshape([4]), [x])
    case .broadcast: return graph.append(.broadcast(dimension: 0, count: 2), [x])
    case .concatenate: return graph.append(.concatenate(dimension: 1), [x, x])
    case .slice: return graph.append(.slice(dimension: 1, start: 1, count: 1), [x])
    case .pad: return graph.append(.pad(dimension: 1, before: 1, after: 0), [x])
    case .gather: return graph.append(.gather, [x, number(&graph, 1, .int32)])
    case .scatterAdd: return graph.append(.scatterAdd(count: 2, over: .empty), [number(&graph, 1, .int32), x])
    case .gatherFeatures:
      let places = graph.appendLeaf(.literal(Literal([1, 1, 0, 1, 0, 2])), NodeType(.int32, .empty, [2, 3]))
      return graph.append(.gatherFeatures(dimension: 1), [x, places])
    case .scatterFeatures:
      let places = graph.appendLeaf(.literal(Literal([2, 0, 1, 1])), NodeType(.int32, .empty, [2, 2]))
      return graph.append(.scatterFeatures(dimension: 0, count: 3), [places, x])
    case .pick: return graph.append(.pick(rows, .first), [x])
    case .place: return graph.append(.place(rows, .last), [graph.append(.pick(rows, .first), [x])])
    case .spread: return graph.append(.spread([rows]), [graph.append(.pick(rows, .first), [x])])
    case .axisToFeature: return graph.append(.axisToFeature(rows), [x])
    case .featureToAxis:
      return graph.append(.featureToAxis(graph.addAxis(AxisDescription(name: "two", kind: .batch, length: 2))), [x])
    case .delay: return graph.append(.delay(rows, by: 1, truncation: 0), [x, zeros(&graph)])
    case .advance: return graph.append(.advance(rows, by: 1), [x, zeros(&graph)])
    case .history:
      let past = graph.addAxis(AxisDescription(name: "past", kind: .time, steps: rows))
      return graph.append(.history(rows, along: past, isBackward: false), [x])
    case .stopGradient: return graph.append(.stopGradient, [x])
    }
  }

  /// What the result holds, in order, of rows of four entries each.
  func moved<Entry>(_ rows: [[Entry]], zero: Entry) -> [Entry] {
    let none = Array(repeating: zero, count: 4)
    return switch self {
    case .input, .select, .reshape, .axisToFeature, .featureToAxis, .stopGradient: rows.flatMap { $0 }
    case .transpose: rows.flatMap { [$0[0], $0[2], $0[1], $0[3]] }
    case .broadcast: rows.flatMap { $0 + $0 }
    case .concatenate: rows.flatMap { $0[..<2] + $0[..<2] + $0[2...] + $0[2...] }
    case .slice: rows.flatMap { [$0[1], $0[3]] }
    case .pad: rows.flatMap { [zero] + $0[..<2] + [zero] + $0[2...] }
    case .gather: rows.flatMap { $0[2...] }
    case .scatterAdd: rows.flatMap { none + $0 }
    case .gatherFeatures: rows.flatMap { [$0[1], $0[1], $0[0], $0[3], $0[2], zero] }
    case .scatterFeatures: rows.flatMap { [zero, $0[1], $0[2], $0[3], $0[0], zero] }
    case .pick: rows[0]
    case .place: rows.dropLast().flatMap { _ in none } + rows[0]
    case .spread: rows.flatMap { _ in rows[0] }
    case .delay: none + rows.dropLast().flatMap { $0 }
    case .history: rows.indices.flatMap { now in rows.indices.flatMap { $0 <= now ? rows[$0] : none } }
    case .advance: rows.dropFirst().flatMap { $0 } + none
    }
  }
}
