import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Small graphs of what random ones have found: the interpreter's numbers, before and after the passes.
@Suite struct FoundByChanceTests {
  /// A slice of a matrix's numbers in a row must not cut the matrix, whose rows a product takes at even distances.
  @Test func aSliceAcrossRowsCutsNoMatrix() throws {
    let graph = try check(
      """
      axis t : time
      %0 x: f64 {t} [4] = input
      %1 y: f64 {t} [5] = input
      %2 w: f64 [5, 3] = parameter
      %3: f64 {t} [4, 5] = product(%0, %1; outer)
      %4: f64 {t} [4, 5] = tanh(%3)
      %5: f64 {t} [20] = reshape(%4; to [20])
      %6: f64 {t} [7] = slice(%5; dimension 0, start 2, count 7)
      %7: f64 {t} [7] = exp(%6)
      %8: f64 {t} [4, 4] = product(%4, %3; contracting 1 with 1)
      output a = %7
      output b = %8
      """, lengths: ["t": 3])
    #expect(!"\(Plan(graph))".contains("one number at a time"))
  }

  /// A sum over the outer axis of a grid is no part of its steps.
  @Test func aSumOverTheOuterAxisWaitsForTheGrid() throws {
    try check(
      """
      axis r : time
      axis c : time
      %0 x: f64 {r, c} [3, 4] = input
      %1: f64 [3, 4] = constant(0)
      %2: f64 {r, c} [3, 4] = delay(%6, initial %1; along r)
      %3: f64 {r, c} [3, 4] = delay(%6, initial %1; along c)
      %4: f64 {r, c} [3, 4] = add(%2, %3)
      %5: f64 {r, c} [3, 4] = add(%4, %0)
      %6: f64 {r, c} [3, 4] = tanh(%5)
      %7: f64 {c} [3, 4] = sumAxes(%6; over {r})
      %8: f64 {c} [3, 4] = exp(%7)
      output y = %8
      """, lengths: ["r": 4, "c": 3])
  }

  /// A sum over one dimension of a matrix's numbers in three dimensions is not that of all numbers.
  @Test func aSumOverOneOfThreeDimensionsIsNoTotal() throws {
    try check(
      """
      axis t : time
      %0 x: f64 {t} [2, 6] = input
      %1: f64 {t} [2, 6] = tanh(%0)
      %2: f64 {t} [3, 1, 4] = reshape(%1; to [3, 1, 4])
      %3: f64 {t} [1, 4] = sumFeatures(%2; dimension 0)
      output y = %3
      """, lengths: ["t": 3])
  }

  /// What all rows share is sent back by each row at its own steps alone.
  @Test(arguments: [false, true])
  func whatRowsShareIsSentBackByEach(isBackward: Bool) throws {
    try check(
      """
      axis b : batch
      axis t : time, lengths n
      axis p : time, steps of t
      %0 n: i32 {b} = input
      %1 x: f64 {t} [2] = input
      %2: i32 {p} = index(along p)
      %3: f64 {p} = convert(%2; to f64)
      %4: f64 {t, p} [2] = multiply(%1, %3)
      %5: f64 {b, t} [2] = historySum(%4; of t, along p\(isBackward ? ", backward" : ""))
      output y = %5
      """, lengths: ["t": 4], values: ["n": Tensor([2], [4.0, 2], as: .int32)])
  }

  /// A recurrence against the order in which a history grows clears a step at each of its own.
  @Test(arguments: [false, true])
  func aHistoryShrinksOnTheWayBack(isBackward: Bool) throws {
    try check(
      """
      axis b : batch
      axis t : time, lengths n
      axis p : time, steps of t
      %0 n: i32 {b} = input
      %1 x: f64 {b, t} [2] = input
      %2: f64 {b, t, p} [2] = history(%1; of t, along p\(isBackward ? ", backward" : ""))
      %3: f64 [2] = constant(0.5)
      %4: f64 {b, t} [2] = \(isBackward ? "delay(%8, initial %3; along t)" : "advance(%8, final %3; along t)")
      %5: f64 {b, t, p} [2] = multiply(%2, %4)
      %6: f64 {b, t} [2] = sumAxes(%5; over {p})
      %7: f64 {b, t} [2] = add(%6, %1)
      %8: f64 {b, t} [2] = tanh(%7)
      output y = %8
      """, lengths: ["t": 4, "b": 2], values: ["n": Tensor([2], [4.0, 2], as: .int32)])
  }

  /// A view is fixed along one axis: what picks from a pick has memory of its own.
  @Test func aPickOfAPickIsThatOfBothAxes() throws {
    try check(
      """
      axis b : batch
      axis t : time
      axis c : batch
      %0 x: f64 {b, t, c} [2] = input
      %1: f64 {b, t, c} [2] = tanh(%0)
      %2: f64 {t, c} [2] = pick(%1; along b, last)
      %3: f64 {c} [2] = pick(%2; along t, first)
      %4: f64 {c} [2] = exp(%3)
      output y = %4
      """, lengths: ["b": 3, "t": 4, "c": 2])
  }

  /// A matrix that a product reads lies row by row, also where its numbers are part of a longer vector.
  @Test func rowsOfAMatrixAreNotThoseOfAVector() throws {
    let graph = try check(
      """
      axis b : batch
      %0 x: f64 {b} [2, 20] = input
      %1 u: f64 {b} [40] = input
      %2 v: f64 {b} [20] = input
      %3 z: f64 {b} [60] = input
      %4: f64 {b} [2, 20] = tanh(%0)
      %5: f64 {b} [40] = reshape(%4; to [40])
      %6: f64 {b} [100] = concatenate(%5, %3; dimension 0)
      %7: f64 {b} [2] = product(%4, %2; contracting 1 with 0)
      %8: f64 {b} [40] = tanh(%1)
      %9: f64 {b} [20] = tanh(%2)
      %10: f64 {b} [120] = concatenate(%8, %9, %3; dimension 0)
      %11: f64 {b} [2, 20] = reshape(%8; to [2, 20])
      %12: f64 {b} [1, 20] = reshape(%9; to [1, 20])
      %13: f64 {b} [3, 20] = concatenate(%11, %12; dimension 0)
      %14: f64 {b} [3] = product(%13, %2; contracting 1 with 0)
      %15: f64 {b} [3, 20] = reshape(%3; to [3, 20])
      %16: f64 {b} [2, 20] = slice(%15; dimension 0, start 1, count 2)
      %17: f64 {b} [2] = product(%16, %2; contracting 1 with 0)
      output a = %7
      output b = %14
      output c = %17
      output d = %6
      output e = %10
      """, lengths: ["b": 9])
    #expect(
      Plan(graph).instructions.count {
        if case .strided(let call) = $0.kernel, case .product = call.operation { true } else { false }
      } == 3)
  }

  /// What a sweep reads in another width at all its steps is converted once, and not by each slice of its rows.
  @Test func aWidthIsConvertedBeforeTheSteps() throws {
    let graph = try check(
      """
      axis t : time
      axis b : batch
      axis c : batch
      %0 x: f64 {t, b, c} [3] = input
      %1 y: f32 {c} [3] = input
      %2: f32 = constant(0)
      %3: bool {c} [3] = greater(%1, %2)
      %4: f64 [3] = constant(0)
      %5: f64 {t, b, c} [3] = delay(%7, initial %4; along t)
      %6: f64 {t, b, c} [3] = add(%5, %0)
      %7: f64 {t, b, c} [3] = select(%3, %6, %4)
      output h = %7
      """, lengths: ["t": 4, "b": 3, "c": 2])
    let sweep = try #require(Plan(graph).stages.first { $0.sweep != nil })
    let copies = [sweep.prologue, sweep.instructions].map { instructions in
      instructions.count { if case .copy = $0.kernel { true } else { false } }
    }
    #expect(copies == [1, 0], "\(Plan(graph))")
  }

  @discardableResult
  private func check(
    _ text: String, lengths: [String: Int], values: [String: Tensor] = [:]
  ) throws -> Graph {
    let graph = try Graph(parsing: text)
    var bindings = Bindings(seed: 1)
    bindings.values = values
    bindings.lengths = lengths
    var random = SplitMix(5)
    for node in graph.nodes where graph.operation(node).isGiven {
      let (name, type) = (try #require(graph.name(node)), graph.type(node))
      guard bindings.values[name] == nil else { continue }
      let dimensions = type.domain.map { lengths[graph.description(of: $0).name] ?? 1 } + type.shape.array
      let numbers = (0..<dimensions.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &random) }
      bindings.values[name] = Tensor(dimensions, numbers, as: type.element)
    }
    let expected = try Interpreter.run(graph, bindings)
    for graph in [graph, try Passes.optimized(graph)] {
      let found = try Executable(graph, options: ExecutionOptions(threads: 1)).run(bindings)
      for (name, tensor) in expected { #expect(maximumRelativeError(found[name]!, tensor) < 1e-12, "\(name)") }
    }
    return graph
  }
}
