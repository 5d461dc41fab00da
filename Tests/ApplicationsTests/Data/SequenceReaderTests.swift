import EbbApplications
import EbbExecution
import EbbFiles
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Foundation
import Testing

@Suite struct SequenceReaderTests {
  /// A GRU of 2 features and 1 unit with a read-out of so many numbers.
  static func network(outputs: Int = 1, features: Int = 2) throws -> TrainedNetwork {
    func zeros(_ dimensions: [Int]) -> Tensor {
      Tensor(dimensions, [Float](repeating: 0, count: dimensions.reduce(1, *)))
    }
    return try TrainedNetwork(
      TensorFile.Contents([
        "gru.weight_ih_l0": zeros([3, features]), "gru.weight_hh_l0": zeros([3, 1]), "gru.bias_ih_l0": zeros([3]),
        "gru.bias_hh_l0": zeros([3]), "fc.weight": zeros([outputs, 1]), "fc.bias": zeros([outputs]),
      ]))
  }

  /// A model of 5 tokens.
  static func tokens() throws -> TrainedNetwork {
    func zeros(_ dimensions: [Int]) -> Tensor {
      Tensor(dimensions, [Float](repeating: 0, count: dimensions.reduce(1, *)))
    }
    return try TrainedNetwork(
      TensorFile.Contents([
        "emb.weight": zeros([5, 2]), "rnn.weight_ih_l0": zeros([3, 2]), "rnn.weight_hh_l0": zeros([3, 3]),
        "fc.weight": zeros([5, 3]), "fc.bias": zeros([5]),
      ]))
  }

  private func withFile<Result>(_ name: String, _ write: (String) throws -> Void, _ body: (String) throws -> Result)
    throws -> Result
  {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent(name).path
    try write(path)
    return try body(path)
  }

  private func read(
    _ tensors: [String: Tensor], _ network: TrainedNetwork, as ending: String = "npz",
    _ change: (inout SequenceReader) -> Void = { _ in }
  ) throws -> SequenceData {
    try withFile("d." + ending, { try TensorFile.write(tensors, to: $0) }) { path in
      var reader = SequenceReader(network, source: "net")
      change(&reader)
      return try reader.read(path)
    }
  }

  private func message(
    _ tensors: [String: Tensor], _ network: TrainedNetwork, _ change: (inout SequenceReader) -> Void = { _ in }
  ) -> String {
    do {
      _ = try read(tensors, network, change)
      return ""
    } catch {
      return "\(error)"
    }
  }

  static func counted(_ dimensions: [Int]) -> Tensor {
    Tensor(dimensions, (0..<dimensions.reduce(1, *)).map { Float($0) })
  }

  @Test func samplesComeFirstUnlessSomethingShowsOtherwise() throws {
    let network = try Self.network()
    let batch = try read(["x": Self.counted([2, 3, 2])], network)
    #expect(batch.input.dimensions == [3, 2, 2] && batch.input.doubles[..<4] == [0, 1, 6, 7])
    #expect(batch.notes.contains { $0.contains("with the samples first, as most frameworks have it") })
    for ending in ["h5", "safetensors", "pt"] {
      #expect(try read(["x": Self.counted([2, 3, 2])], network, as: ending).input == batch.input, "\(ending)")
    }
    let time = try read(["x": Self.counted([3, 2, 2])], network) { $0.layout = .time }
    #expect(time.input == Self.counted([3, 2, 2]))
    let counts = Tensor([2], [Int32(3), 1])
    let shown = try read(["x": Self.counted([3, 2, 2]), "lengths": counts], network)
    #expect(shown.input.dimensions == [3, 2, 2] && shown.lengths == [3, 1])
    #expect(shown.notes.contains { $0.contains("with the steps first, as there are 2 lengths") }, "\(shown.notes)")
    // What lies beyond a sequence's end is 0.
    #expect(shown.input.doubles == [0, 1, 2, 3, 4, 5, 0, 0, 8, 9, 0, 0])
    #expect(try read(["x": Self.counted([4, 2])], network).input.dimensions == [4, 1, 2])
    #expect(message(["x": Self.counted([3, 4, 2]), "lengths": counts], network).contains("there are 2 lengths"))
  }

  @Test func stepsOfNaNAtTheEndAreNoSteps() throws {
    let network = try Self.network()
    var values = Self.counted([2, 3, 2]).doubles
    for place in 8..<12 { values[place] = .nan }
    let data = try read(["x": Tensor([2, 3, 2], values)], network)
    #expect(data.lengths == [3, 1] && data.input.element == .float64)
    #expect(data.notes.contains { $0.contains("steps of NaN at the end are no steps") })
    values[2] = .nan
    let wrong = message(["x": Tensor([2, 3, 2], values)], network)
    #expect(wrong.contains("a number at step 1, sample 0 is nan"), "\(wrong)")
  }

  @Test func misfitsNameBothNumbers() throws {
    let network = try Self.network()
    let features = message(["x": Self.counted([2, 3, 8])], network)
    #expect(
      features.contains("x [2, 3, 8]: the last dimension is 8, and the network of net reads 2 features"), "\(features)")
    #expect(message(["a": Self.counted([2]), "b": Self.counted([2])], network).contains("one must be named x"))
    let deep = message(["x": Self.counted([1, 2, 3, 2])], network)
    #expect(deep.contains("4 dimensions are no sequences"), "\(deep)")
    let targets = message(["x": Self.counted([2, 3, 2]), "y": Self.counted([5])], network)
    #expect(
      targets.contains("the network of net gives 1 outputs, and the data are 2 sequences of 3 steps"), "\(targets)")
    let classes = message(
      ["x": Self.counted([2, 3, 2]), "y": Tensor([2], [Int32(0), 3])], try Self.network(outputs: 3))
    #expect(classes.contains("the class 3 of sample 1 is not in 0 ..< 3"), "\(classes)")
  }

  @Test func targetsAreForStepsOrSequences() throws {
    let x = Self.counted([2, 3, 2])
    let each = try read(["x": x, "targets": Self.counted([2, 3])], try Self.network())
    #expect(each.targetsAreAtEachStep && each.targets?.dimensions == [3, 2, 1])
    #expect(each.targets?.doubles == [0, 3, 1, 4, 2, 5])
    let whole = try read(["x": x, "y": Self.counted([2, 3])], try Self.network(outputs: 3))
    #expect(!whole.targetsAreAtEachStep && whole.targets?.dimensions == [2, 3])
    let classes = try read(["x": x, "y": Tensor([2], [Int32(0), 2])], try Self.network(outputs: 3))
    #expect(!classes.targetsAreAtEachStep && classes.targets == Tensor([2], [Int32(0), 2]))
    let padded = Tensor([2, 3], [Int32(0), 1, 2, 0, -100, -100])
    let ragged = try read(
      ["x": x, "y": padded, "lengths": Tensor([2], [Int32(3), 1])], try Self.network(outputs: 3))
    #expect(ragged.targetsAreAtEachStep && ragged.targets == Tensor([3, 2], [Int32(0), 0, 1, 0, 2, 0]))
  }

  /// Five targets are those of five sequences, whether they stand in the file of the data or in one of their own.
  @Test(arguments: [[5], [5, 1], [5, 3]])
  func targetsOfTheirOwnFileTellTheLayout(_ dimensions: [Int]) throws {
    let isClass = dimensions.last != 3
    let y = isClass ? Tensor(dimensions, [Int32(0), 1, 2, 0, 1]) : Self.counted(dimensions)
    let network = try Self.network(outputs: 3)
    let x = Self.counted([4, 5, 2])
    let inner = try read(["x": x, "y": y], network)
    let data = try withFile("y.npz", { try TensorFile.write(["y": y], to: $0) }) { targets in
      try withFile("x.npz", { try TensorFile.write(["x": x], to: $0) }) { path in
        try SequenceReader(network, source: "net").read(path, targets: targets)
      }
    }
    for each in [inner, data] {
      #expect(each.input == x && !each.targetsAreAtEachStep && each.samples == 5)
      #expect(each.notes.contains("x [4, 5, 2] is read with the steps first, as y has 5"), "\(each.notes)")
    }
    #expect(data.targets == inner.targets && data.targets?.dimensions == (isClass ? [5] : [5, 3]))
  }

  @Test func tokensArePaddedByNegativesAndShifted() throws {
    let ids = Tensor([2, 4], [Int32(1), 2, 3, 4, 4, 3, -1, -1])
    let data = try read(["tokens": ids], try Self.tokens()) { $0.predictsNext = true }
    #expect(data.input == Tensor([3, 2], [Int32(1), 4, 2, 3, 3, 0]) && data.lengths == [3, 1])
    #expect(data.targets == Tensor([3, 2], [Int32(2), 3, 3, 0, 4, 0]) && data.targetsAreAtEachStep)
    let outside = message(["tokens": Tensor([1, 2], [Int32(1), 5])], try Self.tokens())
    #expect(outside.contains("the token 5 at step 1, sample 0 is not in 0 ..< 5"), "\(outside)")
  }

  @Test func textsAreCutIntoWindows() throws {
    try withFile(
      "v.json", { try #"{"a": 0, "b": 1, "c": 2, "d": 4}"#.write(toFile: $0, atomically: true, encoding: .utf8) }
    ) { vocabulary in
      func text(_ content: String, _ change: (inout SequenceReader) -> Void = { _ in }) throws -> SequenceData {
        try withFile("t.txt", { try content.write(toFile: $0, atomically: true, encoding: .utf8) }) { path in
          var reader = SequenceReader(try Self.tokens(), source: "net")
          reader.vocabulary = try SequenceVocabulary(contentsOf: vocabulary)
          (reader.window, reader.windows, reader.predictsNext) = (2, 2, true)
          change(&reader)
          return try reader.read(path)
        }
      }
      let data = try text("abcdab")
      #expect(
        data.input == Tensor([2, 2], [Int32(0), 2, 1, 4]) && data.targets == Tensor([2, 2], [Int32(1), 4, 2, 0]))
      #expect(throws: FileError.self) { try text("abz") }
      #expect(throws: FileError.self) { try text("abc") { $0.vocabulary = nil } }
      #expect(throws: FileError.self) { try text("a") }
    }
  }

  /// Keras's `Masking`: padding on both sides and a hole; a step of which one feature alone has the value counts.
  @Test func maskedStepsAreNoSteps() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Vectors/keras-networks/masking").path
    let network = try TrainedNetwork(TensorFile.contents(of: folder + ".keras"))
    #expect(network.maskedValue == 0.7)
    #expect(
      network.notes.contains(
        "masking: steps whose features are all 0.7 are padding, which the recurrent layers pass over"))
    #expect(!network.notes.contains { $0.contains("not computed") })
    let data = try SequenceReader(network, source: "net").read(folder + ".npz")
    #expect(data.lengths == [4, 3])
    #expect(data.notes.contains("5 of 12 steps are all 0.7, which the model's Masking passes over: they are no steps"))
    let model = try Recording(try #require(network.withFinalStates), ragged: true)
    let inputs = ["x": data.input, "lengths": Tensor([2], [Int32(4), 3])].merging(network.parameters) { $1 }
    let y = try #require(try Executable(model.graph).run(Bindings(inputs))["y"]).doubles
    let expected = try #require(try TensorFile.read(folder + ".npz")["y"]).doubles
    // The last step of each sample, of [4, 2, 2].
    for (sample, length) in [(0, 4), (1, 3)] {
      for output in 0..<2 {
        #expect(abs(y[((length - 1) * 2 + sample) * 2 + output] - expected[sample * 2 + output]) < 1e-6)
      }
    }
  }

  @Test func tablesAreOneSequence() throws {
    func table(_ content: String, _ change: (inout SequenceReader) -> Void = { _ in }) throws -> SequenceData {
      try withFile("t.csv", { try content.write(toFile: $0, atomically: true, encoding: .utf8) }) { path in
        var reader = SequenceReader(try Self.network(), source: "net")
        change(&reader)
        return try reader.read(path)
      }
    }
    #expect(try table("a,b\n1,2\n3,4\n5,6\n").input == Tensor([3, 1, 2], [1, 2, 3, 4, 5, 6] as [Double]))
    let chosen = try table("t,a,b\n0,1,2\n1,3,4\n") { $0.columns = ["b", "a"] }
    #expect(chosen.input == Tensor([2, 1, 2], [2, 1, 4, 3] as [Double]))
    // Gaps, and decimals that only an option settles.
    let gaps = "a;b\n1,5;2\n;NA\n3,5;4\n"
    #expect(try table(gaps) { $0.isFilled = true }.input == Tensor([3, 1, 2], [1.5, 2, 1.5, 2, 3.5, 4]))
    do {
      _ = try table(gaps)
      Issue.record("a gap is no number")
    } catch {
      #expect(
        "\(error)".hasSuffix(
          "t.csv:3, column a: the field is empty; a number is expected. Fill the gap (--fill) or remove the row"))
    }
    let doubtful = "a;b\n1,234;2\n2,345;1\n"
    #expect(try table(doubtful).notes.contains { $0.contains("1,234 of column a is read as") })
    let mark = try table(doubtful) { $0.format.decimalMark = .point }.input
    #expect(mark == Tensor([2, 1, 2], [1234, 2, 2345, 1] as [Double]))
    do {
      _ = try table("t,a,b\n0,1,2\n1,3,4\n")
      Issue.record("a table of 3 columns fits no 2 features")
    } catch {
      #expect("\(error)".contains("the table has 3 columns (t, a, b), and the network of net reads 2"), "\(error)")
    }
  }
}
