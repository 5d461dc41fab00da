import EbbCells
import EbbGraph
import EbbPlanning
import EbbTensors
import EbbTestSupport
import Testing

@testable import EbbExecution

/// Which jobs wait for which, compared with every pair of them.
@Suite struct DependencyTests {
  struct Sample {
    var regions: [[Region]] = []
    var axes: [Int] = []
    /// The places that lie in the memory of each.
    var shared: [[Int]] = []

    /// Jobs of a program that goes through some places, forward and back, in runs of indices that are cut or not; every
    /// place that shares memory is touched in a part of the program of its own.
    init(seed: UInt64, jobs: Int) {
      var random = SplitMix(seed)
      func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
      let places = 9
      axes = (0..<places).map { $0 % 4 == 3 ? -1 : 0 }
      shared = Array(repeating: [], count: places)
      (shared[0], shared[1]) = ([1], [0])
      for job in 0..<jobs {
        let isLate = 2 * job >= jobs
        regions.append(
          (0..<1 + draw(4)).map { _ in
            let place = draw(8) == 0 ? (isLate ? 1 : 0) : 2 + draw(places - 2)
            // Of what shares memory nothing is read that was not written.
            var region = Region(place: place, isWrite: draw(3) == 0 || place < 2)
            let step = isLate ? jobs - job : job
            switch draw(6) {
            case 0: break
            case 1: region.limit(.init(axis: 0, low: step - draw(9), high: step + 1 + draw(30)))
            case 2:
              region.limit(.init(axis: 0, low: step - 1, high: step))
              region.limit(.init(axis: 1, low: 8 * draw(3), high: 24))
            case 3: region.limit(.init(axis: 1, low: 0, high: 8 + draw(16)))
            default: region.limit(.init(axis: 0, low: step, high: step + 1))
            }
            return region
          })
      }
    }

    /// Whether two jobs must keep their order.
    func meet(_ a: Int, _ b: Int) -> Bool {
      regions[a].contains { left in
        regions[b].contains { right in
          left.place == right.place
            ? (left.isWrite || right.isWrite) && left.overlaps(right) : shared[left.place].contains(right.place)
        }
      }
    }
  }

  /// For each job all that it waits for, through others too: a bit for each.
  struct Closure {
    private var bits: [[UInt64]]

    init(_ successors: [[Int32]]) {
      bits = Array(repeating: Array(repeating: 0, count: (successors.count + 63) / 64), count: successors.count)
      for job in successors.indices {
        for next in successors[job].map({ Int($0) }) {
          // What comes before a job has lower numbers.
          for word in 0...job / 64 { bits[next][word] |= bits[job][word] }
          bits[next][job / 64] |= 1 << UInt64(job % 64)
        }
      }
    }

    /// Whether `job` waits for `other`.
    func waits(_ job: Int, for other: Int) -> Bool { bits[job][other / 64] >> UInt64(other % 64) & 1 == 1 }
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func everyPairThatMeetsIsInOrder(seed: UInt64) {
    // With more than a thousand jobs, not all are looked at for what is implied.
    let sample = Sample(seed: seed, jobs: seed == 0 ? 1100 : 120)
    let dependencies = Dependencies(sample.regions, axes: sample.axes, shared: sample.shared)
    let before = Closure(dependencies.successors)
    var pairs = 0
    for job in sample.regions.indices {
      for other in stride(from: job % 7, to: job, by: seed == 0 ? 7 : 1) where sample.meet(other, job) {
        pairs += 1
        #expect(before.waits(job, for: other), "job \(job) does not wait for \(other)")
      }
    }
    #expect(pairs > 3 * sample.regions.count)
    // Who waits for another one directly meets it, and waits for it through no other.
    for job in sample.regions.indices {
      for next in dependencies.successors[job].map({ Int($0) }) {
        #expect(sample.meet(job, next), "job \(next) waits for \(job) without reason")
        guard next - job < 900 else { continue }
        let isImplied = dependencies.successors[job].contains { before.waits(next, for: Int($0)) }
        #expect(!isImplied, "job \(next) waits twice for \(job)")
      }
    }
  }

  /// In strips of one step, what is compared and what is waited for grows with the number of steps, not its square.
  @Test(arguments: [nil, [3, 1, 2]] as [[Int]?])
  func theWorkGrowsWithTheJobs(ragged: [Int]?) throws {
    func session(_ length: Int) throws -> Session {
      let sample = try BitsTests.sample(LSTM(units: 4), length: 3, batch: 3, element: .float32, ragged: ragged)
      var plan = Plan(sample.graph)
      plan.sumChunkRows = 1
      let memory = MemoryPlan(plan, lengths: [length, 3], tiling: .none)
      return Session(plan, lengths: [length, 3], memory: memory, options: ExecutionOptions(threads: 2, strip: 1))
    }
    let (few, many) = try (session(300), session(1200))
    #expect(few.jobs.count > 1500)
    #expect(many.jobs.count <= 4 * few.jobs.count)
    func edges(_ session: Session) -> Int { session.successors.reduce(0) { $0 + $1.count } }
    #expect(edges(many) <= 4 * edges(few) + 100)
    #expect(many.comparisons <= 4 * few.comparisons + 1000, "\(few.comparisons), \(many.comparisons)")
  }

  /// Strips of a sweep run one after the other even where no number of theirs forbids more: they share the tables of
  /// their calls.
  @Test func stripsOfASweepFollowOneAnother() throws {
    let sample = try BitsTests.sample(RaceTests.Skipping(units: 4), length: 30, batch: 2, element: .float32)
    let options = ExecutionOptions(threads: 4, strip: 1)
    let session = try Session(Plan(sample.graph), lengths: [30, 2], options: options)
    let before = Closure(session.successors)
    let sweeps = Dictionary(grouping: session.jobs.indices.filter { session.jobs[$0].label.hasPrefix("steps") }) {
      session.jobs[$0].stage
    }
    #expect(sweeps.count == 2)
    for jobs in sweeps.values {
      #expect(jobs.count == 30)
      for (job, next) in zip(jobs, jobs.dropFirst()) { #expect(before.waits(next, for: job)) }
    }
  }
}
