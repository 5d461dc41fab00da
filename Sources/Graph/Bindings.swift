public import EbbTensors

/// The values that one run supplies to a graph's parameters and inputs, by name.
///
/// A tensor's dimensions are the lengths of its node's axes, in the order of their declaration, then the feature shape:
/// an input over {time, batch} with shape [I] takes a tensor of [T, B, I].
public struct Bindings: Sendable {
  /// Parameters and inputs by name.
  public var values: [String: Tensor]
  /// Lengths of axes by name, where no input determines them.
  public var lengths: [String: Int]
  /// Seeds the random numbers, which are a function of the seed, the run and each node's stream and indices.
  public var seed: UInt64
  /// The number of the run; each run draws different random numbers.
  public var run: UInt64

  /// Values, lengths, and the seed and run of the random numbers.
  public init(_ values: [String: Tensor] = [:], lengths: [String: Int] = [:], seed: UInt64 = 0, run: UInt64 = 0) {
    self.values = values
    self.lengths = lengths
    self.seed = seed
    self.run = run
  }
}

/// Why values do not fit a graph.
public struct BindingError: Error, Hashable, Sendable, CustomStringConvertible {
  public var description: String
  /// An error that reads so.
  public init(_ description: String) { self.description = description }
}

extension Graph {
  /// The length of every axis in a run with these bindings.
  ///
  /// Throws if a value is missing, unknown, or of the wrong element type or dimensions, if two values disagree on an
  /// axis, if a ragged length is not in 0 ... T, or if it is 0 where the graph needs at least one step of each row.
  public func lengths(for bindings: Bindings) throws(BindingError) -> [Int] {
    var lengths = axes.map(\.length)
    var sources = axes.map { $0.length == nil ? "" : "the graph" }
    func settle(_ axis: Axis, _ length: Int, from source: String) throws(BindingError) {
      let name = axes[axis.index].name
      guard length >= 1 else {
        throw BindingError("axis \(name) has length \(length) in \(source); it needs at least 1")
      }
      if let known = lengths[axis.index], known != length {
        throw BindingError("axis \(name) has length \(known) in \(sources[axis.index]) and \(length) in \(source)")
      }
      lengths[axis.index] = length
      sources[axis.index] = source
    }
    for (name, length) in bindings.lengths.sorted(by: { $0.key < $1.key }) {
      guard let axis = axis(named: name) else { throw BindingError("there is no axis named \(name)") }
      try settle(axis, length, from: "the given lengths")
    }
    var bound: Set<String> = []
    for node in nodes where operation(node).isGiven {
      let name = names[node] ?? "%\(node.index)"
      bound.insert(name)
      let type = type(node)
      guard let tensor = bindings.values[name] else {
        throw BindingError("\(operation(node).keyword) \(name) has no value; it takes \(described(type))")
      }
      guard tensor.element == type.element else {
        throw BindingError("\(name) is given as \(tensor.element.name); it takes \(described(type))")
      }
      let rank = type.domain.count
      guard tensor.dimensions.count == rank + type.shape.rank, Array(tensor.dimensions[rank...]) == type.shape.array
      else {
        throw BindingError("\(name) is given with dimensions \(tensor.dimensions); it takes \(described(type))")
      }
      for (position, axis) in type.domain.enumerated() {
        try settle(axis, tensor.dimensions[position], from: name)
      }
    }
    if let unknown = bindings.values.keys.filter({ !bound.contains($0) }).sorted().first {
      throw BindingError(
        "there is no parameter or input named \(unknown); the names are \(bound.sorted().joined(separator: ", "))")
    }
    for (index, axis) in axes.enumerated() {
      guard let node = axis.lengths, let name = names[node], let tensor = bindings.values[name] else { continue }
      let values = tensor.doubles.map { Int($0) }
      let longest = lengths[index] ?? max(1, values.max() ?? 1)
      for (row, value) in values.enumerated() where value < 0 || value > longest {
        throw BindingError("\(name)[\(row)] is \(value); the length of a row along \(axis.name) is in 0 ... \(longest)")
      }
      if let row = values.firstIndex(of: 0) {
        let need = values.allSatisfy { $0 == 0 } ? "no row has a step" : needOfSteps(along: Axis(index))
        if let need {
          throw BindingError(
            "\(name)[\(row)] is 0, and \(need) along \(axis.name): every row needs at least 1 step; leave empty ones out"
          )
        }
      }
      lengths[index] = longest
    }
    for (index, axis) in axes.enumerated() {
      guard let time = axis.steps, let length = lengths[time.index] else { continue }
      try settle(Axis(index), length, from: "the steps of \(axes[time.index].name)")
    }
    let used = types.reduce(Domain.empty) { $0.union($1.domain) }
    var result: [Int] = []
    for (index, length) in lengths.enumerated() {
      if length == nil, used.contains(Axis(index)) {
        throw BindingError("no input tells the length of axis \(axes[index].name); give it in `lengths`")
      }
      result.append(length ?? 1)
    }
    return result
  }

  /// A type as the dimensions of the tensor that a user supplies for it: `f32 [t, b, 8]`.
  private func described(_ type: NodeType) -> String {
    let dimensions = type.domain.map { axes[$0.index].name } + type.shape.array.map(String.init)
    return "\(type.element.name) [\(dimensions.joined(separator: ", "))]"
  }
}

extension Graph {
  /// Lengths of the first axes, with those of the others: axes of fixed length, and those that have the steps of a time
  /// axis.
  package func completed(_ lengths: [Int]) -> [Int] {
    lengths
      + axes.dropFirst(lengths.count).map { axis in
        guard let length = axis.length ?? axis.steps.map({ lengths[$0.index] }) else {
          preconditionFailure("axis \(axis.name) has no length")
        }
        return length
      }
  }
}
