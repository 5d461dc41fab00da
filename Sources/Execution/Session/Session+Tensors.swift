public import EbbGraph
internal import EbbKernels
internal import EbbPJRT
internal import EbbPlanning
public import EbbTensors

/// Values in and out of a session's memory.
extension Session {
  /// Gives a parameter or an input its value, which stays until it is set again.
  public func set(_ name: String, _ tensor: Tensor) throws(BindingError) {
    guard let input = plan.input(named: name) else {
      throw BindingError("there is no parameter or input named \(name)")
    }
    let type = input.type
    let expected = type.domain.map { lengths[$0.index] } + type.shape.array
    guard tensor.element == type.element, tensor.dimensions == expected else {
      throw BindingError(
        "\(name) takes \(type.element.name) \(expected), not \(tensor.element.name) \(tensor.dimensions)")
    }
    if let remote {
      do { try remote.set(name, tensor) } catch { throw BindingError(error.description) }
      return
    }
    let operand = binder.operand(input.view)
    switch tensor.storage {
    case .float32(let values):
      if operand.storage == .single {
        values.withLocation { copyIn($0, operand, type) }
      } else {
        store(values.count, operand, type) { Double(values[$0]) }
      }
    case .float64(let values): values.withLocation { copyIn($0, operand, type) }
    case .int32(let values): store(values.count, operand, type) { Double(values[$0]) }
    case .bool(let values): store(values.count, operand, type) { values[$0] ? 1 : 0 }
    }
  }

  /// Sets every value of the bindings, whose lengths must match the session's.
  public func set(_ bindings: Bindings) throws(BindingError) {
    guard try plan.graph.lengths(for: bindings) == lengths else {
      throw BindingError("the lengths of the axes differ from those that the session was made for")
    }
    for (name, tensor) in bindings.values { try set(name, tensor) }
  }

  /// An output of the last run; zeros outside ragged axes. Traps if there is no such output.
  public func output(_ name: String) -> Tensor {
    guard let output = plan.output(named: name) else { preconditionFailure("there is no output named \(name)") }
    let type = output.type
    let dimensions = type.domain.map { lengths[$0.index] } + type.shape.array
    let count = dimensions.reduce(1, *)
    if let remote {
      do {
        if let value = try remote.output(name) { return value }
      } catch {
        failure = failure ?? BindingError(error.description)
      }
      return Tensor(dimensions, [Double](repeating: type.element.isFloat ? .nan : 0, count: count), as: type.element)
    }
    let operand = binder.operand(output.view)
    let isRagged = type.domain.contains { plan.axis($0).isRagged }
    switch type.element {
    case .float32:
      var values = [Float](repeating: 0, count: count)
      if isRagged || operand.storage != .single {
        load(operand, type) { values[$0] = Float($1) }
      } else {
        values.withMutableLocation { copyOut($0, operand, type) }
      }
      return Tensor(dimensions, values)
    case .float64:
      var values = [Double](repeating: 0, count: count)
      if isRagged {
        load(operand, type) { values[$0] = $1 }
      } else {
        values.withMutableLocation { copyOut($0, operand, type) }
      }
      return Tensor(dimensions, values)
    case .int32:
      var values = [Int32](repeating: 0, count: count)
      load(operand, type) { values[$0] = $1.isNaN ? 0 : Int32(min(max($1, -0x1p31), 0x1p31 - 1)) }
      return Tensor(dimensions, values)
    case .bool:
      var values = [Bool](repeating: false, count: count)
      load(operand, type) { values[$0] = $1 != 0 }
      return Tensor(dimensions, values)
    }
  }

  /// All outputs of the last run.
  public func outputs() -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: plan.outputs.map { ($0.name, output($0.name)) })
  }

  // MARK: One number at a time

  private func store(_ count: Int, _ operand: Binder.Operand, _ type: NodeType, _ value: (Int) -> Double) {
    forEach(operand, type) { reader, indices, feature, position in
      reader.store(value(position), indices, feature)
    }
  }

  private func load(_ operand: Binder.Operand, _ type: NodeType, _ body: (Int, Double) -> Void) {
    let tables = Arena(byteCount: 0)
    defer { withExtendedLifetime(tables) {} }
    let inside = ScalarFallback.IndexSet(binder, type.domain, tables: tables)
    forEach(operand, type) { reader, indices, feature, position in
      if inside.contains(indices) { body(position, reader.load(indices, feature)) }
    }
  }

  private func forEach(
    _ operand: Binder.Operand, _ type: NodeType,
    _ body: (ScalarFallback.Reader, Table<Int>, _ feature: Int, _ position: Int) -> Void
  ) {
    let tables = Arena(byteCount: 0)
    defer { withExtendedLifetime(tables) {} }
    let reader = ScalarFallback.reader(binder, operand, tables: tables)
    let rows = tables.table(type.domain.map { binder.indices(of: $0, in: nil) })
    let features = type.shape.count
    var position = 0
    withScratch(0, count: lengths.count) { indices in
      rows.forEach(indices) {
        for feature in 0..<features { body(reader, indices, feature, position + feature) }
        position += features
      }
    }
  }

  // MARK: Whole rows

  private func copyIn(_ dense: Location, _ operand: Binder.Operand, _ type: NodeType) {
    let bytes = operand.storage.bytes
    if type.domain.isEmpty {
      operand.address.base.copy(type.shape.count * bytes, from: dense)
      return
    }
    let kernel = binder.instructionSet.kernels(operand.storage).to_panels
    let lanes = operand.features.lanesInUse(operand.storage.lanes)
    forEachRow(operand, type) { base, row, rows, offset in
      if operand.features.isScalar {
        copy(rows, from: dense + offset, step: bytes, to: base, step: row * bytes, bytes)
        return
      }
      lanes.withTable { lanes in
        var call = ebb_to_panels(
          dense: (dense + offset).readOnly, ld: operand.features.count, base: base.pointer, panel: operand.panelStride,
          row: row, lanes: lanes.start, panels: lanes.count, rows: rows)
        kernel(&call)
      }
    }
  }

  private func copyOut(_ dense: Location, _ operand: Binder.Operand, _ type: NodeType) {
    let bytes = operand.storage.bytes
    if type.domain.isEmpty {
      dense.copy(type.shape.count * bytes, from: operand.address.base)
      return
    }
    let kernel = binder.instructionSet.kernels(operand.storage).from_panels
    let lanes = operand.features.lanesInUse(operand.storage.lanes)
    forEachRow(operand, type) { base, row, rows, offset in
      if operand.features.isScalar {
        copy(rows, from: base, step: row * bytes, to: dense + offset, step: bytes, bytes)
        return
      }
      lanes.withTable { lanes in
        var call = ebb_from_panels(
          a: ebb_rows(
            base: base.readOnly, panel: operand.panelStride, row: row, lanes: lanes.start, panels: lanes.count),
          dense: (dense + offset).pointer, ld: operand.features.count, rows: rows)
        kernel(&call)
      }
    }
  }

  /// Copies evenly spaced numbers.
  private func copy(
    _ count: Int, from source: Location, step sourceStep: Int, to target: Location,
    step targetStep: Int, _ bytes: Int
  ) {
    if sourceStep == bytes, targetStep == bytes {
      target.copy(count * bytes, from: source)
      return
    }
    for index in 0..<count {
      (target + index * targetStep).copy(bytes, from: source + index * sourceStep)
    }
  }

  /// Runs of rows that are evenly spaced in memory: (address, elements between rows, rows, byte offset in the tensor).
  private func forEachRow(
    _ operand: Binder.Operand, _ type: NodeType,
    _ body: (_ base: Location, _ row: Int, _ rows: Int, _ offset: Int) -> Void
  ) {
    let bytes = operand.storage.bytes
    let axes = Array(type.domain)
    let features = type.shape.count
    guard let last = axes.last else { preconditionFailure("rows of a value without axes") }
    // The innermost axes along which memory and tensor step in the same way.
    var rows = lengths[last.index]
    let row = operand.strides[last.index]
    var depth = axes.count - 1
    while depth > 0, operand.strides[axes[depth - 1].index] == rows * row {
      depth -= 1
      rows *= lengths[axes[depth].index]
    }
    var offset = 0
    func visit(_ level: Int, _ base: Location) {
      guard level < depth else {
        body(base, row / bytes, rows, offset)
        offset += rows * features * bytes
        return
      }
      for index in 0..<lengths[axes[level].index] {
        visit(level + 1, base + index * operand.strides[axes[level].index])
      }
    }
    visit(0, operand.address.base)
  }
}
