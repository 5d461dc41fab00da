import EbbTensors
import Testing

@Suite struct FingerprintTests {
  private func sum(_ tensors: Tensor..., texts: [String] = []) -> UInt64 {
    var sum = Fingerprint()
    for tensor in tensors { sum.add(tensor) }
    for text in texts { sum.add(text) }
    return sum.sum
  }

  /// Files hold these sums, so they stay as they are. The number comes from the formula in another language.
  @Test func theSumIsThatOfTheFormula() {
    var sum = Fingerprint()
    sum.add("Ebb, ebb and flow")
    #expect(sum.text == "b8c06f48b159866b")
  }

  @Test func everyBitCounts() {
    let values: [Float] = [0, -1.5, .infinity, .leastNonzeroMagnitude]
    let whole = sum(Tensor([4], values))
    var sums: Set<UInt64> = [whole]
    for index in values.indices {
      for bit in 0..<32 {
        var changed = values
        changed[index] = Float(bitPattern: values[index].bitPattern ^ 1 << UInt32(bit))
        sums.insert(sum(Tensor([4], changed)))
      }
    }
    #expect(sums.count == 1 + 4 * 32)
    // The same bytes in another shape or type, or cut elsewhere.
    #expect(sum(Tensor([2, 2], values)) != whole)
    #expect(sum(Tensor([1], [0] as [Float])) != sum(Tensor([1], [0] as [Int32])))
    #expect(sum(texts: ["ab", "c"]) != sum(texts: ["a", "bc"]))
    #expect(sum(texts: ["a", ""]) != sum(texts: ["", "a"]))
  }
}
