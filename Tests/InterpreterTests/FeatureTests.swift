import EbbGraph
import EbbTensors
import Testing

/// Operations on the features of one point; x = (1 2 3; 4 5 6) unless said otherwise.
struct FeatureTests {
  func run(_ operation: Operation, _ dimensions: [Int] = [2, 3], _ numbers: [Double] = [1, 2, 3, 4, 5, 6]) throws
    -> Tensor
  {
    var sample = Sample()
    return try sample.run(operation, sample.floats(dimensions, numbers))
  }

  @Test func transpose() throws {
    #expect(try run(.transpose(0, 1)) == Tensor([3, 2], [1.0, 4, 2, 5, 3, 6]))
    #expect(try run(.transpose(1, 1)) == Tensor([2, 3], [1.0, 2, 3, 4, 5, 6]))
    // Entry (i, j, k) of [1, 2, 3] becomes (k, j, i).
    #expect(try run(.transpose(0, 2), [1, 2, 3]) == Tensor([3, 2, 1], [1.0, 4, 2, 5, 3, 6]))
    #expect(
      try run(.transpose(1, 2), [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
        == Tensor([2, 2, 2], [1.0, 3, 2, 4, 5, 7, 6, 8]))
  }

  @Test func reshape() throws {
    #expect(try run(.reshape([3, 2])) == Tensor([3, 2], [1.0, 2, 3, 4, 5, 6]))
    #expect(try run(.reshape(.scalar), [1, 1], [7]) == Tensor([], [7.0]))
  }

  @Test func broadcast() throws {
    #expect(try run(.broadcast(dimension: 0, count: 2), [2], [1, 2]) == Tensor([2, 2], [1.0, 2, 1, 2]))
    #expect(try run(.broadcast(dimension: 1, count: 2), [2], [1, 2]) == Tensor([2, 2], [1.0, 1, 2, 2]))
    #expect(try run(.broadcast(dimension: 0, count: 3), [], [5]) == Tensor([3], [5.0, 5, 5]))
    #expect(
      try run(.broadcast(dimension: 1, count: 2))
        == Tensor([2, 2, 3], [1.0, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]))
  }

  @Test func concatenate() throws {
    var sample = Sample()
    let x = sample.floats([2, 1], [1, 2])
    let y = sample.floats([2, 2], [3, 4, 5, 6])
    #expect(try sample.run(.concatenate(dimension: 1), x, y) == Tensor([2, 3], [1.0, 3, 4, 2, 5, 6]))
    #expect(try sample.run(.concatenate(dimension: 0), y, y) == Tensor([4, 2], [3.0, 4, 5, 6, 3, 4, 5, 6]))
  }

  @Test func concatenateRepeatsOverMissingAxes() throws {
    var sample = Sample()
    let time = sample.time("t")
    let (x, y) = (sample.floats([time], [2, 1], [1, 2]), sample.floats([1], [9]))
    #expect(try sample.run(.concatenate(dimension: 0), x, y) == Tensor([2, 2], [1.0, 9, 2, 9]))
  }

  @Test func sliceAndPad() throws {
    #expect(try run(.slice(dimension: 0, start: 1, count: 1)) == Tensor([1, 3], [4.0, 5, 6]))
    #expect(try run(.slice(dimension: 1, start: 1, count: 2)) == Tensor([2, 2], [2.0, 3, 5, 6]))
    #expect(
      try run(.pad(dimension: 1, before: 1, after: 0)) == Tensor([2, 4], [0.0, 1, 2, 3, 0, 4, 5, 6]))
    #expect(
      try run(.pad(dimension: 0, before: 0, after: 1)) == Tensor([3, 3], [1.0, 2, 3, 4, 5, 6, 0, 0, 0]))
  }

  @Test func reductions() throws {
    #expect(try run(.reduceFeatures(.sum, dimension: 0)) == Tensor([3], [5.0, 7, 9]))
    #expect(try run(.reduceFeatures(.sum, dimension: 1)) == Tensor([2], [6.0, 15]))
    #expect(try run(.reduceFeatures(.max, dimension: 0)) == Tensor([3], [4.0, 5, 6]))
    #expect(try run(.reduceFeatures(.max, dimension: 0), [3], [1, .nan, 2]).doubles[0].isNaN)
    #expect(try run(.reduceFeatures(.max, dimension: 0), [2], [-.infinity, -3]) == Tensor([], [-3.0]))
    #expect(
      try run(.reduceFeatures(.sum, dimension: 1), [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])
        == Tensor([2, 2], [4.0, 6, 12, 14]))
  }

  @Test func argmaxTakesTheFirstOfEquals() throws {
    #expect(try run(.argmaxFeatures(dimension: 0), [4], [1, 7, 7, 3]) == Tensor([], [1 as Int32]))
    #expect(try run(.argmaxFeatures(dimension: 0), [3], [1, .nan, 7]) == Tensor([], [1 as Int32]))
    #expect(
      try run(.argmaxFeatures(dimension: 1), [2, 3], [3, 1, 2, 0, 5, 5]) == Tensor([2], [0 as Int32, 1]))
    #expect(
      try run(.argmaxFeatures(dimension: 0), [2, 3], [3, 1, 2, 0, 5, 5]) == Tensor([3], [0 as Int32, 1, 1]))
  }

  @Test func ordersAreStableAndANaNIsTheLargest() throws {
    let numbers = [2, .nan, 1, 2, -0.0, 0]
    #expect(
      try run(.argsortFeatures(dimension: 0, descending: false), [6], numbers)
        == Tensor([6], [4 as Int32, 5, 2, 0, 3, 1])
    )
    #expect(
      try run(.argsortFeatures(dimension: 0, descending: true), [6], numbers)
        == Tensor([6], [1 as Int32, 0, 3, 2, 4, 5])
    )
    #expect(
      try run(.argsortFeatures(dimension: 0, descending: false), [2, 3], [3, 1, 2, 0, 5, 2])
        == Tensor([2, 3], [1 as Int32, 0, 0, 0, 1, 1]))
  }

  @Test func entriesAtPlaces() throws {
    var sample = Sample()
    let x = sample.floats([2, 3], [1, 2, 3, 4, 5, 6])
    func places(_ shape: Shape, _ numbers: [Double]) -> NodeID {
      sample.graph.appendLeaf(.literal(Literal(numbers)), NodeType(.int32, .empty, shape))
    }
    let (columns, rows) = (places([2, 4], [2, 0, 3, 0, -1, 1, 1, 2]), places([1, 3], [1, 0, 2]))
    #expect(
      try sample.run(.gatherFeatures(dimension: 1), x, columns) == Tensor([2, 4], [3.0, 1, 0, 1, 0, 5, 5, 6]))
    #expect(try sample.run(.gatherFeatures(dimension: 0), x, rows) == Tensor([1, 3], [4.0, 2, 0]))
    let two = places([2, 3], [1, 1, 0, 1, 5, 1])
    #expect(
      try sample.run(.scatterFeatures(dimension: 1, count: 2), two, x) == Tensor([2, 2], [3.0, 3, 0, 10]))
    #expect(
      try sample.run(.scatterFeatures(dimension: 0, count: 2), two, x) == Tensor([2, 3], [0.0, 0, 3, 5, 2, 6]))
  }

  @Test func accumulation() throws {
    var sample = Sample()
    let (x, two) = (sample.floats([2, 3], [1, 2, 3, 4, 5, 6]), sample.floats([], [2]))
    let a = sample.floats([2, 3], [.nan, 0, -1, .nan, 2, .infinity])
    #expect(
      try sample.run(.accumulate(dimension: 1, reversed: false), a, x)
        == Tensor([2, 3], [1.0, 2, 1, 4, 13, .infinity]))
    #expect(
      try sample.run(.accumulate(dimension: 1, reversed: true), two, x) == Tensor([2, 3], [17.0, 8, 3, 38, 17, 6]))
    #expect(
      try sample.run(.accumulate(dimension: 0, reversed: false), two, x) == Tensor([2, 3], [1.0, 2, 3, 6, 9, 12]))
  }

  @Test func singularAndInfiniteMatricesGiveNaN() throws {
    var sample = Sample()
    let b = sample.floats([2], [1, 2])
    for numbers in [[1, 2, 2, 4], [1, .infinity, 0, 1], [.nan, 0, 0, 1]] {
      let a = sample.floats([2, 2], numbers)
      #expect(try sample.run(.matrix(.solve), a, b).doubles.allSatisfy(\.isNaN))
    }
    #expect(try run(.matrix(.matrixExponential), [2, 2], [0, .infinity, 0, 0]).doubles.allSatisfy(\.isNaN))
    #expect(try run(.matrix(.orthonormalFactor), [2, 2], [0, .nan, 0, 0]).doubles.allSatisfy(\.isNaN))
    // Columns of no direction are completed.
    #expect(try run(.matrix(.orthonormalFactor), [2, 2], [-2, 0, 0, 0]) == Tensor([2, 2], [-1.0, 0, 0, 1]))
  }
}
