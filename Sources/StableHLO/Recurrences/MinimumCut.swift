/// The cheapest set of vertices that every path from a source to a sink passes.
///
/// Ford and Fulkerson (Canadian Journal of Mathematics 8, 1956): as much flows from the sources to the sinks as the
/// vertices of that set let through. Among several such sets it is the one next to the sinks.
struct MinimumCut {
  private struct Edge {
    let target: Int
    var capacity: Int
  }

  static let unlimited = Int.max / 4

  // Vertex v is the edge from 2v + 2 to 2v + 3; what an edge lets through, the next one takes back.
  private var edges: [Edge] = []
  private var leaving: [[Int]]
  private let source = 0
  private let sink = 1

  /// - Parameter costs: What each vertex costs, `unlimited` if it cannot be in the set.
  init(costs: [Int]) {
    leaving = Array(repeating: [], count: 2 * costs.count + 2)
    for (vertex, cost) in costs.enumerated() { connect(2 * vertex + 2, 2 * vertex + 3, cost) }
  }

  mutating func addEdge(_ from: Int, _ to: Int) { connect(2 * from + 3, 2 * to + 2, Self.unlimited) }
  mutating func addSource(_ vertex: Int) { connect(source, 2 * vertex + 2, Self.unlimited) }
  mutating func addSink(_ vertex: Int) { connect(2 * vertex + 3, sink, Self.unlimited) }

  private mutating func connect(_ from: Int, _ to: Int, _ capacity: Int) {
    leaving[from].append(edges.count)
    edges.append(Edge(target: to, capacity: capacity))
    leaving[to].append(edges.count)
    edges.append(Edge(target: from, capacity: 0))
  }

  /// The vertices of the set, and those between it and the sinks.
  mutating func solve() -> (cut: [Int], behind: [Int]) {
    while let path = shortestPath() {
      let amount = path.map { edges[$0].capacity }.min() ?? 0
      for edge in path {
        edges[edge].capacity -= amount
        edges[edge ^ 1].capacity += amount
      }
    }
    // From where more could still flow to a sink.
    var reaches = [Bool](repeating: false, count: leaving.count)
    var waiting = [sink]
    reaches[sink] = true
    while let place = waiting.popLast() {
      for edge in leaving[place] where edges[edge ^ 1].capacity > 0 && !reaches[edges[edge].target] {
        reaches[edges[edge].target] = true
        waiting.append(edges[edge].target)
      }
    }
    let vertices = 0..<leaving.count / 2 - 1
    return (
      vertices.filter { reaches[2 * $0 + 3] && !reaches[2 * $0 + 2] }, vertices.filter { reaches[2 * $0 + 2] }
    )
  }

  /// The edges of a path with the fewest of them on which more can flow.
  private func shortestPath() -> [Int]? {
    var incoming = [Int?](repeating: nil, count: leaving.count)
    var waiting = [source]
    var next = 0
    while next < waiting.count, incoming[sink] == nil {
      for edge in leaving[waiting[next]] where edges[edge].capacity > 0 {
        let target = edges[edge].target
        if target != source, incoming[target] == nil {
          incoming[target] = edge
          waiting.append(target)
        }
      }
      next += 1
    }
    guard var edge = incoming[sink] else { return nil }
    var path = [edge]
    while let before = incoming[edges[edge ^ 1].target] {
      edge = before
      path.append(edge)
    }
    return path
  }
}
