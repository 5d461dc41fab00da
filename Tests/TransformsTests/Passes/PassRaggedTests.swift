import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Rules that hold for rows of equal length and not for ragged ones.
struct PassRaggedTests {
  static let graphs = [
    // Steps that the first row lacks have no value at the place, though x has one.
    """
    %2: f64 {t, b} = place(x; along b, first)
    %3: f64 {t} = sumAxes(%2; over {b})
    """,
    // The sum over rows is repeated for each row that the sum over time brings back.
    """
    %2: f64 {t, b} = multiply(x, r)
    %3: f64 {t} = sumAxes(%2; over {b})
    %4: f64 {b} = sumAxes(%3; over {t})
    %5: f64 {b} = tanh(%4)
    """,
    """
    %2: f64 {t, b} = product(x, r; outer)
    %3: f64 {t} = sumAxes(%2; over {b})
    %4: f64 {b} = sumAxes(%3; over {t})
    """,
    // At the steps that the first row lacks its pick reads 0, though the value that is repeated has a number.
    """
    %2: f64 {t, b} = spread(x; over {b})
    %3: f64 {t} = pick(%2; along b, first)
    """,
    """
    %2: f64 {t, b} = place(x; along b, first)
    %3: f64 {t} = pick(%2; along b, first)
    """,
    """
    %2: f64 {t} [2] = broadcast(x; dimension 0, count 2)
    %3: f64 {t, b} = featureToAxis(%2; along b)
    %4: f64 {t} [2] = axisToFeature(%3; along b)
    """,
    // The part of the product without time would sum over rows that have ended.
    """
    %2: f64 {t} [1] = reshape(x; to [1])
    %3: f64 {b} [1] = reshape(r; to [1])
    %4: f64 {t} [2] = concatenate(%2, w; dimension 0)
    %5: f64 {b} [2] = concatenate(%3, %3; dimension 0)
    %6: f64 {t, b} [2] = spread(%5; over {t})
    %7: f64 {t} = product(%4, %6; contracting 0 with 0, over {b})
    """,
    // The same of an outer product.
    """
    %2: f64 {t} [1] = reshape(x; to [1])
    %3: f64 {b} [1] = reshape(r; to [1])
    %4: f64 {t, b} [2] = concatenate(%2, %3; dimension 0)
    %5: f64 {t} [2] = product(%4, x; outer, over {b})
    """,
    // Repeated over steps alone, a number would have their rows too.
    """
    %2: bool = constant(1)
    %3: f64 = constant(2)
    %4: f64 {t} = select(%2, %3, x)
    """,
    // What is placed at one step is there for every row.
    """
    %2: f64 = reshape(w; to [])
    %3: f64 {t, b} = place(%2; along t, first)
    %4: f64 = sumAxes(%3; over {t, b})
    """,
    // Each row has the sum of its own steps.
    """
    %2: f64 {b} = sumAxes(x; over {t})
    %3: f64 = sumAxes(%2; over {b})
    """,
  ]

  @Test(arguments: graphs)
  func outputsStay(equations: String) throws {
    let last = equations.split(separator: "\n").count + 2
    // The equations are numbered from 2, so the weight takes a name of its own.
    let text =
      """
      axis t: time, lengths len
      axis b: batch, length 2
      %0 x: f64 {t} = input
      %1 r: f64 {b} = input
      %100 len: i32 {b} = input
      %101 w: f64 [1] = parameter
      \(equations)
      output y = %\(last - 1)
      """
    let graph = try Graph(parsing: text)
    let bindings = Bindings([
      "x": Tensor([3], [0.5, -0.25, 2] as [Double]), "r": Tensor([2], [1.5, -0.75] as [Double]),
      "len": Tensor([2], [2, 3] as [Int32]), "w": Tensor([1], [0.375] as [Double]),
    ])
    let expected = try #require(try Interpreter.run(graph, bindings)["y"])
    let found = try #require(try Interpreter.run(try Passes.optimized(graph), bindings)["y"])
    #expect(maximumRelativeError(expected, found) < 1e-12)
  }
}
