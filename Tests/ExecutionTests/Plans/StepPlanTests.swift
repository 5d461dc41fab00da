import EbbCells
import EbbExecution
import EbbGraph
import EbbPlanning
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

/// What the plan of a cell's training step consists of: counts, which no shared machine disturbs.
@Suite struct StepPlanTests {
  /// An LSTM written as eight separate products.
  struct EightProducts: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      let c = scope.state("c", units)
      func gate(_ name: String) -> Signal {
        scope.affine(name + "h", [h], units) + scope.affine(name + "x", [x], units)
      }
      let (f, i, o) = (sigmoid(gate("f")), sigmoid(gate("i")), sigmoid(gate("o")))
      let next = c.next(f * c + i * tanh(gate("g")))
      return h.next(o * tanh(next))
    }
  }

  /// The minimal gated unit under other names, in a type that no library file knows.
  struct Renamed: RecurrentCell {
    var width: Int
    func callAsFunction(_ input: Signal, _ scope: Scope) -> Signal {
      let memory = scope.state("memory", width)
      let keep = sigmoid(scope.affine("keep", [memory, input], width))
      let proposal = tanh(scope.affine("proposal", [keep * memory, input], width))
      return memory.next((1 - keep) * memory + keep * proposal)
    }
  }

  /// Three gates of a user's own, two of which share their product and one of which depends on another.
  struct ThreeGates: RecurrentCell {
    var units: Int
    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let h = scope.state("h", units)
      let a = sigmoid(scope.affine("a", [h, x], units))
      let b = tanh(scope.affine("b", [h, x], units))
      let c = tanh(scope.affine("c", [a * h], units))
      return h.next(a * b + (1 - a) * c)
    }
  }

  static func step(_ cell: some RecurrentCell, features: Int = 5, element: ElementType = .float32) throws -> Graph {
    let recording = try Recording(
      cell, features: features, element: element,
      { scope, y in scope.output("loss", mean(square(y))) })
    var graph = recording.graph
    let nodes = recording.parameters.map(\.node)
    let gradients = try graph.gradient(of: graph.output(named: "loss")!, withRespectTo: nodes)
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput("d/\(parameter.name)", gradient)
    }
    return try Passes.optimized(graph)
  }

  /// Products a step in each sweep, and over the whole sequence.
  static func products(_ plan: Plan) -> (sweeps: [Int], whole: Int) {
    var (sweeps, whole) = ([Int](), 0)
    for stage in plan.stages {
      let count = stage.instructions.filter {
        switch $0.kernel {
        case .product, .outer: true
        case .strided(let equation): if case .product = equation.operation { true } else { false }
        case .program, .reduceRows, .sumColumns, .pack, .assemble, .copy, .boundary, .general: false
        }
      }.count
      if stage.sweep != nil { sweeps.append(count) } else { whole += count }
    }
    return (sweeps, whole)
  }

  @Test func lstmHasOneProductAStepEachWay() throws {
    for graph in [try Self.step(LSTM(units: 6)), try Self.step(EightProducts(units: 6))] {
      let counts = Self.products(Plan(graph))
      #expect(counts.sweeps == [1, 1])
      #expect(counts.whole == 3)
    }
  }

  /// Gates that share [h, x] are one product; the one that needs another gate first is a second.
  @Test func aUsersOwnCellIsFusedAlike() throws {
    let counts = Self.products(Plan(try Self.step(ThreeGates(units: 6))))
    #expect(counts.sweeps == [2, 2])
    // x·W, then Σ h ⊗ [δa δb], Σ x ⊗ [δa δb] and Σ (a ⊙ h) ⊗ δc.
    #expect(counts.whole == 4)
  }

  /// Nothing below recording knows a library cell: other names make the same plan, operation for operation.
  @Test func renamingACellChangesNoPlan() throws {
    let library = Plan(try Self.step(MinimalGatedUnit(units: 40)))
    let renamed = Plan(try Self.step(Renamed(width: 40)))
    #expect(library.stages == renamed.stages)
    #expect(library.values == renamed.values)
    #expect(library.weights == renamed.weights)
  }

  /// The gates' elementwise work is one program a step, and nothing in a step is done one number at a time.
  @Test func lstmStepIsOneProductAndOneProgram() throws {
    let plan = Plan(try Self.step(LSTM(units: 6)))
    for stage in plan.stages {
      guard stage.sweep != nil else { continue }
      for instruction in stage.instructions {
        switch instruction.kernel {
        case .program, .product: break
        case .outer, .reduceRows, .sumColumns, .pack, .assemble, .copy, .boundary, .strided, .general:
          Issue.record("\(instruction) in a step")
        }
      }
    }
  }
}
