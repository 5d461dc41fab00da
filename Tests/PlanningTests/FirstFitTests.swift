import EbbTestSupport
import Testing

@testable import EbbPlanning

/// Where values lie, found without comparing all pairs of them.
@Suite struct FirstFitTests {
  private struct Need {
    var bytes: Int
    var moments: ClosedRange<Int>
  }

  /// Values that come and go, that stay to the end, and that are always needed.
  private func needs(_ count: Int, moments: Int, seed: UInt64) -> [Need] {
    var numbers = SplitMix(seed)
    return (0..<count).map { _ in
      let first = Int.random(in: 0..<moments, using: &numbers)
      let ends = [first, min(first + Int.random(in: 0...4, using: &numbers), moments - 1), moments - 1]
      let last = ends.randomElement(using: &numbers) ?? first
      let isAlways = Int.random(in: 0..<5, using: &numbers) == 0
      return Need(
        bytes: 128 * Int.random(in: 1...6, using: &numbers), moments: isAlways ? 0...moments - 1 : first...last)
    }
  }

  /// The lowest place where nothing lies that is needed at the same time, by looking at everything that lies anywhere.
  private func lowestPlaces(_ needs: [Need]) -> [Int] {
    var places: [Int] = []
    for need in needs {
      let others = places.indices.filter { needs[$0].moments.overlaps(need.moments) }
      let candidates = [0] + others.map { places[$0] + needs[$0].bytes }
      let free = candidates.filter { candidate in
        others.allSatisfy { places[$0] + needs[$0].bytes <= candidate || candidate + need.bytes <= places[$0] }
      }
      places.append(free.min() ?? 0)
    }
    return places
  }

  @Test(arguments: 1...20) func valuesLieAtTheLowestFreePlace(_ seed: UInt64) {
    let moments = 1 + Int(seed) * 3
    let needs = needs(60, moments: moments, seed: seed)
    var places = FirstFit(moments: moments)
    #expect(needs.map { places.place($0.bytes, during: $0.moments) } == lowestPlaces(needs))
  }

  /// An unrolled graph has thousands of values in few moments. Placed side by side they are one run of addresses, and a
  /// place is found behind it at once.
  @Test func valuesSideBySideAreOneRun() {
    var places = FirstFit(moments: 3)
    let found = (0..<20_000).map { places.place(128, during: $0 % 2 == 0 ? 0...2 : 1...1) }
    #expect(found == (0..<20_000).map { 128 * $0 })
    #expect(places.runs(at: 1) == 1 && places.runs(at: 0) == 10_000)
    // Beside what goes there is room before and after.
    #expect(places.place(128, during: 0...0) == 128 && places.place(128, during: 2...2) == 128)
  }
}
