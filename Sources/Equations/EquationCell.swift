public import EbbRecording
internal import EbbTensors

/// A cell from the equations of one step, as a paper prints them in LaTeX, Unicode or ASCII.
///
/// ```swift
/// let cell = try EquationCell("""
///   f_t = σ(W_f [h_{t-1}, x_t] + b_f)
///   g_t = tanh(W_g [f_t ⊙ h_{t-1}, x_t] + b_g)
///   h_t = (1 - f_t) ⊙ h_{t-1} + f_t ⊙ g_t
///   """, units: 64)
/// ```
///
/// A name that is read at an earlier step is a state; `x_t` is the input, or several names are its parts; what has no
/// equation is a parameter, with the shape that makes the equations fit. A capital that stands before something is a
/// matrix, another letter a vector. Parameters, states and gates have the names of the text. A read-out,
/// `y_t = W_y h_t + b_y`, is the output; without one it is h, or the state that is defined last.
public struct EquationCell: RecurrentCell, Hashable {
  /// The features of the states, and of every value whose width nothing else decides.
  public var units: Int
  /// What the text left open and was taken for granted, a sentence each: which letters are tanh, what was left out.
  public var assumptions: [String] {
    system.assumptions + readings
      + (hasGradient ? ["the equations of the gradient are left out; Ebb derives them"] : [])
  }

  private let system: EquationSystem
  private let hasGradient: Bool
  /// Where two readings are likely, which one was taken.
  private let readings: [String]

  /// The names of the text by their names in a recording.
  var names: [String: Name] {
    let all = system.definitions.map(\.name) + system.parameters + system.inputs
    var names = Dictionary(all.map { (system.identifier(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    // Recordings call the input x.
    names["x"] = system.inputs.count == 1 ? system.inputs[0] : Name(base: "x")
    let delays = Dictionary(system.delays.map { ($0.name, $0.steps) }, uniquingKeysWith: { first, _ in first })
    for name in system.definitions.map(\.name) {
      for count in [1] + (delays[name] ?? []) {
        let state = system.identifier(of: name) + (count == 1 ? "" : ".\(count)")
        names[state] = name
        names[state + ".initial"] = Name(base: name.base, below: "0", above: name.above)
      }
    }
    return names
  }

  /// Reads equations.
  ///
  /// - Parameters:
  ///   - text: The equations; of a Markdown or LaTeX document those in displays.
  ///   - section: The heading below which they stand, in any case; nil for all of the text.
  ///   - units: The features of the states.
  ///   - given: What the text leaves open, a line each: `f = relu`, `\epsilon = 0.01`, `W_{ci}: diagonal`,
  ///     `u_t: input [3]`, `b_f ~ constant(1)`.
  /// - Throws: `EquationError` with the place in the text, if it cannot be read or its shapes do not fit.
  public init(
    _ text: String, section: String? = nil, units: Int, given: [String] = []
  ) throws(EquationError) {
    let source = EquationText(text)
    let ranges = try EquationDocument(source).ranges(under: section, source)
    let reader = try EquationReader(source, ranges: ranges, given: given)
    self.units = units
    let own = EquationSystem.withoutGradient(reader.equations)
    system = try EquationSystem(own, reader.settings, source)
    hasGradient = own.count < reader.equations.count
    var evaluator = try Evaluator(system)
    try evaluator.findShapes()
    readings = evaluator.notes
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    do {
      var evaluator = try Evaluator(system)
      try evaluator.findShapes(units: units, inputs: x.shape.rank == 0 ? 1 : x.shape[0])
      return try evaluator.record(x, in: scope)
    } catch {
      return scope.failure("the equations do not fit here: \(error)")
    }
  }
}
