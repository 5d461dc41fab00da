import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import Testing

/// The random numbers of a run are those of its streams, one at a time, wherever they lie.
@Suite struct RandomDrawTests {
  @Test(arguments: [1, 31, 32, 33, 100], [ElementType.float32, .float64])
  func rowsAreThoseOfAStream(features: Int, element: ElementType) throws {
    let distributions = [Distribution.uniform, .normal]
    let recording = try Recording(element: element) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let x = scope.input("x", over: [time, batch])
      // A second stream, joined to the first, lies in pieces of panels.
      let draws = zip(distributions, [features, 5]).map { scope.random($0, [$1], over: [time, batch]) }
      for (index, draw) in draws.enumerated() { scope.output("draw\(index)", draw + 0 * x) }
      scope.output("joined", concatenate(draws) + 0 * x)
    }
    let streams = recording.graph.nodes.compactMap { node -> UInt64? in
      if case .random(_, let stream) = recording.graph.operation(node) { UInt64(stream) } else { nil }
    }
    let executable = Executable(recording.graph)
    let session = try executable.session(lengths: [4, 3])
    try session.set("x", Tensor([4, 3], [Double](repeating: 1, count: 12), as: element))
    session.run(seed: 7, run: 2, firstSample: 10)
    func expected(_ index: Int, _ width: Int, _ step: Int, _ sample: Int) -> [Double] {
      let random = RandomStream(seed: 7, run: 2, stream: streams[index])
      return (0..<width).map {
        random.value(distributions[index], at: [UInt32(step), UInt32(sample + 10), 0], element: UInt32($0))
      }
    }
    func all(_ row: (Int, Int) -> [Double]) -> [Double] { (0..<12).flatMap { row($0 / 3, $0 % 3) } }
    for (index, width) in [features, 5].enumerated() {
      let numbers = all { expected(index, width, $0, $1) }
      #expect(session.output("draw\(index)") == Tensor([4, 3, width], numbers, as: element), "\(width)")
    }
    let joined = all { expected(0, features, $0, $1) + expected(1, 5, $0, $1) }
    #expect(session.output("joined") == Tensor([4, 3, features + 5], joined, as: element))
  }
}
