public import EbbGraph
internal import EbbTensors

/// A module of StableHLO (openxla.org/stablehlo): a graph as text that XLA compiles, for fixed lengths of its axes.
public struct StableHLOModule: Hashable, Sendable, CustomStringConvertible {
  /// A parameter, an input or an output.
  public struct Port: Hashable, Sendable {
    /// The name in the graph.
    public var name: String
    /// The dimensions of its tensor: the lengths of its axes, then its feature shape.
    public var dimensions: [Int]
    /// `f32`, `f64`, `i32`, `bool`; `ui64` for the numbers that random ones depend on.
    public var element: String
    /// The dimension whose rows are divided among devices; nil if each device has the whole.
    public var dividedDimension: Int?
  }

  /// The text: one function `main`.
  public let text: String
  /// Its arguments, in order: the parameters and inputs of the graph in their order, then, if it draws random numbers,
  /// `seed` and `run`.
  public let arguments: [Port]
  /// Its results, in order: the outputs of the graph.
  public let results: [Port]
  /// For each line of the text the node of the graph that it computes, or is needed for; nil for lines of no node.
  package let nodes: [NodeID?]
  /// The recurrences' values that are kept at all steps.
  package let sequences: [NodeID]

  public var description: String { text }
}

/// The rows of a batch, divided among devices: each computes its own, and sums over the batch are added up among them.
public struct StableHLOSharding: Hashable, Sendable {
  /// The name of the axis that is divided. If a graph lacks it, each device computes everything.
  public var axis: String
  /// The number of devices.
  public var devices: Int

  /// A division of an axis among devices.
  public init(axis: String, devices: Int) { (self.axis, self.devices) = (axis, devices) }
}

extension Graph {
  /// The graph as a module of StableHLO.
  ///
  /// Each recurrence becomes one `while` whose states are carried from step to step, over a grid one within another;
  /// everything else is written over whole sequences, as in the plan of the same graph. The meaning is that of the graph, ragged axes and indices out of
  /// range included. The graph should have gone through the passes: nothing is optimised here.
  ///
  /// - Parameters:
  ///   - lengths: The length of each axis, by name. Those that the graph fixes may be left out, and so may those of
  ///     histories, which have the steps of their time axis.
  ///   - sharding: An axis that is divided among several devices; nil for one device. Arguments and results then have
  ///     annotations of Shardy (openxla.org/shardy), from which XLA derives the rest.
  ///   - name: The name of the module.
  /// - Throws: `BindingError` if an axis has no length or another one than the graph fixes, if there is no such axis, or
  ///   if a length is no multiple of the number of devices.
  public func stableHLO(
    lengths: [String: Int], sharding: StableHLOSharding? = nil, name: String = "ebb"
  ) throws(BindingError) -> StableHLOModule {
    var found = axes.map(\.length)
    for (name, length) in lengths.sorted(by: { $0.key < $1.key }) {
      guard let axis = axis(named: name) else {
        throw BindingError(
          "there is no axis named \(name); the axes are \(axes.map(\.name).joined(separator: ", "))")
      }
      guard length >= 1 else { throw BindingError("axis \(name) has length \(length); it needs at least 1") }
      if let known = found[axis.index], known != length {
        throw BindingError("axis \(name) has length \(known) in the graph, and \(length) is given")
      }
      found[axis.index] = length
    }
    for (index, axis) in axes.enumerated() {
      guard let time = axis.steps, let length = found[time.index] else { continue }
      if let known = found[index], known != length {
        throw BindingError(
          "axis \(axis.name) has the steps of \(axes[time.index].name), \(length), and \(known) is given")
      }
      found[index] = length
    }
    let used = types.reduce(Domain.empty) { $0.union($1.domain) }
    for (index, length) in found.enumerated() where length == nil && used.contains(Axis(index)) {
      throw BindingError("a module has fixed lengths: give one for axis \(axes[index].name)")
    }
    if let sharding {
      guard let axis = axis(named: sharding.axis), description(of: axis).kind == .batch else {
        throw BindingError("devices divide an axis of samples, and \(sharding.axis) is none")
      }
      let length = found[axis.index] ?? 1
      guard sharding.devices >= 1, length.isMultiple(of: sharding.devices) else {
        throw BindingError(
          "axis \(sharding.axis) has length \(length), which \(sharding.devices) devices do not divide")
      }
    }
    return module(found.map { $0 ?? 1 }, sharding: sharding, named: name)
  }

  /// The module for the length of each axis.
  ///
  /// - Parameters:
  ///   - kept: Parameters and inputs whose memory an output takes over, with the name of that output, which has the same
  ///     type: XLA then writes in place.
  ///   - isPart: Whether the samples are a part of a batch. If random numbers are drawn, the number of the first one is
  ///     then an argument, and the numbers are those that this part has in the whole.
  package func module(
    _ lengths: [Int], sharding: StableHLOSharding? = nil, kept: [String: String] = [:], isPart: Bool = false,
    named name: String
  ) -> StableHLOModule {
    var translation = HLOTranslation(self, lengths: lengths, isPart: isPart)
    var values: [NodeID: HLOValue] = [:]
    var arguments: [(port: StableHLOModule.Port, text: String)] = []
    let drawn = HLORandom.isNeeded(self) ? HLORandom.arguments(isPart: isPart) : []
    let extra = drawn.map { translation.writer.unique($0) }
    for node in nodes where operation(node).isGiven {
      let (type, name) = (type(node), self.name(node) ?? "_\(node.index)")
      let dims = translation.writer.dims(type.domain, type.shape.array)
      let value = HLOValue(
        name: translation.writer.unique(name), element: HLOElement(type.element), axes: type.domain, dims: dims)
      values[node] = value
      // The exact name, where MLIR has another.
      var notes = value.name == "%" + name ? [] : ["ebb.name = \(quoted(name))"]
      if let output = kept[name], let place = outputs.firstIndex(where: { $0.name == output }) {
        notes.append("tf.aliasing_output = \(place) : i32")
      }
      let divided = sharding.flatMap { dividedDimension(value, $0) }
      if sharding != nil { notes.append(annotation(value, dividing: divided)) }
      let note = notes.isEmpty ? "" : " {\(notes.joined(separator: ", "))}"
      arguments.append(
        (
          .init(name: name, dimensions: dims, element: type.element.name, dividedDimension: divided),
          "\(value.name): \(value.type)\(note)"
        ))
    }
    for (name, text) in zip(drawn, extra) {
      arguments.append((.init(name: name, dimensions: [], element: "ui64"), "\(text): tensor<ui64>"))
    }
    let outputs = translation.outputs(values)
    let results = zip(self.outputs, outputs).map { output, value in
      StableHLOModule.Port(
        name: output.name, dimensions: value.dims, element: type(output.node).element.name,
        dividedDimension: sharding.flatMap { dividedDimension(value, $0) })
    }
    let types = zip(results, outputs).map { output, value in
      let note = sharding.map { _ in ", " + annotation(value, dividing: output.dividedDimension) } ?? ""
      return "\(value.type) {ebb.name = \(quoted(output.name))\(note)}"
    }
    func list(_ parts: [String]) -> String { parts.map { "\n      " + $0 }.joined(separator: ",") }
    var lines = ["module @\(symbol(name)) {"]
    if let sharding { lines.append("  sdy.mesh @devices = <[\"rows\"=\(sharding.devices)]>") }
    lines.append("  func.func public @main(\(list(arguments.map(\.text)))")
    lines.append("  ) -> (\(list(types))")
    lines.append("  ) {")
    let body = translation.writer.lines
    let places = [NodeID?](repeating: nil, count: lines.joined(separator: "\n").split(separator: "\n").count)
    lines += body.map { "    " + $0.text }
    let returned = outputs.map(\.name).joined(separator: ", ")
    // Nothing is returned without a type either.
    let returns = outputs.isEmpty ? "" : " \(returned) : \(outputs.map(\.type).joined(separator: ", "))"
    lines.append("    return\(returns)")
    lines += ["  }", "}"]
    return StableHLOModule(
      text: lines.joined(separator: "\n") + "\n", arguments: arguments.map(\.port), results: results,
      nodes: places + body.map(\.node), sequences: translation.sequences.keys.sorted())
  }
}

extension Graph {
  /// The dimension of a value whose rows are divided among devices; nil if it lacks their axis.
  private func dividedDimension(_ value: HLOValue, _ sharding: StableHLOSharding) -> Int? {
    Array(value.axes).firstIndex { description(of: $0).name == sharding.axis }
  }

  /// How a value lies on the devices: the rows of a dimension divided, or whole on each.
  private func annotation(_ value: HLOValue, dividing dimension: Int?) -> String {
    let dims = value.dims.indices.map { $0 == dimension ? #"{"rows"}"# : "{}" }
    return "sdy.sharding = #sdy.sharding<@devices, [\(dims.joined(separator: ", "))]>"
  }
}

/// A name in quotes, as MLIR reads it.
private func quoted(_ name: String) -> String {
  let bytes = name.utf8.map { byte -> String in
    let isPlain = byte >= 32 && byte < 127 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    let digits = String(byte, radix: 16, uppercase: true)
    return isPlain ? String(UnicodeScalar(byte)) : "\\" + (byte < 16 ? "0" : "") + digits
  }
  return "\"" + bytes.joined() + "\""
}

/// A name that may follow an at sign.
private func symbol(_ name: String) -> String {
  let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
  return plain.first.map { $0.isNumber } ?? true ? "_" + plain : plain
}
