import EbbCells
import EbbCompiler
import EbbEquations
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTransforms
import Testing

/// The equations of textbooks in their spellings, against the cells of the library: the same operations, in the recorded
/// graph and in the plan of its gradient.
@Suite struct TextbookTests {
  struct Textbook: CustomTestStringConvertible {
    var name: String
    var cell: any RecurrentCell
    var text: String
    var given: [String] = []
    var testDescription: String { name }
  }

  static let gru = """
    z_t = σ(W_z [h_{t-1}, x_t] + b_z)
    r_t = σ(W_r [h_{t-1}, x_t] + b_r)
    n_t = tanh(W_n [r_t ⊙ h_{t-1}, x_t] + b_n)
    h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ n_t
    """

  static let textbooks: [Textbook] = [
    Textbook(name: "Elman, ASCII", cell: SimpleRNN(units: 5), text: "h_t = tanh(W [h_{t-1}, x_t] + b)"),
    Textbook(
      name: "Elman, LaTeX", cell: SimpleRNN(units: 5),
      text: #"h_t = \tanh\left(W\,[h_{t-1}; x_t] + b\right),"#),
    Textbook(
      name: "Elman, any activation", cell: SimpleRNN(units: 5), text: #"h^{(t)} = f(W [h^{(t-1)}, x^{(t)}] + b)"#),
    Textbook(
      name: "Elman, relu", cell: SimpleRNN(units: 5, activation: .relu),
      text: "h(t) = f(W·[h(t-1), x(t)] + b)", given: ["f = relu"]),
    Textbook(name: "Elman, primes", cell: SimpleRNN(units: 5), text: "h' = tanh(W [h, x] + b)"),
    Textbook(name: "Elman, as a program", cell: SimpleRNN(units: 5), text: "h = tanh(W @ [h, x] + b)"),
    Textbook(name: "Elman, subscripts", cell: SimpleRNN(units: 5), text: "hₜ = tanh(W [hₜ₋₁, xₜ] + b)"),
    Textbook(
      name: "Elman, t+1", cell: SimpleRNN(units: 5),
      text: #"\mathbf{h}_{t+1} = \tanh(\mathbf{W}[\mathbf{h}_t, \mathbf{x}_{t}] + \mathbf{b})"#),
    Textbook(
      name: "Elman, index n", cell: SimpleRNN(units: 5), text: #"h_n = \tanh(W [h_{n-1}, x_n] + b)"#),
    Textbook(
      name: "Elman with matrix rows", cell: SimpleRNN(units: 5),
      text: #"h_t = \tanh\left( W \begin{bmatrix} h_{t-1} \\ x_t \end{bmatrix} + b \right) \quad (1)"#),
    Textbook(
      name: "MGU", cell: MinimalGatedUnit(units: 5),
      text: #"""
        \begin{aligned}
        f_t &= \sigma(W_f [h_{t-1}, x_t] + b_f), \\
        \tilde{h}_t &= \tanh(W_h [f_t \odot h_{t-1}, x_t] + b_h), \\
        h_t &= (1 - f_t) \odot h_{t-1} + f_t \odot \tilde{h}_t.
        \end{aligned}
        """#),
    Textbook(
      name: "LSTM, Olah", cell: LSTM(units: 5),
      text: #"""
        i_t = \sigma(W_i \cdot [h_{t-1}, x_t] + b_i)
        f_t = \sigma(W_f \cdot [h_{t-1}, x_t] + b_f)
        \tilde{C}_t = \tanh(W_C \cdot [h_{t-1}, x_t] + b_C)
        o_t = \sigma(W_o \cdot [h_{t-1}, x_t] + b_o)
        C_t = f_t * C_{t-1} + i_t * \tilde{C}_t
        h_t = o_t * \tanh(C_t)
        """#),
    Textbook(
      name: "LSTM, Unicode", cell: LSTM(units: 5),
      text: """
        # Gers, Schmidhuber & Cummins 2000
        i = σ(W_i [h, x] + b_i);  f = σ(W_f [h, x] + b_f)
        g = tanh(W_g [h, x] + b_g)
        o = σ(W_o [h, x] + b_o)
        c' = f ⊙ c + i ⊙ g
        h' = o ⊙ tanh(c')
        """),
    Textbook(name: "GRU", cell: GRU(units: 5), text: gru),
    Textbook(
      name: "coRNN", cell: CoRNN(units: 5, timeStep: 0.1, stiffness: 2, damping: 3),
      text: #"""
        f_t = \tanh(W [y_{t-1}, z_{t-1}, x_t] + b)
        z_t = z_{t-1} + \Delta t (f_t - \gamma y_{t-1} - \epsilon z_{t-1})
        y_t = y_{t-1} + \Delta t z_t
        """#, given: [#"\Delta t = 0.1"#, "γ = 2", "ε: constant 3"]),
  ]

  /// Here the library's cell makes its parameters in another order.
  static let peepholes = Textbook(
    name: "peepholes", cell: PeepholeLSTM(units: 5),
    text: """
      i_t = sigmoid(W_i [h_{t-1}, x_t] + p_i ∘ c_{t-1} + b_i)
      f_t = sigmoid(W_f [h_{t-1}, x_t] + p_f ∘ c_{t-1} + b_f)
      g_t = tanh(W_c [h_{t-1}, x_t] + b_c)
      c_t = f_t ∘ c_{t-1} + i_t ∘ g_t
      o_t = sigmoid(W_o [h_{t-1}, x_t] + p_o ∘ c_t + b_o)
      h_t = o_t ∘ tanh c_t
      """)

  /// A cell's graph with a loss, its nodes named in the order of the graph.
  static func graph(_ cell: some RecurrentCell) throws -> (graph: Graph, parameters: [NodeID]) {
    let recording = try Recording(cell, features: 3) { scope, y in scope.output("loss", mean(square(y))) }
    var graph = recording.graph
    let named = graph.nodes.filter { graph.name($0) != nil && graph.operation($0) != .input }
    for (index, node) in named.enumerated() { graph.setName("node\(index)", of: node) }
    return (graph, recording.parameters.map(\.node))
  }

  /// The first line in which two texts differ, with its number.
  static func firstDifference(_ a: String, _ b: String) -> String? {
    let (left, right) = (a.split(separator: "\n"), b.split(separator: "\n"))
    let place = zip(left, right).enumerated().first { $0.element.0 != $0.element.1 }
    if let place { return "\(place.offset): \(place.element.0) | \(place.element.1)" }
    return left.count == right.count ? nil : "\(left.count) and \(right.count) lines"
  }

  /// The plan of the loss and its gradient by each parameter.
  static func gradientPlan(_ source: Graph, _ parameters: [NodeID]) throws -> Plan {
    var graph = source
    let loss = try #require(graph.output(named: "loss"))
    for (index, gradient) in try graph.gradient(of: loss, withRespectTo: parameters).enumerated() {
      graph.setOutput("gradient\(index)", gradient)
    }
    return try Plan(compiling: graph)
  }

  @Test(arguments: textbooks) func equationsRecordTheLibrarysOperations(_ book: Textbook) throws {
    let read = try Self.graph(EquationCell(book.text, units: 5, given: book.given))
    let known = try Self.graph(book.cell)
    #expect(Self.firstDifference(read.graph.description, known.graph.description) == nil)
    let plans = try [read, known].map { try Self.gradientPlan($0.graph, $0.parameters).description }
    #expect(Self.firstDifference(plans[0], plans[1]) == nil)
  }

  @Test func anotherOrderOfParametersChangesNoOperation() throws {
    let read = try Self.graph(EquationCell(Self.peepholes.text, units: 5))
    let known = try Self.graph(Self.peepholes.cell)
    let operations = try [read, known].map { part in
      try [part.graph.description, Self.gradientPlan(part.graph, part.parameters).description].map { text in
        text.split(separator: "\n").map { $0.replacing(/[%v]\d+|node\d+|gradient\d+/, with: "") }.sorted()
      }
    }
    #expect(operations[0][0] == operations[1][0])
    #expect(operations[0][1].count == operations[1][1].count)
  }
}
