import EbbCells
import EbbGraph
import EbbRanks
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

/// A batch in shards is that batch, and the number of processes changes no bit.
@Suite struct ShardingTests {
  private static let lengths = [5, 1, 2, 4, 3, 5, 2]

  private static func batch(_ count: Int, seed: UInt64) -> [String: Tensor] {
    let stream = RandomStream(seed: seed, stream: 3)
    func number(_ t: Int, _ b: Int, _ f: Int) -> Double {
      stream.value(.normal, at: [UInt32(t), UInt32(b), UInt32(f)], element: 0)
    }
    return [
      "x": Tensor(
        [5, count, 2], (0..<5).flatMap { t in (0..<count).flatMap { b in [number(t, b, 0), number(t, b, 1)] } },
        as: .float32),
      "y": Tensor([5, count], (0..<5).flatMap { t in (0..<count).map { Int32(($0 + t) % 3) } }),
      "lengths": Tensor([count], (0..<count).map { Int32(lengths[$0]) }),
    ]
  }

  private static func trainer(dropout: Double = 0) throws -> Trainer {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      scope.lengths("lengths", of: time, over: [batch])
      let x = scope.input("x", [2], over: [time, batch])
      let y = scope.input("y", over: [time, batch], as: .int32)
      let logits = scope.run(Stack([GRU(units: 3), Dropout(dropout), Dense(units: 3)]), x, named: "net")
      scope.output("loss", crossEntropy(logits, y))
    }
    return try Trainer(recording, optimizer: SGD(learningRate: 0.5), seed: 3)
  }

  /// The parameters and losses after three steps with this many processes, each a thread here.
  private static func run(
    _ ranks: Int, shards: Int, samples: Int, dropout: Double = 0
  ) -> [Result<([Double], [String: Tensor]), TrainingError>] {
    let meeting = Meeting(ranks)
    let results = Results<([Double], [String: Tensor])>(ranks)
    let threads = (0..<ranks).map { rank in
      Thread {
        results.set(rank) {
          let trainer = try trainer(dropout: dropout)
          trainer.sharding = Sharding(shards: shards, group: ThreadRank(rank, meeting)) { rank == 1 && ranks > 1 }
          let losses = try (0..<3).map { try trainer.step(batch(samples, seed: UInt64($0))).loss }
          #expect(trainer.sharding?.isStopAgreed == (ranks > 1))
          return (losses, trainer.parameters)
        }
      }
    }
    for thread in threads { thread.start() }
    return results.wait()
  }

  /// Also with dropout: a sample has the random numbers that it has in the whole batch.
  @Test(arguments: [(6, 7), (6, 4), (12, 7), (2, 5)], [0, 0.3])
  func shardsOfRaggedSequencesAreTheWholeBatch(sizes: (shards: Int, samples: Int), dropout: Double) throws {
    let (shards, samples) = sizes
    let (whole, sharded) = (try Self.trainer(dropout: dropout), try Self.trainer(dropout: dropout))
    sharded.sharding = Sharding(shards: shards)
    for seed in 0..<3 {
      let batch = Self.batch(samples, seed: UInt64(seed))
      let (a, b) = (try whole.step(batch), try sharded.step(batch))
      #expect(abs(a.loss - b.loss) < 1e-6)
      #expect(abs(a.gradientNorm - b.gradientNorm) < 1e-6)
    }
    Self.expectClose(whole.parameters, sharded.parameters)
  }

  private static func expectClose(_ first: [String: Tensor], _ second: [String: Tensor]) {
    #expect(first.keys == second.keys)
    for (name, value) in first {
      let pairs = zip(value.doubles, second[name]?.doubles ?? [])
      #expect(pairs.allSatisfy { abs($0 - $1) < 1e-6 }, "\(name)")
    }
  }

  // MARK: Carried states

  /// States of the streams, and one that all of them share.
  private static func streaming() throws -> Trainer {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", [2], over: [time, batch])
      let y = scope.input("y", over: [time, batch], as: .int32)
      let logits = scope.run(Stack([LSTM(units: 3), Dropout(0.3), Dense(units: 3)]), x, named: "net")
      let clock = scope.state("clock", 3)
      let count = clock.next(0.5 * clock + scope.parameter("rate", [3], .constant(0.1)))
      scope.output("loss", crossEntropy(logits + count, y))
    }
    return try Trainer(
      recording, optimizer: SGD(learningRate: 0.5), carrying: StateCarrying(stride: 3), seed: 3)
  }

  private static func window(_ number: Int, _ count: Int) -> [String: Tensor] {
    var window = batch(count, seed: UInt64(number))
    window["lengths"] = nil
    window[StateCarrying.begins] = Tensor([], [number % 3 == 0])
    return window
  }

  @Test(arguments: [(6, 7), (6, 4), (2, 5)])
  func carriedStatesOfShardsAreThoseOfTheWholeBatch(shards: Int, streams: Int) throws {
    let (whole, sharded) = (try Self.streaming(), try Self.streaming())
    sharded.sharding = Sharding(shards: shards)
    for number in 0..<5 {
      let batch = Self.window(number, streams)
      let (a, b) = (try whole.step(batch), try sharded.step(batch))
      #expect(abs(a.loss - b.loss) < 1e-6)
    }
    Self.expectClose(whole.parameters, sharded.parameters)
    Self.expectClose(try #require(whole.state.carried), try #require(sharded.state.carried))
    #expect(whole.state.run == sharded.state.run)
  }

  /// Each process could write the checkpoint, and another number of them goes on from it.
  @Test(arguments: [7, 4])
  func otherProcessesGoOnWithTheCarriedStates(streams: Int) throws {
    let alone = try Self.streaming()
    alone.sharding = Sharding(shards: 6)
    for number in 0..<5 { _ = try alone.step(Self.window(number, streams)) }
    let (first, second) = (Meeting(2), Meeting(3))
    let begun = try Self.together(first) { trainer in
      for number in 0..<2 { _ = try trainer.step(Self.window(number, streams)) }
    }.map { try $0.get() }
    #expect(begun[0].state == begun[1].state)
    for result in Self.together(
      second,
      { trainer in
        try trainer.restore(begun[1])
        for number in 2..<5 { _ = try trainer.step(Self.window(number, streams)) }
      })
    {
      let state = try result.get().state
      #expect(state.parameters == alone.parameters)
      #expect(state.carried == alone.state.carried)
    }
  }

  private static func together(
    _ meeting: Meeting, _ body: @escaping @Sendable (Trainer) throws -> Void
  ) -> [Result<Checkpoint, TrainingError>] {
    let results = Results<Checkpoint>(meeting.count)
    for rank in 0..<meeting.count {
      Thread {
        results.set(rank) {
          let trainer = try streaming()
          trainer.sharding = Sharding(shards: 6, group: ThreadRank(rank, meeting))
          try body(trainer)
          return Checkpoint(trainer)
        }
      }.start()
    }
    return results.wait()
  }

  // MARK: Processes

  @Test(arguments: [2, 3, 6], [0, 0.3])
  func processesChangeNoBit(ranks: Int, dropout: Double) throws {
    for samples in [7, 4] {
      let (losses, parameters) = try Self.run(1, shards: 6, samples: samples, dropout: dropout)[0].get()
      for result in Self.run(ranks, shards: 6, samples: samples, dropout: dropout) {
        let found = try result.get()
        #expect(found.0 == losses)
        #expect(found.1 == parameters)
      }
    }
  }
}

/// Where threads meet, each with its values.
private final class Meeting: @unchecked Sendable {
  private let condition = NSCondition()
  let count: Int
  private var values: [Int: [Double]] = [:]
  private var result: [[Double]] = []
  private var round = 0

  init(_ count: Int) { self.count = count }

  func all(_ rank: Int, _ own: [Double]) -> [[Double]] {
    condition.lock()
    defer { condition.unlock() }
    let mine = round
    values[rank] = own
    if values.count == count {
      result = (0..<count).map { values[$0] ?? [] }
      (values, round) = ([:], round + 1)
      condition.broadcast()
    }
    while round == mine { condition.wait() }
    return result
  }
}

/// A process of a group, as a thread. Floats pass through doubles, which hold them exactly.
private final class ThreadRank: RankGroup, @unchecked Sendable {
  let rank: Int
  let size: Int
  let allowsOtherThreads = true
  private let meeting: Meeting
  private let turn = NSLock()

  init(_ rank: Int, _ meeting: Meeting) {
    (self.rank, self.meeting) = (rank, meeting)
    size = meeting.count
  }

  /// The calls of a process follow each other.
  private func alone<Value>(_ body: () -> Value) -> Value {
    #expect(turn.try(), "two threads of a process call at once")
    defer { turn.unlock() }
    return body()
  }

  func exchange(_ values: [Float], isUrgent: () -> Bool) -> [Float] {
    let part = values.count / size
    return alone {
      meeting.all(rank, values.map(Double.init)).flatMap { $0[(rank * part)..<((rank + 1) * part)] }.map(
        Float.init)
    }
  }

  func gather(_ values: [Float]) -> [Float] {
    alone { meeting.all(rank, values.map(Double.init)).flatMap { $0 }.map(Float.init) }
  }
  func gather(_ values: [Double]) -> [Double] { alone { meeting.all(rank, values).flatMap { $0 } } }
}

/// What the threads have found.
private final class Results<Value: Sendable>: @unchecked Sendable {
  typealias Found = Result<Value, TrainingError>
  private let condition = NSCondition()
  private var found: [Int: Found] = [:]
  private let count: Int

  init(_ count: Int) { self.count = count }

  func set(_ rank: Int, _ body: () throws -> Value) {
    let result: Found
    do {
      result = .success(try body())
    } catch {
      result = .failure((error as? TrainingError) ?? .setting("\(error)"))
    }
    condition.withLock {
      found[rank] = result
      condition.broadcast()
    }
  }

  func wait() -> [Found] {
    condition.lock()
    defer { condition.unlock() }
    while found.count < count { condition.wait() }
    return (0..<count).compactMap { found[$0] }
  }
}
