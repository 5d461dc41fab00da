import EbbCells
import EbbEquations
import EbbGraph
import EbbRecording
import Testing

/// What is written is read back to an equal graph: every cell of the library and every published text, and their
/// gradients, as text and as LaTeX.
@Suite struct WritingTests {
  static let library: [(String, any RecurrentCell)] = [
    ("rnn", SimpleRNN(units: 4)), ("lstm", LSTM(units: 4)), ("gru", GRU(units: 4)),
    ("gru-after", ResetAfterGRU(units: 4)), ("peephole", PeepholeLSTM(units: 4)), ("mgu", MinimalGatedUnit(units: 4)),
    ("lnlstm", LayerNormLSTM(units: 4)), ("irnn", SimpleRNN(units: 4, activation: .relu)),
    ("cifg", CoupledGateLSTM(units: 4)), ("ugrnn", UpdateGateRNN(units: 4)), ("mut1", MUT1(units: 4)),
    ("mut2", MUT2(units: 4)), ("mut3", MUT3(units: 4)), ("slstm", ScalarLSTM(units: 4)), ("indrnn", IndRNN(units: 4)),
    ("mingru", MinGRU(units: 4)), ("minlstm", MinLSTM(units: 4)), ("lru", LinearRecurrentUnit(units: 4)),
    ("antisymmetric", AntisymmetricRNN(units: 4)), ("antisymmetric-gated", AntisymmetricRNN(units: 4, isGated: true)),
    ("cornn", CoRNN(units: 4)), ("unicornn", UnICORNN(units: 4)), ("lem", LongExpressiveMemory(units: 4)),
    ("esn", EchoState(units: 4)), ("lstmn", LSTMN(units: 4)),
  ]

  /// The first differences between the graph that was written and the one that is read.
  static func differences(_ cell: some RecurrentCell, latex: Bool) throws -> [GraphDifference] {
    let equations = try CellEquations(of: cell, features: 3)
    let text = latex ? equations.latex : equations.text
    let read = try Recording(EquationCell(text, units: 4), features: 3).graph
    return read.differences(from: equations.graph, in: ["y"])
  }

  static func gradientDifferences(_ cell: some RecurrentCell, latex: Bool) throws -> [GraphDifference] {
    let equations = try CellEquations(of: cell, features: 3, part: .gradient)
    let read = try EquationGradient(latex ? equations.latex : equations.text).graph(units: 4, features: 3)
    let outputs = equations.graph.outputs.map(\.name).filter { $0 != "y" }
    #expect(!outputs.isEmpty)
    return read.differences(from: equations.graph, in: outputs)
  }

  static func text(_ differences: [GraphDifference]) -> String {
    differences.map { "\($0)" }.joined(separator: "\n")
  }

  @Test(arguments: library.indices, [false, true]) func libraryCellsReadBack(_ index: Int, latex: Bool) throws {
    let (name, cell) = Self.library[index]
    #expect(try Self.text(Self.differences(cell, latex: latex)) == "", "\(name)")
  }

  @Test(arguments: PublishedCellTests.cells, [false, true])
  func publishedCellsReadBack(_ name: String, latex: Bool) throws {
    let cell = try PublishedCellTests.cell(name, units: 4)
    #expect(try Self.text(Self.differences(cell, latex: latex)) == "")
    if PublishedCellTests.withPast.contains(name) {
      #expect(throws: EquationWritingError.self) { try CellEquations(of: cell, features: 3, part: .gradient) }
    } else {
      #expect(try Self.text(Self.gradientDifferences(cell, latex: latex)) == "")
    }
  }

  @Test(arguments: library.indices, [false, true]) func libraryGradientsReadBack(_ index: Int, latex: Bool) throws {
    let (name, cell) = Self.library[index]
    if name == "lstmn" { return }
    if name == "esn" {
      // Nothing in it is trained.
      #expect(throws: EquationWritingError.nothingTrained) { try CellEquations(of: cell, features: 3, part: .gradient) }
      return
    }
    #expect(try Self.text(Self.gradientDifferences(cell, latex: latex)) == "", "\(name)")
  }
}
