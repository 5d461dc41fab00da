import EbbPlanning
import EbbTestSupport
import Testing

/// Free places in memory, compared with a list of bytes.
@Suite struct OccupiedMemoryTests {
  @Test(arguments: 0..<20 as Range<UInt64>) func theLowestFreePlaceIsFound(seed: UInt64) {
    var random = SplitMix(seed)
    func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
    var memory = OccupiedMemory()
    var isTaken = Array(repeating: false, count: 4000)
    for _ in 0..<60 {
      let (start, bytes) = (draw(300), 1 + draw(30))
      let place = memory.lowest(from: start, bytes: bytes)
      let expected = (start...).first { !isTaken[$0..<$0 + bytes].contains(true) }
      #expect(place == expected)
      // Not always there, so that gaps arise.
      let taken = draw(3) == 0 ? place + 40 : place
      guard !isTaken[taken..<taken + bytes].contains(true) else { continue }
      memory.insert(taken..<taken + bytes)
      for byte in taken..<taken + bytes { isTaken[byte] = true }
    }
  }
}
