import EbbGraph
import EbbInterpreter
import EbbTensors
import Testing

/// Delays, advances and the recurrences through them, against values worked out by hand or loops written out here.
struct ShiftTests {
  @Test func delaysShift() throws {
    var sample = Sample()
    let time = sample.time("t")
    let x = sample.floats([time], [4], [1, 2, 3, 4])
    let start = sample.number(9)
    let two = sample.floats([2], [8, 9])
    let five = sample.floats([5], [5, 6, 7, 8, 9])
    let one = Operation.delay(time, by: 1, truncation: 0)
    #expect(try sample.run(one, x, start) == Tensor([4], [9.0, 1, 2, 3]))
    // Truncation concerns the adjoint only.
    #expect(try sample.run(.delay(time, by: 1, truncation: 2), x, start) == Tensor([4], [9.0, 1, 2, 3]))
    #expect(try sample.run(.delay(time, by: 2, truncation: 0), x, two) == Tensor([4], [8.0, 9, 1, 2]))
    #expect(try sample.run(.delay(time, by: 5, truncation: 0), x, five) == Tensor([4], [5.0, 6, 7, 8]))
  }

  @Test func advancesShiftBack() throws {
    var sample = Sample()
    let time = sample.time("t")
    let x = sample.floats([time], [4], [1, 2, 3, 4])
    let two = sample.floats([2], [8, 9])
    let five = sample.floats([5], [5, 6, 7, 8, 9])
    #expect(try sample.run(.advance(time, by: 1), x, sample.number(9)) == Tensor([4], [2.0, 3, 4, 9]))
    // At length − k + j the final value number j.
    #expect(try sample.run(.advance(time, by: 2), x, two) == Tensor([4], [3.0, 4, 8, 9]))
    #expect(try sample.run(.advance(time, by: 5), x, five) == Tensor([4], [6.0, 7, 8, 9]))
  }

  @Test func raggedRowsEndWhereTheyEnd() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    sample.setLengths(of: time, [3, 1], over: batch)
    let x = sample.floats([time, batch], [3, 2], [1, 2, 3, .nan, 5, .nan])
    let rows = sample.floats([batch], [2], [10, 20])
    let pairs = sample.floats([batch], [2, 2], [10, 11, 20, 21])
    #expect(
      try sample.run(.delay(time, by: 1, truncation: 0), x, rows) == Tensor([3, 2], [10.0, 20, 1, 0, 3, 0]))
    #expect(try sample.run(.advance(time, by: 1), x, rows) == Tensor([3, 2], [3.0, 20, 5, 0, 10, 0]))
    #expect(try sample.run(.advance(time, by: 2), x, pairs) == Tensor([3, 2], [5.0, 21, 10, 0, 11, 0]))
  }

  /// Pascal's triangle: h[i, j] = h[i − 1, j] + h[i, j − 1], with 1 above and 0 beside the grid, is (i + j + 1) over j.
  @Test func aGridIsEvaluatedRowByRow() throws {
    let graph = try Graph(
      parsing: """
        axis r: time
        axis c: time
        %0 x: f64 {r, c} = input
        %1 one: f64 = input
        %2: f64 = constant(0)
        %3: f64 {r, c} = delay(%6, initial one; along r)
        %4: f64 {r, c} = delay(%6, initial %2; along c)
        %5: f64 {r, c} = add(%3, %4)
        %6 h: f64 {r, c} = add(%5, %0)
        output h = %6
        """)
    let bindings = Bindings(["x": Tensor([4, 5], [Double](repeating: 0, count: 20)), "one": Tensor([], [1.0])])
    let found = try Interpreter.run(graph, bindings)["h"]?.doubles
    #expect(found == [1, 2, 3, 4, 5, 1, 3, 6, 10, 15, 1, 4, 10, 20, 35, 1, 5, 15, 35, 70] as [Double])
  }

  @Test func boundariesKeepTheirFeatures() throws {
    var sample = Sample()
    let time = sample.time("t")
    let x = sample.floats([time], [3, 2], [1, 2, 3, 4, 5, 6])
    let boundary = sample.floats([2, 2], [10, 11, 20, 21])
    #expect(
      try sample.run(.delay(time, by: 2, truncation: 0), x, boundary) == Tensor([3, 2], [10.0, 11, 20, 21, 1, 2]))
    #expect(try sample.run(.advance(time, by: 2), x, boundary) == Tensor([3, 2], [5.0, 6, 10, 11, 20, 21]))
  }

  @Test func aRecurrenceFollowsItsEquation() throws {
    // h_t = a · h_{t−1} + x_t with h_0 = 2.
    var sample = Sample()
    let time = sample.time("t")
    let x = sample.floats([time], [3], [1, 10, 100])
    let a = sample.floats([], [3])
    let previous = try sample.graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: sample.number(2))
    let h = sample.graph.append(.binary(.add), [sample.graph.append(.binary(.multiply), [a, previous]), x])
    try sample.graph.close(previous, with: h)
    try sample.graph.inferDomains()
    #expect(try sample.run(h) == Tensor([3], [7.0, 31, 193]))
  }

  @Test func aBackwardRecurrenceRunsFromEachRowsEnd() throws {
    // h_t = 2 · h_{t+1} + x_t with the final value 1 after each row's last step.
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    sample.setLengths(of: time, [3, 2], over: batch)
    let x = sample.floats([time, batch], [3, 2], [1, 10, 2, 20, 3, .nan])
    let next = try sample.graph.appendOpen(.advance(time, by: 1), boundary: sample.number(1))
    let h = sample.graph.append(
      .binary(.add), [sample.graph.append(.binary(.multiply), [sample.number(2), next]), x])
    try sample.graph.close(next, with: h)
    try sample.graph.inferDomains()
    // Row 0: 2·1 + 3 = 5, 2·5 + 2 = 12, 2·12 + 1 = 25. Row 1: 2·1 + 20 = 22, 2·22 + 10 = 54.
    #expect(try sample.run(h) == Tensor([3, 2], [25.0, 54, 12, 22, 5, 0]))
  }

  @Test func aRecurrenceMayReachBackSeveralSteps() throws {
    // Fibonacci's numbers: f_t = f_{t−1} + f_{t−2} with f_{−2} = 0, f_{−1} = 1.
    var sample = Sample()
    let time = sample.time("t", length: 6)
    let start = sample.integers([2], [0, 1])
    let one = sample.graph.appendLeaf(.constant(1), NodeType(.int32))
    let second = try sample.graph.appendOpen(.delay(time, by: 2, truncation: 0), boundary: start)
    let first = try sample.graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: one)
    let sum = sample.graph.append(.binary(.add), [first, second])
    try sample.graph.close(second, with: sum)
    try sample.graph.close(first, with: sum)
    try sample.graph.inferDomains()
    #expect(try sample.run(sum) == Tensor([6], [1 as Int32, 2, 3, 5, 8, 13]))
  }

  @Test func coupledStatesSeeOneAnother() throws {
    // p_t = q_{t−1} + x_t, q_t = p_t · q_{t−1}: the second uses the first of the same step.
    var sample = Sample()
    let time = sample.time("t")
    let x = sample.floats([time], [4], [1, -2, 3, 0.5])
    let p = try sample.graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: sample.number(1))
    let q = try sample.graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: sample.number(2))
    let nextP = sample.graph.append(.binary(.add), [q, x])
    let product = sample.graph.append(.binary(.multiply), [nextP, q])
    let nextQ = sample.graph.append(.binary(.subtract), [product, p])
    try sample.graph.close(p, with: nextP)
    try sample.graph.close(q, with: nextQ)
    try sample.graph.inferDomains()
    var (pValue, qValue) = (1.0, 2.0)
    var expected: [Double] = []
    for step in [1, -2, 3, 0.5] {
      let newP = qValue + step
      (pValue, qValue) = (newP, newP * qValue - pValue)
      expected.append(qValue)
    }
    #expect(try sample.run(nextQ) == Tensor([4], expected))
  }

  /// A decoder that looks at every step of its encoder: a sum over another axis inside a recurrence.
  @Test func anotherAxisMayBeReducedInsideARecurrence() throws {
    // h_t = Σ_u k_u · h_{t−1} with h_0 = 1.
    var sample = Sample()
    let (time, source) = (sample.time("t", length: 3), sample.time("u"))
    let keys = sample.floats([source], [2], [1, 2])
    let previous = try sample.graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: sample.number(1))
    let weighted = sample.graph.append(.binary(.multiply), [keys, previous])
    let h = sample.graph.append(.reduceAxes(.sum, over: [source]), [weighted])
    try sample.graph.close(previous, with: h)
    try sample.graph.inferDomains()
    #expect(try sample.run(h) == Tensor([3], [3.0, 9, 27]))
  }

  @Test func recurrencesOverTwoAxesFollowOneAnother() throws {
    // s_t = Σ_{i ≤ t} x_i along t, then along u: the sums over rectangles of a table.
    var sample = Sample()
    let (time, other) = (sample.time("t"), sample.time("u"))
    var node = sample.floats([time, other], [2, 3], [1, 2, 3, 4, 5, 6])
    for axis in [time, other] {
      let sum = try sample.graph.appendOpen(.delay(axis, by: 1, truncation: 0), boundary: sample.number(0))
      node = sample.graph.append(.binary(.add), [sum, node])
      try sample.graph.close(sum, with: node)
      try sample.graph.inferDomains()
    }
    #expect(try sample.run(node) == Tensor([2, 3], [1.0, 3, 6, 5, 12, 21]))
  }

  @Test func aStateThatKeepsItselfIsConstant() throws {
    var sample = Sample()
    let time = sample.time("t", length: 3)
    let state = try sample.graph.appendOpen(.delay(time, by: 1, truncation: 0), boundary: sample.number(4))
    try sample.graph.close(state, with: state)
    try sample.graph.inferDomains()
    #expect(try sample.run(state) == Tensor([3], [4.0, 4, 4]))
  }
}
