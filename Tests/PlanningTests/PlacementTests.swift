import EbbCells
import EbbGraph
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

@testable import EbbPlanning

/// Where values lie, found without comparing all pairs of them.
@Suite struct PlacementTests {
  private struct Need {
    var bytes: Int
    var moments: ClosedRange<Int>
  }

  /// Values that come and go, that stay to the end, and that are always needed.
  private func needs(_ count: Int, moments: Int, seed: UInt64) -> [Need] {
    var numbers = SplitMix(seed: seed)
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

  /// From each value to all that lay in its memory before, over those that it follows.
  @Test(arguments: 1...20) func valuesFollowAllThatLayThereBefore(_ seed: UInt64) {
    let moments = 1 + Int(seed) * 3
    let needs = needs(80, moments: moments, seed: seed)
    let addresses = zip(lowestPlaces(needs), needs).map { $0..<$0 + $1.bytes }
    let neighbours = Succession(addresses, needs.map(\.moments)).neighbours
    func isBefore(_ a: Int, _ b: Int) -> Bool { needs[a].moments.upperBound < needs[b].moments.lowerBound }
    for value in needs.indices {
      var earlier: Set<Int> = []
      var pending = [value]
      while let next = pending.popLast() {
        for other in neighbours[next] where isBefore(other, next) && earlier.insert(other).inserted {
          pending.append(other)
        }
      }
      for other in needs.indices where isBefore(other, value) && addresses[other].overlaps(addresses[value]) {
        #expect(earlier.contains(other), "\(value) does not wait for \(other)")
      }
      for other in neighbours[value] {
        #expect(addresses[other].overlaps(addresses[value]) && neighbours[other].contains(value))
        #expect(isBefore(other, value) || isBefore(value, other))
      }
    }
    #expect(neighbours.reduce(0) { $0 + $1.count } <= 2 * 3 * needs.count)
  }

  /// Of a graph with a copy of each equation for every step, hundreds of values have had each place: the pairs that wait
  /// for each other are some for each step, and the arena grows with what stays.
  @Test func pairsGrowWithTheSteps() throws {
    func memory(_ steps: Int) throws -> MemoryPlan {
      let recording = try Recording(LSTM(units: 4), features: 3) { scope, y in scope.output("loss", mean(square(y))) }
      var graph = recording.graph
      let loss = try #require(graph.output(named: "loss"))
      for (index, node) in try graph.gradient(of: loss, withRespectTo: recording.parameters.map(\.node)).enumerated() {
        graph.setOutput("d\(index)", node)
      }
      let plan = Plan(try Passes.optimized(try graph.unrolled(Axis(0), steps: steps)))
      return MemoryPlan(plan, lengths: [steps, 2])
    }
    let plans = try [20, 40, 80].map { try memory($0) }
    let pairs = plans.map { $0.shared.reduce(0) { $0 + $1.count } }
    #expect(pairs[0] > 0)
    #expect(pairs[2] - pairs[1] <= 2 * (pairs[1] - pairs[0]) + 40, "\(pairs)")
    let bytes = plans.map(\.bytes)
    #expect(bytes[2] - bytes[1] <= 2 * (bytes[1] - bytes[0]), "\(bytes)")
  }
}
