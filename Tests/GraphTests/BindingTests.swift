import EbbGraph
import EbbTensors
import Testing

/// The lengths of axes in a run, and each way in which values do not fit a graph.
struct BindingTests {
  /// x over {t, b} of shape [2] and a weight w of shape [2]; t is ragged if asked for.
  private func graph(ragged: Bool = false) -> Graph {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    graph.appendLeaf(.parameter, NodeType(.float32, .empty, [2]), name: "w")
    graph.appendLeaf(.input, NodeType(.float64, [t, b], [2]), name: "x")
    if ragged {
      graph.setLengths(graph.appendLeaf(.input, NodeType(.int32, [b]), name: "rows"), of: t)
    }
    return graph
  }

  private let w = Tensor([2], [Float(1), 2])
  private func x(_ steps: Int, _ rows: Int) -> Tensor {
    Tensor([steps, rows, 2], [Double](repeating: 0, count: steps * rows * 2))
  }

  private func message(_ graph: Graph, _ bindings: Bindings) -> String? {
    do {
      _ = try graph.lengths(for: bindings)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func inputsTellLengths() throws {
    #expect(try graph().lengths(for: Bindings(["w": w, "x": x(3, 4)])) == [3, 4])
    #expect(try graph().lengths(for: Bindings(["w": w, "x": x(3, 4)], lengths: ["t": 3])) == [3, 4])
    var graph = graph()
    _ = graph.addAxis(AxisDescription(name: "fixed", kind: .batch, length: 7))
    _ = graph.addAxis(AxisDescription(name: "unused", kind: .batch))
    #expect(try graph.lengths(for: Bindings(["w": w, "x": x(3, 4)])) == [3, 4, 7, 1])
  }

  @Test func missingAndUnknownValues() {
    #expect(message(graph(), Bindings(["x": x(1, 1)])) == "parameter w has no value; it takes f32 [2]")
    #expect(message(graph(), Bindings(["w": w])) == "input x has no value; it takes f64 [t, b, 2]")
    #expect(
      message(graph(), Bindings(["w": w, "x": x(1, 1), "y": w]))
        == "there is no parameter or input named y; the names are w, x")
  }

  @Test func valuesOfAnotherType() {
    let doubles = Tensor([2], [1.0, 2])
    #expect(message(graph(), Bindings(["w": doubles, "x": x(1, 1)])) == "w is given as f64; it takes f32 [2]")
    let long = Tensor([3], [Float(1), 2, 3])
    #expect(
      message(graph(), Bindings(["w": long, "x": x(1, 1)])) == "w is given with dimensions [3]; it takes f32 [2]")
    let flat = Tensor([2, 2], [1.0, 2, 3, 4])
    #expect(
      message(graph(), Bindings(["w": w, "x": flat]))
        == "x is given with dimensions [2, 2]; it takes f64 [t, b, 2]")
  }

  @Test func lengthsThatDisagree() {
    #expect(
      message(graph(), Bindings(["w": w, "x": x(3, 4)], lengths: ["t": 5]))
        == "axis t has length 5 in the given lengths and 3 in x")
    #expect(
      message(graph(), Bindings(["w": w, "x": x(3, 4)], lengths: ["s": 5])) == "there is no axis named s")
    #expect(
      message(graph(), Bindings(["w": w, "x": x(0, 4)])) == "axis t has length 0 in x; it needs at least 1")
    var graph = graph()
    let fixed = graph.addAxis(AxisDescription(name: "u", kind: .time, length: 2))
    graph.appendLeaf(.input, NodeType(.float64, [fixed]), name: "y")
    #expect(
      message(graph, Bindings(["w": w, "x": x(3, 4), "y": Tensor([3], [1.0, 2, 3])]))
        == "axis u has length 2 in the graph and 3 in y")
  }

  @Test func aLengthThatNothingTells() throws {
    var graph = graph()
    let s = graph.addAxis(AxisDescription(name: "s", kind: .time))
    _ = graph.append(.axisIndex(s), [])
    #expect(
      message(graph, Bindings(["w": w, "x": x(3, 4)]))
        == "no input tells the length of axis s; give it in `lengths`")
    #expect(try graph.lengths(for: Bindings(["w": w, "x": x(3, 4)], lengths: ["s": 5])) == [3, 4, 5])
  }

  @Test func raggedLengthsAreInRange() throws {
    let graph = graph(ragged: true)
    func bindings(_ rows: [Int32]) -> Bindings {
      Bindings(["w": w, "x": x(3, rows.count), "rows": Tensor([rows.count], rows)])
    }
    #expect(try graph.lengths(for: bindings([3, 1])) == [3, 2])
    #expect(try graph.lengths(for: bindings([2, 1])) == [3, 2])
    #expect(
      message(graph, bindings([3, -1])) == "rows[1] is -1; the length of a row along t is in 0 ... 3")
    #expect(
      message(graph, bindings([4, 1])) == "rows[0] is 4; the length of a row along t is in 0 ... 3")
  }

  /// A row without a step is sound where steps are summed, and refused with the reason where one of each row is taken.
  @Test func emptyRowsAreAllowedWhereTheyMeanSomething() throws {
    func bindings(_ rows: [Int32]) -> Bindings {
      Bindings(["w": w, "x": x(3, rows.count), "rows": Tensor([rows.count], rows)])
    }
    let plain = graph(ragged: true)
    #expect(try plain.lengths(for: bindings([3, 0])) == [3, 2])
    #expect(message(plain, bindings([0, 0]))?.contains("rows[0] is 0, and no row has a step along t") == true)
    let (t, b) = (Axis(0), Axis(1))
    func refusal(_ grow: (inout Graph, NodeID) -> Void) -> String? {
      var graph = plain
      guard let x = graph.node(named: "x") else { return nil }
      grow(&graph, x)
      return message(graph, bindings([3, 0]))
    }
    #expect(refusal { _ = $0.append(.reduceAxes(.sum, over: [t]), [$1]) } == nil)
    #expect(refusal { _ = $0.append(.reduceAxes(.max, over: [t, b]), [$1]) } == nil)
    #expect(
      refusal { _ = $0.append(.reduceAxes(.max, over: [t]), [$1]) }?.contains("largest value of each row") == true)
    #expect(
      refusal { _ = $0.append(.pick(t, .last), [$1]) }
        == "rows[1] is 0, and the last step of each row is taken along t: every row needs at least 1 step; leave empty ones "
        + "out")
    #expect(refusal { _ = $0.append(.pick(t, .first), [$1]) }?.contains("the first step of each row is taken") == true)
    let mean = refusal { graph, x in
      let count = graph.append(.convert(.float64), [graph.append(.axisLength(t), [])])
      _ = graph.append(.binary(.divide), [graph.append(.reduceAxes(.sum, over: [t]), [x]), count])
    }
    #expect(mean?.contains("the mean over the steps of each row is taken") == true)
    // The mean over all steps of all rows counts those that there are.
    let all = refusal { graph, x in
      let counts = graph.append(.convert(.float64), [graph.append(.axisLength(t), [])])
      let count = graph.append(.reduceAxes(.sum, over: [b]), [counts])
      _ = graph.append(.binary(.divide), [graph.append(.reduceAxes(.sum, over: [t, b]), [x]), count])
    }
    #expect(all == nil)
  }

  @Test func theLongestRowTellsTheLengthWhereNothingElseDoes() throws {
    var graph = Graph()
    let t = graph.addAxis(AxisDescription(name: "t", kind: .time))
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    graph.setLengths(graph.appendLeaf(.input, NodeType(.int32, [b]), name: "rows"), of: t)
    #expect(try graph.lengths(for: Bindings(["rows": Tensor([3], [2 as Int32, 5, 1])])) == [5, 3])
  }
}
