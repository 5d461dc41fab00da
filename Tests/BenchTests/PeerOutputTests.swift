import EbbBench
import EbbCells
import EbbCompiler
import EbbExecution
import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// What is timed in JAX computes what Ebb's cells compute: the outputs of each way, in Float64. The vectors are those of
/// make_outputs.py, from the scripts that `ebb bench --compare` runs.
@Suite struct PeerOutputTests {
  private struct Vectors: Decodable {
    struct Case: Decodable {
      var cell: String
      /// Parameters, and `x`.
      var values: [String: [Double]]
      /// Time first; by the name of the way.
      var outputs: [String: [Double]]
    }
    var length: Int
    var batch: Int
    var features: Int
    var units: Int
    var cases: [Case]
  }

  private static func cell(_ name: String, units: Int) -> (any RecurrentCell)? {
    switch name {
    case "mamba": SelectiveStateSpace(units: units)
    case "s4d": S4D(units: units)
    case "rwkv": RWKVTimeMixing(units: units)
    case "lif": LeakyIntegrateAndFire(units: units)
    case "hyperlstm": HyperLSTM(units: units)
    case "odernn": ODERNN(units: units)
    case "convlstm": ImageConvLSTM(units: units)
    case "mlstm": MatrixLSTM(units: units)
    case "deltanet": GatedDeltaNet(units: units)
    case "fastweights": FastWeights(units: units)
    case "ntm": NeuralTuringMachine(units: units)
    case "windowattention": WindowAttention(units: units)
    case "attention": EncoderDecoder(units: units)
    case "transformerblock": TransformerBlock(units: units)
    case "rnn2d": ImageRNN(units: units)
    case "ctc": TemporalClassification(units: units)
    case "lstmn": LSTMN(units: units)
    default: nil
    }
  }

  @Test func theOthersComputeTheSame() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Vectors/bench-outputs.json")
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    #expect(vectors.cases.count == 17)
    for peer in vectors.cases {
      let cell = try #require(Self.cell(peer.cell, units: vectors.units), "\(peer.cell)")
      let recording = try Recording(element: .float64) { scope in
        let time = scope.time("t")
        let x = scope.input("x", [vectors.features], over: [time, scope.batch("b")])
        scope.output("y", scope.over(time).run(cell, x))
      }
      var bindings = Bindings()
      for parameter in recording.parameters {
        let numbers = try #require(peer.values[parameter.name], "\(peer.cell) has no \(parameter.name)")
        bindings.values[parameter.name] = Tensor(parameter.shape.array, numbers, as: .float64)
      }
      #expect(bindings.values.count == peer.values.count - 1, "\(peer.cell)")
      let x = Tensor(
        [vectors.length, vectors.batch, vectors.features], try #require(peer.values["x"]), as: .float64)
      // Another sequence has the same numbers, its batch before its steps.
      for input in recording.inputs { bindings.values[input.name] = input.name == "x" ? x : x.transposed(0, 1) }
      let y = try #require(try Executable(compiling: recording.graph).run(bindings)["y"])
      for (way, numbers) in peer.outputs {
        let distance = zip(y.doubles, numbers).map { abs($0 - $1) }.max() ?? .infinity
        #expect(y.doubles.count == numbers.count && distance < 1e-11, "\(peer.cell), \(way): \(distance)")
      }
    }
  }
}
