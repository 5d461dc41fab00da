internal import EbbGraph
internal import EbbTensors

extension Grower {
  /// One to three axes: time, sometimes a second time and a batch; sometimes of fixed length, sometimes ragged.
  mutating func declareAxes() {
    func add(_ name: String, _ kind: AxisDescription.Kind, _ longest: Int) {
      let length = random.integer(in: 1...longest)
      let isFixed = random.chance(0.35)
      let axis = graph.addAxis(AxisDescription(name: name, kind: kind, length: isFixed ? length : nil))
      axes.append(axis)
      lengths[axis] = length
    }
    // The order of the axes is the order of dimensions: let the batch come first now and then.
    let hasBatch = random.chance(0.7)
    let batchIsFirst = random.chance(0.3)
    if hasBatch && batchIsFirst { add("b", .batch, 3) }
    add("t", .time, 6)
    if random.chance(0.45) { add("u", .time, 4) }
    if hasBatch && !batchIsFirst { add("b", .batch, 3) }
    guard options.allowsRagged, let batch = graph.axis(named: "b"), let rows = lengths[batch] else { return }
    for axis in axes {
      let description = graph.description(of: axis)
      guard description.kind == .time, description.length == nil, random.chance(0.6) else { continue }
      let name = "lengths.\(description.name)"
      let node = graph.appendLeaf(.input, NodeType(.int32, [batch]), name: name)
      graph.setLengths(node, of: axis)
      // Now and then every row is shorter than the padded length.
      let longest = lengths[axis] ?? 1
      var values = (0..<rows).map { _ in Int32(random.integer(in: (options.allowsEmptyRows ? 0 : 1)...longest)) }
      if random.chance(0.7) { values[random.integer(in: 0...rows - 1)] = Int32(longest) }
      // One row has to have a step, and where there are others one of them has none.
      if options.allowsEmptyRows, rows > 1 {
        let empty = random.integer(in: 0...rows - 1)
        values[empty] = 0
        if values.allSatisfy({ $0 == 0 }) { values[(empty + 1) % rows] = 1 }
      } else {
        values = values.map { max($0, 1) }
      }
      bindings.values[name] = Tensor([rows], values)
      bindings.lengths[description.name] = longest
      integers.append(Entry(node: node, bound: 6))
    }
  }

  /// Inputs and parameters to begin with, such that something has each axis.
  mutating func declareInputs() {
    let all = Domain(axes)
    appendInput(all)
    for _ in 0..<random.integer(in: 0...2) { appendInput(subset(all, chance: 0.6)) }
    for _ in 0..<random.integer(in: 1...3) { offer(parameter(someShape())) }
    appendIDs(subset(all, chance: 0.7))
    if random.chance(0.5) { appendMask(subset(all, chance: 0.7)) }
    for axis in axes where !graph.types.contains(where: { $0.domain.contains(axis) }) {
      bindings.lengths[graph.description(of: axis).name] = lengths[axis]
    }
  }

  /// A trainable value of this shape.
  mutating func parameter(_ shape: Shape) -> Entry {
    let name = "w\(parameters.count)"
    let node = graph.appendLeaf(.parameter, NodeType(element, .empty, shape), name: name)
    bindings.values[name] = Tensor(shape.array, (0..<shape.count).map { _ in random.number(in: -1...1) }, as: element)
    parameters.append(node)
    return Entry(node: node, bound: 1)
  }

  private mutating func appendInput(_ domain: Domain) {
    let type = NodeType(element, domain, someShape())
    let node = graph.appendLeaf(.input, type, name: "x\(inputs.count)")
    let numbers = given(type, outside: .nan) { $0.number(in: -1...1) }
    bindings.values["x\(inputs.count)"] = numbers
    inputs.append(node)
    floats.append(Entry(node: node, bound: 1))
  }

  /// Token ids from −1 to 5: some lie outside every table.
  private mutating func appendIDs(_ domain: Domain) {
    let type = NodeType(.int32, domain)
    let node = graph.appendLeaf(.input, type, name: "ids")
    bindings.values["ids"] = given(type, outside: Double(Int32.max)) { Double($0.integer(in: -1...5)) }
    integers.append(Entry(node: node, bound: 5))
  }

  private mutating func appendMask(_ domain: Domain) {
    let type = NodeType(.bool, domain, random.chance(0.5) ? .scalar : [extent()])
    let node = graph.appendLeaf(.input, type, name: "mask")
    bindings.values["mask"] = given(type, outside: 1) { $0.chance(0.5) ? 1 : 0 }
    masks.append(Entry(node: node, bound: 1))
  }

  /// A tensor for an input, with this number outside the ragged index set.
  private mutating func given(
    _ type: NodeType, outside: Double, _ number: (Dice) -> Double
  ) -> Tensor {
    let domain = Array(type.domain)
    let extents = domain.map { lengths[$0] ?? 1 }
    var numbers: [Double] = []
    for point in 0..<extents.reduce(1, *) {
      var indices: [Axis: Int] = [:]
      var rest = point
      for (axis, extent) in zip(domain, extents).reversed() {
        indices[axis] = rest % extent
        rest /= extent
      }
      let isInside = domain.allSatisfy { axis in
        guard let node = graph.description(of: axis).lengths, let name = graph.name(node),
          let batch = graph.type(node).domain.first(where: { _ in true }), let row = indices[batch],
          let index = indices[axis], let rows = bindings.values[name]
        else { return true }
        return index < Int(rows.doubles[row])
      }
      for _ in 0..<type.shape.count { numbers.append(isInside ? number(random) : outside) }
    }
    return Tensor(extents + type.shape.array, numbers, as: type.element)
  }

  /// Random numbers over some of the axes.
  mutating func appendRandom() {
    guard options.allowsRandomNodes else { return }
    streams += 1
    let isNormal = random.chance(0.5)
    let type = NodeType(element, subset(Domain(axes), chance: 0.6), someShape())
    let node = graph.appendLeaf(.random(isNormal ? .normal : .uniform, stream: streams), type)
    offer(Entry(node: node, bound: isNormal ? 3 : 1))
  }
}
