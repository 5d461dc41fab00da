package import EbbGraph
public import EbbRecording
internal import EbbTensors
internal import EbbTransforms

/// A cell as the equations of one step, as a paper prints them, and its gradient as the adjoint equations.
///
/// ```swift
/// let equations = try CellEquations(of: GRU(units: 64), features: 8)
/// print(equations.latex)
/// let adjoint = try CellEquations(of: GRU(units: 64), features: 8, part: .gradient)
/// ```
///
/// What is printed is read back, by `EquationCell` or `--cell`, to an equal graph. A cell that was read from equations
/// keeps its names; a cell in Swift has the letters that papers use for its gates.
///
/// The gradient is that of any loss L: it begins with ∂L/∂h_t, the derivative by the cell's output of step t alone, and
/// ends with dL/dW for each parameter W. A bar marks the whole derivative by a value, h̄ₜ = dL/dhₜ; δ is the derivative
/// by what stands inside a function. Σ_t runs over the samples of a batch too.
public struct CellEquations: Sendable {
  /// What is written.
  public enum Part: Hashable, Sendable, CaseIterable {
    /// The equations of a step.
    case cell
    /// These and the adjoint equations, over t and t + 1.
    case gradient
  }

  private let equations: [WrittenEquation]
  /// What the reader would otherwise take to be another shape or start: `γ: scalar`, `h_0 ~ trained`.
  private let notes: [Note]
  /// How many of the equations are the cell's own.
  private let cellCount: Int

  /// The graph that is written, its parameters and inputs named as in the equations.
  package let graph: Graph

  /// The cell as a struct in Swift, which records the same graph with the same names. The gradient is a struct
  /// `CellGradient`, a function of x and ∂L/∂h that records the cell and dL/dW for each parameter W.
  ///
  /// - Parameter type: The name of the cell's struct.
  public func swift(named type: String = "Cell") -> String {
    cellCount < equations.count ? swiftWriter.gradientText(named: type) : swiftWriter.text(named: type)
  }

  private let swiftWriter: SwiftWriter

  private enum Note {
    case shape(Name, String)
    case start(Name)
  }

  /// Records the cell over an input x and writes it.
  ///
  /// - Parameters:
  ///   - cell: The cell, of any kind.
  ///   - features: The features of x.
  ///   - part: What is written.
  /// - Throws: `RecordingError` if the cell cannot be recorded; `EquationWritingError` if it computes something that the
  ///   language of equations has no words for.
  public init(of cell: some RecurrentCell, features: Int, part: Part = .cell) throws {
    let known = (cell as? EquationCell)?.names ?? [:]
    let network = try WrittenNetwork(cell, features: features, known: known, part: part)
    var writer = network.writer
    var written = try writer.equations(of: network.cellNodes)
    written += network.alias(in: written)
    cellCount = written.count
    written += try writer.equations(of: network.gradientNodes)
    equations = written
    graph = network.namedGraph
    notes = try network.notes(for: written.prefix(cellCount).map(\.line).joined(separator: "\n")).map {
      $0.isStart ? .start($0.name) : .shape($0.name, $0.text)
    }
    let (cell, adjoints) = (Array(written.prefix(cellCount)), Array(written.dropFirst(cellCount)))
    var gradient = WrittenGradient()
    if !adjoints.isEmpty {
      do {
        gradient = try WrittenGradient(
          Self.text(written, notes), beyond: Set(cell.map(\.left.name)), units: network.units, features: features)
      } catch {
        // Its place is in a text that nobody has seen.
        throw EquationWritingError.noWords(
          value: "the gradient", operation: "it that is read back (\(error.message): \(error.excerpt))")
      }
    }
    swiftWriter = SwiftWriter(network, cell, adjoints: adjoints, gradient)
  }

  // MARK: Formats

  /// The equations in Unicode, one a line.
  public var text: String { Self.text(equations, notes) }

  private static func text(_ equations: [WrittenEquation], _ notes: [Note]) -> String {
    let lines =
      equations.map(\.line)
      + notes.map { note in
        switch note {
        case .shape(let name, let shape): Reference(name: name).plainText + ": " + shape
        case .start(let name): Reference(name: name).plainText + " ~ trained"
        }
      }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The equations in LaTeX, aligned at their signs of equality; with amsmath.
  public var latex: String {
    let lines = equations.map { "  " + $0.latexLines }
    let block = "\\begin{align*}\n" + lines.joined(separator: " \\\\\n") + "\n\\end{align*}\n"
    if notes.isEmpty { return block }
    let rest = notes.map { note in
      switch note {
      case .shape(let name, let shape): "\(Reference(name: name).latex) &: \\text{\(shape)}"
      case .start(let name): "\(Reference(name: name).latex) &\\sim \\text{trained}"
      }
    }
    return block + "\\begin{align*}\n  " + rest.joined(separator: " \\\\\n  ") + "\n\\end{align*}\n"
  }

  /// The equations in MathML, one below the other, for a page in HTML.
  public var mathML: String { Self.mathML(equations[...]) }

  /// The equations of the cell in MathML, and those of its gradient if they are written.
  package var mathMLOfParts: [String] {
    [equations.prefix(cellCount), equations.dropFirst(cellCount)].filter { !$0.isEmpty }.map(Self.mathML)
  }

  private static func mathML(_ equations: ArraySlice<WrittenEquation>) -> String {
    let rows = equations.map(\.mathMLRows)
    return "<math display=\"block\"><mtable displaystyle=\"true\">\(rows.joined())</mtable></math>"
  }
}
