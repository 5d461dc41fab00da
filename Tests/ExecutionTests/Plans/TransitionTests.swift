import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Transitions as papers write them, with matrices, and the same written out: the same values, with no product of
/// matrices that vary.
@Suite struct TransitionTests {
  /// A state's next value from a transition, in two ways of writing.
  enum Transition: CaseIterable {
    /// S (α I − β k kᵀ): the gated delta rule.
    case gatedDelta
    /// S diag(a) (I − 2 k kᵀ) (I − 2 q qᵀ): two reflections after a gate.
    case reflections
    /// (I / c − k kᵀ) S: from the left, with a division.
    case fromTheLeft
    /// (D + diag(a)) h: a state that is a vector.
    case diagonalAndWeights
    /// (α D − k qᵀ)ᵀ h.
    case transposed
    /// Row sums and the trace of a transition beside its product.
    case sums
  }

  struct Cell: RecurrentCell {
    var transition: Transition
    var units: Int
    var isWrittenOut: Bool

    func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
      let key = scope.affine("key", [x], units)
      let k = key / sqrt(sumOverFeatures(square(key)) + 0.1)
      let q = tanh(scope.affine("query", [x], units))
      let a = sigmoid(scope.affine("gates", [x], units))
      let α = sigmoid(sumOverFeatures(scope.affine("α", [x], 1)))
      let β = sigmoid(sumOverFeatures(scope.affine("β", [x], 1)))
      let identity = scope.identityMatrix(units)
      let weights = scope.parameter("D", [units, units], .glorotUniform)
      let s = scope.state("S", shape: isOfVectors ? [units] : [units, units])
      let next: Signal
      switch transition {
      case .gatedDelta:
        next =
          isWrittenOut
          ? α * s - outer(matmul(s, k), β * k) : matmul(s, α * identity - β * outer(k, k))
      case .reflections:
        if isWrittenOut {
          let gated = s * broadcast(reshape(a, [1, units]), to: [units, units])
          let once = gated - 2 * outer(matmul(gated, k), k)
          next = once - 2 * outer(matmul(once, q), q)
        } else {
          let gated = matmul(s, diagonal(a))
          next = matmul(matmul(gated, identity - 2 * outer(k, k)), identity - 2 * outer(q, q))
        }
      case .fromTheLeft:
        let c = 1 + β
        next = isWrittenOut ? s / c - outer(k, matmul(k, s)) : matmul(identity / c - outer(k, k), s)
      case .diagonalAndWeights:
        next = isWrittenOut ? matmul(weights, s) + a * s : matmul(weights + diagonal(a), s)
      case .transposed:
        next =
          isWrittenOut
          ? α * matmul(s, weights) - q * sumOverFeatures(k * s) : matmul(transpose(α * weights - outer(k, q)), s)
      case .sums:
        let m = α * identity - outer(k, q)
        let rows = isWrittenOut ? α - k * sumOverFeatures(q) : sumOverFeatures(m, dimension: 1)
        let trace = isWrittenOut ? α * Double(units) - sumOverFeatures(k * q) : sumOverFeatures(m * identity)
        next = (isWrittenOut ? α * s - k * sumOverFeatures(q * s) : matmul(m, s)) + rows * trace
      }
      let new = s.next(isOfVectors ? next + 0.3 * q : next + outer(q, k))
      return isOfVectors ? new : matmul(new, q)
    }

    private var isOfVectors: Bool {
      switch transition {
      case .gatedDelta, .reflections, .fromTheLeft: false
      case .diagonalAndWeights, .transposed, .sums: true
      }
    }
  }

  private static func agreement(_ transition: Transition, isWrittenOut: Bool = false) throws -> NetworkAgreement {
    let recording = try Recording(element: .float64) { scope in
      let (t, b) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [2], over: [t, b])
      let y = scope.over(t).run(Cell(transition: transition, units: 3, isWrittenOut: isWrittenOut), x)
      scope.output("y", y)
      scope.output("loss", sum(sumOverFeatures(square(y + 0.3)), over: [t, b]))
    }
    var random = SplitMix(5)
    var values = recording.initialValues(seed: 2)
    values["x"] = Tensor([5, 2, 2], (0..<20).map { _ in Double.random(in: -1...1, using: &random) })
    return try NetworkAgreement(recording, Bindings(values))
  }

  @Test(arguments: Transition.allCases)
  func bothWaysOfWritingAgree(transition: Transition) throws {
    let agreement = try Self.agreement(transition)
    try agreement.expectTheInterpreter(.float64)
    try agreement.expectDifferences(ofInput: true)
    let out = try Interpreter.run(try Self.agreement(transition, isWrittenOut: true).graph, agreement.bindings)
    for (name, value) in try Interpreter.run(agreement.graph, agreement.bindings) {
      #expect(maximumRelativeError(value, try #require(out[name])) <= 1e-12, "\(name)")
    }
  }

  /// Neither forward nor backward: a transition is not made, and its products are those of its vectors.
  @Test(arguments: Transition.allCases)
  func noProductIsOneOfMatricesThatVary(transition: Transition) throws {
    let graph = try Passes.optimized(try Self.agreement(transition).graph, through: "multiply-by-terms")
    for node in graph.nodes {
      guard case .product(.dimensions, _) = graph.operation(node) else { continue }
      let isOfMatrices = graph.operands(node).allSatisfy {
        graph.type($0).shape.rank == 2 && !graph.type($0).domain.isEmpty
      }
      #expect(!isOfMatrices, "\(graph)")
    }
  }
}
