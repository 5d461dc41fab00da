import EbbTensors
import Testing

@Suite struct DimensionTests {
  /// Every number of a permuted tensor is where the definition says: y[i, j, k] = x at the indices in their old places.
  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func dimensionsArePermuted(_ order: [Int]) {
    let extents = [2, 3, 4]
    let x = Tensor(extents, (0..<24).map { Int32($0) })
    let y = x.permuted(order)
    #expect(y.dimensions == order.map { extents[$0] })
    let numbers = y.doubles
    var place = 0
    for i in 0..<y.dimensions[0] {
      for j in 0..<y.dimensions[1] {
        for k in 0..<y.dimensions[2] {
          var old = [0, 0, 0]
          (old[order[0]], old[order[1]], old[order[2]]) = (i, j, k)
          #expect(numbers[place] == Double(old[0] * 12 + old[1] * 4 + old[2]))
          place += 1
        }
      }
    }
    // The inverse order brings it back.
    #expect(y.permuted((0..<3).map { dimension in order.firstIndex(of: dimension) ?? 0 }) == x)
  }

  @Test func twoDimensionsAreExchanged() {
    let x = Tensor([2, 3], [1.0, 2, 3, 4, 5, 6])
    #expect(x.transposed() == Tensor([3, 2], [1.0, 4, 2, 5, 3, 6]))
    #expect(Tensor([2, 1, 2], [true, false, false, true]).transposed(0, 2).doubles == [1, 0, 0, 1])
    #expect(Tensor([2, 1, 2], [1, 2, 3, 4] as [Float]).transposed(0, 2).doubles == [1, 3, 2, 4])
    #expect(Tensor([], [1.0]).permuted([]) == Tensor([], [1.0]))
    #expect(Tensor([3, 0, 2], [Double]()).transposed().dimensions == [0, 3, 2])
  }
}
