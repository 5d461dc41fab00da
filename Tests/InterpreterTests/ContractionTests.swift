import EbbGraph
import EbbTensors
import Testing

struct ContractionTests {
  /// A = (1 2 3; 4 5 6), B = (1 2; 3 4; 5 6), v = (1, 2, 3), u = (10, 20).
  static let a: ([Int], [Double]) = ([2, 3], [1, 2, 3, 4, 5, 6])
  static let b: ([Int], [Double]) = ([3, 2], [1, 2, 3, 4, 5, 6])
  static let v: ([Int], [Double]) = ([3], [1, 2, 3])
  static let u: ([Int], [Double]) = ([2], [10, 20])

  static let cases: [(Contraction, ([Int], [Double]), ([Int], [Double]), Tensor)] = [
    (.dimensions(1, 0), a, b, Tensor([2, 2], [22.0, 28, 49, 64])),
    // AᵀBᵀ and the mixed forms: any dimension with any other of its length.
    (.dimensions(0, 1), a, b, Tensor([3, 3], [9.0, 19, 29, 12, 26, 40, 15, 33, 51])),
    (.dimensions(1, 1), a, a, Tensor([2, 2], [14.0, 32, 32, 77])),
    (.dimensions(0, 0), a, a, Tensor([3, 3], [17.0, 22, 27, 22, 29, 36, 27, 36, 45])),
    (.dimensions(0, 0), v, v, Tensor([], [14.0])),
    (.dimensions(1, 0), a, v, Tensor([2], [14.0, 32])),
    (.dimensions(0, 1), v, a, Tensor([2], [14.0, 32])),
    (.dimensions(0, 0), u, a, Tensor([3], [90.0, 120, 150])),
    (.dimensions(0, 0), a, u, Tensor([3], [90.0, 120, 150])),
    (.outer, v, u, Tensor([3, 2], [10.0, 20, 20, 40, 30, 60])),
    (.outer, v, ([], [2]), Tensor([3], [2.0, 4, 6])),
    (.outer, ([], [3]), ([], [2]), Tensor([], [6.0])),
  ]

  @Test(arguments: cases)
  func contractions(
    _ contraction: Contraction, _ left: ([Int], [Double]), _ right: ([Int], [Double]), _ expected: Tensor
  ) throws {
    var sample = Sample()
    let (x, y) = (sample.floats(left.0, left.1), sample.floats(right.0, right.1))
    #expect(try sample.run(.product(contraction, over: .empty), x, y) == expected)
  }

  @Test func sumsOverAxesRunOverTheIndexSetOnly() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    sample.setLengths(of: time, [2, 1], over: batch)
    // The value of the second row at the second step is outside.
    let x = sample.floats([time, batch], [2, 2, 1], [1, 2, 3, .nan])
    let y = sample.floats([batch], [2, 2], [10, 100, 1000, 10000])
    // Σ_{t,b} x ⊗ y = (1 + 3) · (10, 100) + 2 · (1000, 10000)
    #expect(
      try sample.run(.product(.outer, over: [time, batch]), x, y) == Tensor([1, 2], [2040.0, 20400]))
    // Over time alone, for each row; over the batch alone, for each step.
    #expect(
      try sample.run(.product(.outer, over: [time]), x, y) == Tensor([2, 1, 2], [40.0, 400, 2000, 20000]))
    #expect(
      try sample.run(.product(.outer, over: [batch]), x, y) == Tensor([2, 1, 2], [2010.0, 20100, 30, 300]))
    // Without a sum a value has no number outside: it is returned as 0.
    #expect(
      try sample.run(.product(.dimensions(0, 0), over: .empty), x, x) == Tensor([2, 2], [1.0, 4, 9, 0]))
  }

  @Test func gatherReadsRowsAndZerosOutside() throws {
    var sample = Sample()
    let time = sample.time("t")
    let table = sample.floats([3, 2], [1, 2, 3, 4, 5, 6])
    let ids = sample.integers([time], [4], [2, 0, 3, -1])
    #expect(try sample.run(.gather, table, ids) == Tensor([4, 2], [5.0, 6, 1, 2, 0, 0, 0, 0]))
  }

  @Test func gatherKeepsTheOtherDimensionsOfTheTable() throws {
    var sample = Sample()
    let table = sample.floats([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(try sample.run(.gather, table, sample.integers([], [1])) == Tensor([2, 2], [5.0, 6, 7, 8]))
  }

  @Test func scatterAddSumsWhatSharesAnID() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    sample.setLengths(of: time, [3, 1], over: batch)
    let ids = sample.integers([time, batch], [3, 2], [1, 1, 0, .max, 5, .max])
    let values = sample.floats([time, batch], [3, 2, 2], [1, 2, 3, 4, 5, 6, .nan, .nan, 7, 8, .nan, .nan])
    #expect(
      try sample.run(.scatterAdd(count: 2, over: [time, batch]), ids, values) == Tensor([2, 2], [5.0, 6, 4, 6]))
    #expect(
      try sample.run(.scatterAdd(count: 2, over: [time]), ids, values)
        == Tensor([2, 2, 2], [5.0, 6, 1, 2, 0, 0, 3, 4]))
    let single = try sample.run(.scatterAdd(count: 2, over: .empty), sample.integers([], [1]), sample.floats([], [9]))
    #expect(single == Tensor([2], [0.0, 9]))
  }
}
