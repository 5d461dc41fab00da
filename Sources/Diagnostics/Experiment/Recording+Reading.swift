internal import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// The steps at which a loss reads a value over time.
public enum ReadSteps: Sendable, Hashable {
  /// The last step of each sequence.
  case last
  /// One step, from 0. A sequence that ends before has a loss of 0.
  case step(Int)
  /// All: the mean over the steps of each sequence.
  case mean
  /// Each by itself: the loss is over time too, as `creditMatrix` needs it.
  case each
}

extension Recording {
  /// The network with a loss that reads one of its values, whether or not an output shows it: dL/dh_t of any state and
  /// step then is the derivative of that value alone.
  ///
  /// ```swift
  /// let network = try recording.reading("layer0.c", at: .step(99))
  /// let flow = try Diagnostics.gradientFlow(of: Trial(network, bindings))
  /// ```
  ///
  /// The loss is a number for each sample: the entry `unit` of the value, or the sum of its n entries divided by √n,
  /// which is its product with a vector of length 1.
  ///
  /// - Parameters:
  ///   - name: A state, a value named with `named`, or an output.
  ///   - steps: The steps at which it is read; of no effect on a value without time.
  ///   - unit: An entry of the value, from 0, in row-major order; nil for all.
  ///   - output: The name of the loss; it replaces an output with this name.
  /// - Throws: `DiagnosticError.setting` if there is no such value, step or entry, or if it is no float.
  public func reading(
    _ name: String, at steps: ReadSteps = .last, unit: Int? = nil, as output: String = "loss"
  ) throws(DiagnosticError) -> Recording {
    let value = try readable(name)
    let type = graph.type(value)
    guard type.element.isFloat else {
      throw .setting("\(name)\(remark(value)) is \(type.element.name): it has no gradient")
    }
    if let unit, !(0..<type.shape.count).contains(unit) {
      throw .setting("\(name)\(remark(value)) has the entries 0 to \(type.shape.count - 1), and no \(unit)")
    }
    var graph = graph
    var read = graph.flattened(value)
    if let unit { read = graph.append(.slice(dimension: 0, start: unit, count: 1), [read]) }
    read = graph.summedOverFeatures(read)
    if unit == nil, type.shape.count > 1 {
      let factor = graph.constant(1 / Double(type.shape.count).squareRoot(), like: read)
      read = graph.multiply(read, factor)
    }
    if let time = states.first?.axis, type.domain.contains(time) {
      switch steps {
      case .last: read = graph.append(.pick(time, .last), [read])
      case .step(let index):
        guard index >= 0 else { throw .setting("steps are counted from 0; there is no step \(index)") }
        let step = graph.integer(index)
        read = graph.append(.pick(time, .at), [read, step])
      case .mean:
        let sum = graph.summed(read, over: [time])
        let length = graph.append(.axisLength(time), [])
        read = graph.divide(sum, graph.converted(length, to: type.element))
      case .each: break
      }
    }
    graph.setOutput(output, read)
    do {
      try graph.verify()
    } catch {
      throw .graph(locating(error, origin: { $0 }))
    }
    return replacing(graph)
  }

  /// The states and the named values of floats over time.
  var readableNames: [String] {
    let times = Set(states.map(\.axis))
    let named = states.map { (name: $0.name, node: $0.value) } + intermediates.map { (name: $0.name, node: $0.node) }
    return named.filter {
      graph.type($0.node).element.isFloat && graph.type($0.node).domain.contains(where: times.contains)
    }
    .map(\.name)
  }

  /// Throws if a loss cannot read a value with this name over time.
  func checkReadable(_ name: String) throws(DiagnosticError) {
    let names = readableNames
    guard !names.contains(name) else { return }
    throw .setting(
      "there is no state or named value \(name) of floats over time; there are \(names.joined(separator: ", "))")
  }

  private func readable(_ name: String) throws(DiagnosticError) -> NodeID {
    if let state = states.first(where: { $0.name == name }) { return state.value }
    if let named = intermediates.first(where: { $0.name == name }) { return named.node }
    if let output = graph.output(named: name) { return output }
    let names = states.map(\.name) + intermediates.map(\.name) + graph.outputs.map(\.name)
    throw .setting("there is no value named \(name); there are \(names.joined(separator: ", "))")
  }
}
