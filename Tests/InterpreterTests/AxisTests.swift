import EbbGraph
import EbbTensors
import Testing

/// Operations that mix the indices of an axis, on full and on ragged index sets.
struct AxisTests {
  @Test func reductions() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    let x = sample.floats([time, batch], [2, 3], [1, 2, 3, 6, 5, 4])
    #expect(try sample.run(.reduceAxes(.sum, over: [time]), x) == Tensor([3], [7.0, 7, 7]))
    #expect(try sample.run(.reduceAxes(.sum, over: [batch]), x) == Tensor([2], [6.0, 15]))
    #expect(try sample.run(.reduceAxes(.sum, over: [time, batch]), x) == Tensor([], [21.0]))
    #expect(try sample.run(.reduceAxes(.sum, over: .empty), x) == Tensor([2, 3], [1.0, 2, 3, 6, 5, 4]))
    #expect(try sample.run(.reduceAxes(.max, over: [batch]), x) == Tensor([2], [3.0, 6]))
    #expect(try sample.run(.argmaxAxis(batch), x) == Tensor([2], [2 as Int32, 0]))
    #expect(try sample.run(.argmaxAxis(time), x) == Tensor([3], [1 as Int32, 1, 1]))
    let equal = sample.floats([time, batch], [2, 3], [1, 1, 0, 1, 1, 0])
    #expect(try sample.run(.argmaxAxis(batch), equal) == Tensor([2], [0 as Int32, 0]))
  }

  /// Rows of lengths 3 and 1 along a time axis of length 3; what lies outside is not a number.
  private func ragged() -> (sample: Sample, time: Axis, batch: Axis, x: NodeID) {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b"))
    sample.setLengths(of: time, [3, 1], over: batch)
    let x = sample.floats([time, batch], [3, 2], [-1, -2, -3, .nan, -5, .nan])
    return (sample, time, batch, x)
  }

  @Test func raggedReductions() throws {
    var (sample, time, batch, x) = ragged()
    #expect(try sample.run(x) == Tensor([3, 2], [-1.0, -2, -3, 0, -5, 0]))
    #expect(try sample.run(.reduceAxes(.sum, over: [time]), x) == Tensor([2], [-9.0, -2]))
    #expect(try sample.run(.reduceAxes(.max, over: [time]), x) == Tensor([2], [-1.0, -2]))
    #expect(try sample.run(.reduceAxes(.sum, over: [batch]), x) == Tensor([3], [-3.0, -3, -5]))
    #expect(try sample.run(.reduceAxes(.max, over: [batch]), x) == Tensor([3], [-1.0, -3, -5]))
    #expect(try sample.run(.reduceAxes(.sum, over: [time, batch]), x) == Tensor([], [-11.0]))
    #expect(try sample.run(.argmaxAxis(time), x) == Tensor([2], [0 as Int32, 0]))
    #expect(try sample.run(.argmaxAxis(batch), x) == Tensor([3], [0 as Int32, 0, 0]))
  }

  /// The sum over a ragged axis of a value without rows runs over the steps of each row.
  @Test func aSumOverARaggedAxisIsIndexedByItsRows() throws {
    var (sample, time, _, _) = ragged()
    let steps = sample.floats([time], [3], [1, 10, 100])
    #expect(try sample.run(.reduceAxes(.sum, over: [time]), steps) == Tensor([2], [111.0, 1]))
    #expect(try sample.run(.argmaxAxis(time), steps) == Tensor([2], [2 as Int32, 0]))
  }

  @Test func stepsThatNoRowReachesAreEmpty() throws {
    var (sample, time, batch, _) = ragged()
    let padded = sample.floats([time, batch], [4, 2], [1, 2, 3, .nan, 5, .nan, .nan, .nan])
    sample.bindings.values["x1"] = Tensor([4, 2], [Double](repeating: .nan, count: 8))
    #expect(try sample.run(.reduceAxes(.sum, over: [batch]), padded) == Tensor([4], [3.0, 3, 5, 0]))
    #expect(
      try sample.run(.reduceAxes(.max, over: [batch]), padded) == Tensor([4], [2.0, 3, 5, -.infinity]))
    #expect(try sample.run(.reduceAxes(.sum, over: [time]), padded) == Tensor([2], [9.0, 2]))
  }

  @Test func pickReadsOneIndex() throws {
    var (sample, time, batch, x) = ragged()
    #expect(try sample.run(.pick(time, .first), x) == Tensor([2], [-1.0, -2]))
    // The last of each row.
    #expect(try sample.run(.pick(time, .last), x) == Tensor([2], [-5.0, -2]))
    // An index for each row; one outside reads 0.
    for (index, expected) in [(Int32(0), [-1.0, -2]), (1, [-3, 0]), (2, [-5, 0]), (3, [0, 0]), (-1, [0, 0])] {
      let at = sample.integers([batch], [2], [index, index])
      #expect(try sample.run(.pick(time, .at), x, at) == Tensor([2], expected), "index \(index)")
    }
    // A step that a row does not reach reads 0.
    #expect(try sample.run(.pick(batch, .last), x) == Tensor([3], [-2.0, 0, 0]))
  }

  @Test func placeWritesOneIndex() throws {
    var (sample, time, batch, _) = ragged()
    let rows = sample.floats([batch], [2], [7, 8])
    #expect(try sample.run(.place(time, .first), rows) == Tensor([3, 2], [7.0, 8, 0, 0, 0, 0]))
    #expect(try sample.run(.place(time, .last), rows) == Tensor([3, 2], [0.0, 8, 0, 0, 7, 0]))
    let at = sample.integers([batch], [2], [1, 1])
    #expect(try sample.run(.place(time, .at), rows, at) == Tensor([3, 2], [0.0, 0, 7, 0, 0, 0]))
    let outside = sample.integers([batch], [2], [3, -1])
    #expect(try sample.run(.place(time, .at), rows, outside) == Tensor([3, 2], [0.0, 0, 0, 0, 0, 0]))
  }

  @Test func spreadRepeats() throws {
    var (sample, time, batch, _) = ragged()
    let x = sample.floats([2], [7, 8])
    #expect(try sample.run(.spread([batch]), x) == Tensor([2, 2], [7.0, 8, 7, 8]))
    // A spread over a ragged axis is indexed by its rows.
    #expect(try sample.run(.spread([time]), x) == Tensor([3, 2, 2], [7.0, 8, 7, 8, 7, 8, 0, 0, 7, 8, 0, 0]))
  }

  @Test func axesBecomeFeaturesAndBack() throws {
    var sample = Sample()
    let (time, heads) = (sample.time("t"), sample.batch("head", length: 2))
    let x = sample.floats([time, heads], [3, 2, 2], (1...12).map(Double.init))
    let features = try sample.graph.tryAppend(.axisToFeature(heads), [x])
    #expect(try sample.run(features) == Tensor([3, 2, 2], (1...12).map(Double.init)))
    #expect(try sample.run(.transpose(0, 1), features).doubles[..<4] == [1, 3, 2, 4])
    #expect(try sample.run(.featureToAxis(heads), features) == Tensor([3, 2, 2], (1...12).map(Double.init)))
    let weights = sample.floats([2, 3], (1...6).map(Double.init))
    let perHead = try sample.graph.tryAppend(.featureToAxis(heads), [weights])
    #expect(try sample.run(.reduceFeatures(.sum, dimension: 0), perHead) == Tensor([2], [6.0, 15]))
  }

  @Test func rowsBecomeFeaturesWithZerosWhereTheyEnd() throws {
    var sample = Sample()
    let (time, batch) = (sample.time("t"), sample.batch("b", length: 2))
    sample.setLengths(of: time, [2, 1], over: batch)
    let x = sample.floats([time, batch], [2, 2], [1, 2, 3, .nan])
    #expect(try sample.run(.axisToFeature(batch), x) == Tensor([2, 2], [1.0, 2, 3, 0]))
  }
}
