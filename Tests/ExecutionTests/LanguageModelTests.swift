import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// Tables of vectors, and the loss of the next token: lookups and their adjoints move whole rows.
@Suite struct LanguageModelTests {
  static func model(_ element: ElementType, ragged: Bool) throws -> (graph: Graph, recording: Recording) {
    let recording = try Recording(element: element) { scope in
      let time = scope.time("t")
      let batch = scope.batch("b")
      if ragged { scope.lengths("lengths", of: time, over: [batch]) }
      let ids = scope.input("ids", over: [time, batch], as: .int32)
      let targets = scope.input("targets", over: [time, batch], as: .int32)
      let x = scope.run(Embedding(tokens: 37, units: 35), ids, named: "embedding")
      let h = scope.run(GRU(units: 33), x, named: "layer0")
      let logits = scope.run(Dense(units: 37), h, named: "readout")
      scope.output("loss", crossEntropy(logits, targets))
    }
    var graph = recording.graph
    let gradients = try graph.gradient(
      of: graph.output(named: "loss")!, withRespectTo: recording.parameters.map(\.node))
    for (parameter, gradient) in zip(recording.parameters, gradients) {
      graph.setOutput("d/\(parameter.name)", gradient)
    }
    return (try Passes.optimized(graph), recording)
  }

  static func bindings(_ recording: Recording, length: Int, lengths: [Int]?, batch: Int) -> Bindings {
    var bindings = Bindings(recording.initialValues(seed: 5))
    func ids(_ factor: Int) -> Tensor {
      var values: [Int32] = []
      for t in 0..<length {
        for b in 0..<batch {
          // Beyond a sequence's end may stand anything, a token's number too; within it each of the 37, some more often.
          let isInside = lengths.map { t < $0[b] } ?? true
          values.append(isInside ? Int32((t * t * factor + 7 * b) % 37) : t % 2 == 0 ? -5 : 3)
        }
      }
      return Tensor([length, batch], values)
    }
    bindings.values["ids"] = ids(3)
    bindings.values["targets"] = ids(5)
    if let lengths { bindings.values["lengths"] = Tensor([batch], lengths.map { Int32($0) }) }
    return bindings
  }

  @Test(arguments: [ElementType.float32, .float64], [nil, [9, 3, 7, 1, 9, 9, 2, 8, 5]] as [[Int]?])
  func lookupsAgreeWithTheInterpreter(element: ElementType, lengths: [Int]?) throws {
    let (graph, recording) = try Self.model(element, ragged: lengths != nil)
    for batch in [9, 2] {
      let rows = lengths.map { Array($0.prefix(batch)) }
      let bindings = Self.bindings(recording, length: 9, lengths: rows, batch: batch)
      let expected = try Interpreter.run(graph, bindings)
      #expect(expected["d/embedding.table"]!.doubles.contains { $0 != 0 })
      for (threads, strip) in [(1, nil), (3, nil), (2, 4)] as [(Int, Int?)] {
        let options = ExecutionOptions(threads: threads, strip: strip)
        let found = try Executable(graph, options: options).run(bindings)
        for (name, tensor) in expected {
          let error = maximumRelativeError(found[name]!.converted(to: .float64), tensor)
          #expect(error < (element == .float64 ? 1e-12 : 2e-5), "\(name), batch \(batch), \(threads) threads")
        }
      }
    }
  }
}
