/// Coordinates within the layers.
extension LayeredLayout {
  /// Draws each vertex towards the median of its neighbours, as far as the order and the breadths of its layer allow.
  /// The straightest of all rounds is kept.
  mutating func align() {
    pack()
    var best = centres
    var lowest = cost()
    for round in 0..<24 {
      // Forward through the layers, then back, then towards the neighbours on both sides.
      let isForward = round % 3 != 1
      let neighbours = round % 3 == 0 ? [before] : round % 3 == 1 ? [after] : [before, after]
      for layer in isForward ? Array(layers.indices) : layers.indices.reversed() { align(layer, neighbours) }
      let cost = cost()
      if cost < lowest { (best, lowest) = (centres, cost) }
    }
    centres = best
  }

  /// Every layer side by side, around zero.
  private mutating func pack() {
    centres = [Double](repeating: 0, count: layerOf.count)
    for layer in layers {
      let offsets = offsets(layer)
      let middle = (offsets.last ?? 0) / 2
      for (vertex, offset) in zip(layer, offsets) { centres[vertex] = offset - middle }
    }
  }

  /// The length of the edges across the layers, plus a penalty for each piece that is not straight.
  private func cost() -> Double {
    var cost = 0.0
    for vertex in after.indices {
      for neighbour in after[vertex] {
        let length = abs(centres[vertex] - centres[neighbour])
        cost += pull(vertex, neighbour) * (length + (length > 0.5 ? 12 : 0))
      }
    }
    return cost
  }

  /// How strongly two vertices should be aligned; most strongly if both are bends of one edge.
  private func pull(_ vertex: Int, _ neighbour: Int) -> Double {
    switch (vertex >= given, neighbour >= given) {
    case (true, true): 8
    case (true, false), (false, true): 2
    case (false, false): 1
    }
  }

  private mutating func align(_ layer: Int, _ neighbours: [[[Int]]]) {
    let offsets = offsets(layers[layer])
    let wishes = zip(layers[layer], offsets).map { vertex, offset in
      var places: [Median.Point] = []
      for side in neighbours {
        for neighbour in side[vertex] {
          places.append(Median.Point(value: centres[neighbour] - offset, weight: pull(vertex, neighbour)))
        }
      }
      return Median(places, current: centres[vertex] - offset)
    }
    for (position, place) in Median.ascending(wishes).enumerated() {
      centres[layers[layer][position]] = place + offsets[position]
    }
  }

  private func offsets(_ layer: [Int]) -> [Double] {
    var offsets: [Double] = []
    for (position, vertex) in layer.enumerated() {
      guard position > 0 else {
        offsets.append(0)
        continue
      }
      let last = layer[position - 1]
      let space = vertex < given || last < given ? gap : gap * 0.6
      offsets.append(offsets[position - 1] + (breadths[last] + breadths[vertex]) / 2 + space)
    }
    return offsets
  }
}

/// The best position for some vertices: the weighted median of their neighbours' positions.
package struct Median {
  package struct Point {
    var value: Double
    var weight: Double
  }

  private var places: [Point]
  private var current: Double
  private var count = 1
  private(set) var value: Double

  package init(_ places: [Point], current: Double) {
    self.places = places
    self.current = current
    value = current
    settle()
  }

  /// The weighted median; if a whole interval minimises the distance, its value nearest to the current one.
  private mutating func settle() {
    guard !places.isEmpty else {
      value = current
      return
    }
    places.sort { $0.value < $1.value }
    let half = places.reduce(0) { $0 + $1.weight } / 2
    var sum = 0.0
    for (index, place) in places.enumerated() {
      sum += place.weight
      if sum < half { continue }
      let upper = sum == half && index + 1 < places.count ? places[index + 1].value : place.value
      value = min(max(current, place.value), upper)
      return
    }
  }

  private mutating func merge(_ other: Median) {
    current = (current * Double(count) + other.current * Double(other.count)) / Double(count + other.count)
    count += other.count
    places += other.places
    settle()
  }

  /// The ascending values nearest to all desired ones: pool adjacent violators (Ayer et al., Annals of Mathematical
  /// Statistics 26, 1955), with medians.
  package static func ascending(_ wishes: [Median]) -> [Double] {
    var pools: [Median] = []
    for wish in wishes {
      pools.append(wish)
      while pools.count >= 2, pools[pools.count - 2].value > pools[pools.count - 1].value {
        let right = pools.removeLast()
        pools[pools.count - 1].merge(right)
      }
    }
    return pools.flatMap { Array(repeating: $0.value, count: $0.count) }
  }
}
