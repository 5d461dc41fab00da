internal import EbbGraph
public import EbbRecording
internal import EbbTensors

/// The rows and columns of a step's Jacobian: the features of all states of a recurrence, state by state in the order
/// of their declaration. The axes that a cell declares for itself, such as heads or rows, count as features.
public struct StateSpace: Sendable, Hashable {
  /// A state's place among the coordinates.
  public struct Part: Sendable, Hashable {
    /// The state's name.
    public var name: String
    /// The state's features at one step.
    public var features: Int
    /// How many steps back the state reads. If more than one, all steps in between are coordinates too, the latest
    /// first.
    public var steps: Int
    /// The state's coordinates.
    public var range: Range<Int>
  }

  /// The states, in the order of their declaration.
  public let parts: [Part]
  /// The number of coordinates.
  public var size: Int { parts.last?.range.upperBound ?? 0 }
  /// The part with this name.
  public subscript(name: String) -> Part? { parts.first { $0.name == name } }

  /// The axis along which the states run, and their direction.
  let time: Axis
  let direction: Direction
  /// The axes that count as features.
  let coordinates: Domain
  /// The axis of the samples, unless the states have none.
  let batch: Axis?

  /// The states of a recording.
  ///
  /// - Throws: `DiagnosticError.setting` if there are none, or if they do not step together along one axis.
  public init(_ recording: Recording) throws(DiagnosticError) {
    let graph = recording.graph
    let time = try recording.timeAxisOfSteps()
    let first = recording.states[0]
    for state in recording.states where state.direction != first.direction {
      throw .setting(
        "the states \(first.name)\(recording.remark(first.previous)) and \(state.name)\(recording.remark(state.previous)) "
          + "do not run along one axis in one direction: there is no step from all of them to all of them")
    }
    let domain = recording.states.reduce(Domain.empty) { $0.union(graph.type($1.value).domain) }
    let others = Array(domain.removing(time).subtracting(graph.coordinateAxes))
    guard others.count <= 1 else {
      let names = others.map { graph.description(of: $0).name + recording.remark($0) }.joined(separator: ", ")
      throw .setting("the states have more axes than time and one of samples: \(names)")
    }
    var parts: [Part] = []
    for state in recording.states {
      let features = recording.coordinateCount(of: state)
      guard let steps = graph.operation(state.previous).shift?.by else {
        preconditionFailure("a state is read through a delay or an advance")
      }
      let start = parts.last?.range.upperBound ?? 0
      parts.append(Part(name: state.name, features: features, steps: steps, range: start..<start + features * steps))
    }
    self.parts = parts
    (self.time, direction, batch) = (time, first.direction, others.first)
    coordinates = graph.coordinateAxes
  }

  /// The features of all states at one step.
  var features: Int { parts.reduce(0) { $0 + $1.features } }

  /// From Jᵀ over the features that a step reads and writes, to Jᵀ over all coordinates.
  ///
  /// A state that reads k steps back has the coordinates (hₜ₋₁, …, hₜ₋ₖ), of which the step reads the last, writes the
  /// first, and shifts the others by one.
  func completed(_ transposed: ArraySlice<Double>) -> [Double] {
    guard parts.contains(where: { $0.steps > 1 }) else { return Array(transposed) }
    var result = [Double](repeating: 0, count: size * size)
    var readStart = transposed.startIndex
    for read in parts {
      for feature in 0..<read.features {
        let row = read.range.upperBound - read.features + feature
        var position = readStart + feature * features
        for written in parts {
          for column in 0..<written.features {
            result[row * size + written.range.lowerBound + column] = transposed[position]
            position += 1
          }
        }
      }
      for coordinate in read.range.dropLast(read.features) {
        result[coordinate * size + coordinate + read.features] = 1
      }
      readStart += read.features * features
    }
    return result
  }
}
