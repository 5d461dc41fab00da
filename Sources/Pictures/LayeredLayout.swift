/// A layered drawing of an acyclic graph after Sugiyama, Tagawa and Toda (IEEE Transactions on Systems, Man, and
/// Cybernetics 11, 1981): layers by longest paths, an order within each layer that has few crossings, then coordinates
/// that make edges straight.
///
/// It is independent of the picture's direction: *breadth* is measured within a layer, and layers follow one another.
package struct LayeredLayout {
  package struct Edge {
    var source: Int
    var target: Int
  }

  /// The layer of each vertex: first the given vertices, then the bends of edges that cross layers.
  package private(set) var layerOf: [Int] = []
  /// The vertices of each layer, in order.
  private(set) var layers: [[Int]] = []
  /// For each edge, its source, its bends and its target.
  package private(set) var paths: [[Int]] = []
  /// The middle of each vertex within its layer.
  var centres: [Double] = []
  private(set) var breadths: [Double]
  /// The neighbours of each vertex in the two adjacent layers.
  private(set) var before: [[Int]] = []
  private(set) var after: [[Int]] = []
  let given: Int
  let gap: Double

  /// Lays out vertices of these breadths; the edges must form no cycle and lead from lower numbers to higher ones.
  /// `leanings` pull vertices to the beginning (below 0) or the end of their layer, where no edge decides.
  package init(breadths: [Double], edges: [Edge], gap: Double, leanings: [Int] = []) {
    self.breadths = breadths
    self.gap = gap
    given = breadths.count
    assignLayers(edges)
    bend(edges)
    if !leanings.isEmpty {
      for layer in layers.indices {
        layers[layer].sort { ($0 < given ? leanings[$0] : 0, $0) < ($1 < given ? leanings[$1] : 0, $1) }
      }
    }
    order()
    align()
  }

  // MARK: Layers

  /// The longest path to each vertex; a vertex that no edge leads to is drawn next to its first reader.
  private mutating func assignLayers(_ edges: [Edge]) {
    layerOf = [Int](repeating: 0, count: given)
    let ordered = edges.sorted { ($0.source, $0.target) < ($1.source, $1.target) }
    for edge in ordered { layerOf[edge.target] = max(layerOf[edge.target], layerOf[edge.source] + 1) }
    var hasSource = [Bool](repeating: false, count: given)
    var nearest = [Int](repeating: Int.max, count: given)
    for edge in ordered {
      hasSource[edge.target] = true
      nearest[edge.source] = min(nearest[edge.source], layerOf[edge.target])
    }
    for vertex in 0..<given where !hasSource[vertex] && nearest[vertex] < Int.max {
      layerOf[vertex] = nearest[vertex] - 1
    }
    layers = Array(repeating: [], count: (layerOf.max() ?? -1) + 1)
    for vertex in 0..<given { layers[layerOf[vertex]].append(vertex) }
  }

  /// Cuts edges that cross layers into unit pieces, with a bend in each layer.
  private mutating func bend(_ edges: [Edge]) {
    for edge in edges {
      var path = [edge.source]
      for layer in (layerOf[edge.source] + 1)..<max(layerOf[edge.target], layerOf[edge.source] + 1) {
        path.append(layerOf.count)
        layers[layer].append(layerOf.count)
        layerOf.append(layer)
        breadths.append(0)
      }
      path.append(edge.target)
      paths.append(path)
    }
    before = Array(repeating: [], count: layerOf.count)
    after = before
    for path in paths {
      for (from, to) in zip(path, path.dropFirst()) {
        after[from].append(to)
        before[to].append(from)
      }
    }
  }

  // MARK: Order

  /// Orders each layer by the barycentres of neighbours, forwards and backwards, then by exchanging adjacent vertices;
  /// the best order is kept.
  private mutating func order() {
    var best = layers
    var fewest = crossings()
    for round in 0..<16 where fewest > 0 {
      if round % 2 == 0 {
        for layer in layers.indices.dropFirst() { sort(layer, by: before) }
      } else {
        for layer in layers.indices.dropLast().reversed() { sort(layer, by: after) }
      }
      let count = crossings()
      if count < fewest { (best, fewest) = (layers, count) }
    }
    layers = best
    for _ in 0..<8 where exchangeNeighbours() == 0 { break }
  }

  private mutating func sort(_ layer: Int, by neighbours: [[Int]]) {
    let places = places()
    func barycentre(_ vertex: Int) -> Double {
      let all = neighbours[vertex]
      // A vertex without neighbours keeps its place.
      guard !all.isEmpty else { return Double(places[vertex]) }
      return Double(all.reduce(0) { $0 + places[$1] }) / Double(all.count)
    }
    layers[layer] = layers[layer].map { ($0, barycentre($0)) }
      .sorted { ($0.1, places[$0.0]) < ($1.1, places[$1.0]) }
      .map(\.0)
  }

  /// Exchanges adjacent vertices where that removes crossings; returns how many it removed.
  private mutating func exchangeNeighbours() -> Int {
    var removed = 0
    var places = places()
    for layer in layers.indices {
      for position in layers[layer].indices.dropLast() {
        let (first, second) = (layers[layer][position], layers[layer][position + 1])
        var gain = 0
        for neighbours in [before, after] {
          for a in neighbours[first] {
            for b in neighbours[second] { gain += (places[a] > places[b] ? 1 : 0) - (places[a] < places[b] ? 1 : 0) }
          }
        }
        if gain > 0 {
          layers[layer].swapAt(position, position + 1)
          places[first] = position + 1
          places[second] = position
          removed += gain
        }
      }
    }
    return removed
  }

  private func places() -> [Int] {
    var places = [Int](repeating: 0, count: layerOf.count)
    for layer in layers { for (place, vertex) in layer.enumerated() { places[vertex] = place } }
    return places
  }

  /// The number of pairs of edges that cross: between adjacent layers the inversions of their ends.
  package func crossings() -> Int {
    let places = places()
    var count = 0
    for layer in layers.dropLast() {
      let ends = layer.flatMap { vertex in after[vertex].map { places[$0] }.sorted() }
      count += Self.inversions(ends)
    }
    return count
  }

  /// Counts pairs in the wrong order with a Fenwick tree (Software: Practice and Experience 24, 1994).
  private static func inversions(_ values: [Int]) -> Int {
    var tree = [Int](repeating: 0, count: (values.max() ?? 0) + 2)
    var count = 0
    for (seen, value) in values.enumerated() {
      var notAbove = 0
      var index = value + 1
      while index > 0 {
        notAbove += tree[index]
        index &= index - 1
      }
      count += seen - notAbove
      index = value + 1
      while index < tree.count {
        tree[index] += 1
        index += index & -index
      }
    }
    return count
  }
}
