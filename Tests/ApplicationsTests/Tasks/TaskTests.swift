import EbbApplications
import EbbTensors
import Foundation
import Testing

/// One of each task that is drawn, small.
let smallTasks: [any SequenceTask] = [
  AddingProblem(length: 12), MultiplicationProblem(length: 20), CopyMemory(delay: 4, count: 3, symbols: 4),
  TemporalOrder(length: 20), TemporalOrder(length: 20, count: 3), NoiselessDelay(length: 6), NoisyDelay(length: 8),
  NoisyDelay(length: 8, signalLength: 1, isSignalNoisy: true), RandomPermutation(length: 7),
]

/// The symbols of one-hot vectors: by step, then by sample.
private func symbols(_ x: Tensor) -> [[Int]] {
  let (steps, size, count) = (x.dimensions[0], x.dimensions[1], x.dimensions[2])
  let values = x.doubles
  return (0..<steps).map { step in
    (0..<size).map { sample in
      let start = (step * size + sample) * count
      let vector = Array(values[start..<start + count])
      #expect(vector.sorted() == [Double](repeating: 0, count: count - 1) + [1])
      return vector.firstIndex(of: 1) ?? -1
    }
  }
}

private func rows(_ tensor: Tensor) -> [[Int]] {
  let (steps, size) = (tensor.dimensions[0], tensor.dimensions[1])
  return (0..<steps).map { step in (0..<size).map { Int(tensor.doubles[step * size + $0]) } }
}

@Suite struct TaskTests {
  @Test(arguments: smallTasks)
  func batchesHaveTheShapesThatTheTaskSays(task: any SequenceTask) {
    let batch = task.batch(size: 3, seed: 1, step: 0, for: .training)
    #expect(batch["x"]?.dimensions == [task.length, 3, task.features])
    #expect(batch["x"]?.element == .float32)
    let target = batch["target"]
    switch task.answer {
    case .number:
      #expect(target?.dimensions == [3, 1] && target?.element == .float32)
    case .label(let classes):
      #expect(target?.dimensions == [3] && target?.element == .int32)
      #expect(target?.doubles.allSatisfy { (0..<Double(classes)).contains($0) } == true)
    case .labels(let classes):
      #expect(target?.dimensions == [task.length, 3] && target?.element == .int32)
      #expect(target?.doubles.allSatisfy { (0..<Double(classes)).contains($0) } == true)
      #expect(batch["judged"]?.dimensions == [task.length, 3] && batch["judged"]?.element == .bool)
    }
  }

  @Test(arguments: smallTasks)
  func batchesDependOnSeedStepAndPurposeAlone(task: any SequenceTask) {
    func batch(_ size: Int, _ seed: UInt64, _ step: Int, _ purpose: TaskPurpose) -> [String: Tensor] {
      task.batch(size: size, seed: seed, step: step, for: purpose)
    }
    let first = batch(40, 1, 2, .training)
    #expect(batch(40, 1, 2, .training) == first)
    #expect(batch(40, 2, 2, .training) != first)
    #expect(batch(40, 1, 3, .training) != first)
    #expect(batch(40, 1, 2, .heldOut) != first)
    // More samples leave the first ones as they are.
    let width = task.features
    let more = batch(50, 1, 2, .training)["x"]!.doubles
    let few = first["x"]!.doubles
    for step in 0..<task.length {
      #expect(more[step * 50 * width..<(step * 50 + 40) * width] == few[step * 40 * width..<(step + 1) * 40 * width])
    }
  }

  /// The strategy of each baseline, counted on many sequences.
  @Test(arguments: smallTasks)
  func theBaselineIsWhatItsStrategyReaches(task: any SequenceTask) {
    let size = 4000
    let batch = task.batch(size: size, seed: 5, step: 1, for: .training)
    let targets = batch["target"]!.doubles
    let baseline = task.baseline
    switch task.answer {
    case .number(let tolerance):
      let constant = task is AddingProblem ? 1 : 0.25
      let errors = targets.map { $0 - constant }
      let loss = errors.reduce(0) { $0 + $1 * $1 } / Double(size)
      let right = Double(errors.count { abs($0) <= tolerance }) / Double(size)
      // Three standard deviations, of which the loss's is below its mean / √size · 2.
      #expect(abs(loss - baseline.loss) < 6 * baseline.loss / Double(size).squareRoot())
      #expect(abs(right - baseline.accuracy) < 0.02)
    case .label, .labels:
      // At the judged steps, the entropy of the answers is the loss, and the most frequent one the accuracy.
      let judged = batch["judged"]?.doubles ?? targets.map { _ in 1 }
      let asked = zip(targets, judged).filter { $1 == 1 }.map(\.0)
      let counts = Dictionary(grouping: asked) { $0 }.mapValues { Double($0.count) / Double(asked.count) }
      let entropy = counts.values.reduce(0) { $0 - $1 * log($1) }
      let steps = batch["judged"] == nil ? 1 : Double(task.length)
      let loss = entropy * Double(asked.count) / Double(size) / steps
      #expect(abs(loss / baseline.loss - 1) < 0.01)
      #expect(abs((counts.values.max() ?? 0) - baseline.accuracy) < 0.03)
    }
  }

  @Test func baselinesInClosedForm() {
    #expect(abs(CopyMemory(delay: 100).baseline.loss - 10 * log(8) / 120) < 1e-15)
    #expect(abs(TemporalOrder(length: 50).baseline.loss - log(4)) < 1e-15)
    #expect(abs(TemporalOrder(length: 50, count: 3).baseline.loss - log(8)) < 1e-15)
    // ∫∫ (xy − 1/4)² over the unit square, by midpoints
    let points = 400
    let grid = (0..<points).map { (Double($0) + 0.5) / Double(points) }
    var (integral, within) = (0.0, 0)
    for x in grid {
      for y in grid {
        integral += (x * y - 0.25) * (x * y - 0.25)
        if abs(x * y - 0.25) <= 0.04 { within += 1 }
      }
    }
    let cells = Double(points * points)
    let baseline = MultiplicationProblem(length: 10).baseline
    #expect(abs(integral / cells - baseline.loss) < 1e-5)
    #expect(abs(Double(within) / cells - baseline.accuracy) < 1e-3)
    // |s − 1| ≤ 0.04 for the sum of two uniform numbers
    #expect(abs(AddingProblem(length: 2).baseline.accuracy - 0.0784) < 1e-12)
  }

  @Test func copyingAnswersWhatWasRead() {
    let task = CopyMemory(delay: 5, count: 3, symbols: 4)
    #expect(task.length == 11)
    let batch = task.batch(size: 6, seed: 2, step: 0)
    let (read, asked, judged) = (symbols(batch["x"]!), rows(batch["target"]!), rows(batch["judged"]!))
    for sample in 0..<6 {
      let word = (0..<3).map { read[$0][sample] }
      #expect(word.allSatisfy { $0 < 4 })
      #expect(read.map { $0[sample] } == word + [4, 4, 4, 4, 5, 4, 4, 4])
      #expect(asked.map { $0[sample] } == [4, 4, 4, 4, 4, 4, 4, 4] + word)
      #expect(judged.map { $0[sample] } == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    }
  }

  @Test(arguments: [2, 3])
  func theOrderIsOfTheRelevantSymbols(count: Int) {
    let task = TemporalOrder(length: 40, count: count)
    let size = 3000
    let batch = task.batch(size: size, seed: 3, step: 0)
    let (read, classes) = (symbols(batch["x"]!), batch["target"]!.doubles)
    let places = count == 2 ? [4..<8, 20..<24] : [4..<8, 12..<16, 24..<28]
    #expect(task.places == places)
    var visits = [Int](repeating: 0, count: 40)
    for sample in 0..<size {
      let steps = (0..<40).filter { read[$0][sample] < 2 }
      #expect(steps.count == count && zip(steps, places).allSatisfy { $1.contains($0) })
      let word = steps.map { read[$0][sample] }
      #expect(Int(classes[sample]) == word.enumerated().reduce(0) { $0 + $1.element << $1.offset })
      for step in steps { visits[step] += 1 }
    }
    // Each of the four steps of a place a quarter of the time: 750 with a standard deviation of 24.
    for place in places { for step in place { #expect(abs(visits[step] - 750) < 120) } }
    for symbol in 2..<6 {
      let fraction = Double(read.joined().count { $0 == symbol }) / Double(size * (40 - count))
      #expect(abs(fraction - 0.25) < 0.01)
    }
  }

  @Test func theProductIsOfTheMarkedNumbers() {
    let task = MultiplicationProblem(length: 30)
    let batch = task.batch(size: 50, seed: 3, step: 4)
    let (x, targets) = (batch["x"]!.doubles, batch["target"]!.doubles)
    var marked = Set<Int>()
    for sample in 0..<50 {
      let marks = (0..<30).filter { x[($0 * 50 + sample) * 2 + 1] == 1 }
      #expect(marks.count == 2 && (0..<3).contains(marks[0]) && (3..<15).contains(marks[1]))
      let numbers = marks.map { Float(x[($0 * 50 + sample) * 2]) }
      #expect(targets[sample] == Double(numbers[0] * numbers[1]))
      marked.formUnion(marks)
    }
    #expect(marked.count > 12)
  }

  @Test func aDelayWithoutNoiseLeavesTheLastSymbolOpen() {
    let batch = NoiselessDelay(length: 5).batch(size: 20, seed: 1, step: 0)
    let (read, next) = (symbols(batch["x"]!), rows(batch["target"]!))
    for sample in 0..<20 {
      let first = read[0][sample]
      #expect(first == 4 || first == 5)
      #expect(read.map { $0[sample] } == [first, 0, 1, 2, 3])
      #expect(next.map { $0[sample] } == [0, 1, 2, 3, first])
    }
    #expect(Set(read[0]) == [4, 5])
    #expect(rows(batch["judged"]!).map { $0[0] } == [0, 0, 0, 0, 1])
  }

  @Test(arguments: [false, true])
  func theSignalIsPlusOrMinusOneInNoise(isNoisy: Bool) {
    let size = 4000
    let batch = NoisyDelay(length: 6, signalLength: 2, isSignalNoisy: isNoisy).batch(size: size, seed: 1, step: 0)
    let (x, classes) = (batch["x"]!.doubles, batch["target"]!.doubles)
    for step in 0..<6 {
      let values = (0..<size).map { sample in
        x[step * size + sample] - (step < 2 ? 2 * classes[sample] - 1 : 0)
      }
      let mean = values.reduce(0, +) / Double(size)
      let variance = values.reduce(0) { $0 + $1 * $1 } / Double(size)
      if step < 2, !isNoisy {
        #expect(values.allSatisfy { $0 == 0 })
      } else {
        // Standard deviations of 0.007 and 0.0045.
        #expect(abs(mean) < 0.03 && abs(variance - 0.2) < 0.02)
      }
    }
  }

  /// Counted: how often the sign of the signal's mean misleads.
  @Test func theLeastErrorOfANoisySignal() {
    let task = NoisyDelay(length: 2, signalLength: 1, isSignalNoisy: true)
    let size = 40_000
    let batch = task.batch(size: size, seed: 1, step: 0)
    let (x, classes) = (batch["x"]!.doubles, batch["target"]!.doubles)
    let wrong = Double((0..<size).count { (x[$0] > 0) != (classes[$0] == 1) }) / Double(size)
    // Φ(−√5) = 0.01267, with a standard deviation of 0.0006
    #expect(abs(task.leastError - 0.01267) < 1e-5)
    #expect(abs(wrong - task.leastError) < 0.002)
    #expect(NoisyDelay(length: 5).leastError == 0)
  }

  @Test func aPermutationAsksForItsFirstSymbol() {
    let batch = RandomPermutation(length: 30, symbols: 12).batch(size: 400, seed: 1, step: 0)
    let read = symbols(batch["x"]!)
    #expect(read[0] == batch["target"]!.doubles.map { Int($0) })
    #expect(Set(read[0]) == [0, 1])
    let others = read.dropFirst().joined()
    #expect(Set(others) == Set(2..<12))
    // 1160 with a standard deviation of 32
    for symbol in 2..<12 { #expect(abs(others.count { $0 == symbol } - 1160) < 160) }
  }
}

@Suite struct TaskLibraryTests {
  @Test(arguments: TaskLibrary.allCases)
  func everyTaskCanBeAsShortAsItSays(entry: TaskLibrary) {
    let task = entry.task(length: entry.shortest)
    #expect(task.batch(size: 2, seed: 1, step: 0, for: .training)["x"]?.dimensions == [task.length, 2, task.features])
    #expect(task.name.contains("T = \(entry.shortest)"))
  }
}
