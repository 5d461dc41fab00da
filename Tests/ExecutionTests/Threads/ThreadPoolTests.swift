import EbbCells
import EbbExecution
import EbbGraph
import EbbTensors
import Foundation
import Synchronization
import Testing

/// Threads come and go between runs, and find a run's jobs whenever they come.
@Suite struct ThreadPoolTests {
  /// Enough work for more than one thread.
  static func sample() throws -> BitsTests.Sample {
    try BitsTests.sample(LSTM(units: 64), length: 60, batch: 8, element: .float32)
  }

  /// The last that a run computes, and all of it takes part in.
  static let gradient = "d/forget.weight"

  /// Runs that follow at once, after about the time for which threads spin, and long after it.
  @Test(arguments: [2, 5])
  func runsThatFollowSoonAndLate(threads: Int) throws {
    let sample = try Self.sample()
    let reference = try Executable(sample.graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    let executable = Executable(sample.graph, options: ExecutionOptions(threads: threads))
    let session = try executable.session(lengths: sample.graph.lengths(for: sample.bindings))
    try session.set(sample.bindings)
    var different = 0
    for round in 0..<40 {
      switch round % 4 {
      case 0: usleep(UInt32(200 + round / 4))
      case 1 where round % 40 == 1: usleep(2_000)
      default: break
      }
      session.run()
      if session.output(Self.gradient) != reference[Self.gradient] { different += 1 }
    }
    #expect(different == 0)
  }

  /// A session may go away while its threads still look for a next run.
  @Test func sessionsThatGoAwayAtOnce() throws {
    let sample = try Self.sample()
    let reference = try BitsTests.bits(sample, ExecutionOptions(threads: 1))
    for _ in 0..<20 {
      #expect(try BitsTests.bits(sample, ExecutionOptions(threads: 4)) == reference)
    }
  }

  /// Sessions on several threads at once, with more threads than the machine has.
  @Test func sessionsSideBySide() throws {
    let sample = try Self.sample()
    let reference = try BitsTests.bits(sample, ExecutionOptions(threads: 1))
    let different = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<5 {
        let found = try? BitsTests.bits(sample, ExecutionOptions(threads: 3))
        if found != reference { different.add(1, ordering: .relaxed) }
      }
    }
    #expect(different.load(ordering: .relaxed) == 0)
  }

  /// What a run reports: each job once, on one of the threads, within the run.
  @Test func aProfileHasEachJobOnce() throws {
    let sample = try Self.sample()
    let executable = Executable(sample.graph, options: ExecutionOptions(threads: 3))
    let session = try executable.session(lengths: sample.graph.lengths(for: sample.bindings))
    try session.set(sample.bindings)
    let jobs = session.profile().spans.count
    for _ in 0..<50 {
      let profile = session.profile()
      #expect(profile.spans.count == jobs)
      #expect(profile.spans.allSatisfy { $0.begin >= 0 && $0.end > $0.begin && $0.end <= profile.duration })
      #expect(profile.spans.allSatisfy { (0..<3).contains($0.worker) })
    }
  }
}
