import EbbCells
import EbbExecution
import EbbGraph
import EbbInterchange
import EbbMarkup
import EbbRecording
import EbbTensors
import EbbTraining
import Foundation
import Testing

/// What make_migration.py wrote: PyTorch's, Keras's and NumPy's results of the same arrays.
struct Migration {
  var tensors: [String: Tensor]
  var records: JSONValue

  init() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Vectors")
    tensors = try Safetensors(contentsOf: folder.appendingPathComponent("migration.safetensors").path).tensors
    records = try JSONValue(
      parsing: String(contentsOf: folder.appendingPathComponent("migration.json"), encoding: .utf8))
  }

  func tensor(_ name: String) throws -> Tensor { try #require(tensors[name]) }

  /// The tensors whose names begin so, by the rest of their names.
  func tensors(under prefix: String) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: tensors.filter { $0.key.hasPrefix(prefix) }
        .map { (String($0.key.dropFirst(prefix.count)), $0.value) })
  }

  func file(under prefix: String) -> TensorFile.Contents { TensorFile.Contents(tensors(under: prefix)) }
}

func expectClose(_ a: Tensor?, _ b: Tensor?, _ tolerance: Double = 1e-12) {
  #expect(a?.dimensions == b?.dimensions && a != nil)
  for (a, b) in zip(a?.doubles ?? [], b?.doubles ?? []) { #expect(abs(a - b) <= tolerance) }
}

/// What people who come from PyTorch and Keras have, beside what those frameworks make of it.
@Suite struct MigrationTests {
  private let given: Migration
  init() throws { given = try Migration() }

  /// `load_state_dict(strict=False)`: the model runs with the layer of the file and its own read-out.
  @Test func aPartialCheckpointRuns() throws {
    let network = Stack([LSTM(units: 4), LastStep(), Dense(units: 2)])
    let map = try WeightMap(.pytorch, network, features: 3, modules: ["lstm", "fc"])
    let found = map.partialParameters(from: given.file(under: "partial/file/"), as: .float64)
    let keys = given.records["partial"]
    func names(_ key: String) -> [String] { keys?[key]?.array?.compactMap(\.string) ?? [] }
    func listed(_ problems: [WeightProblem]) -> [String] {
      problems.map { String($0.description.split(separator: " ")[0]) }
    }
    #expect(listed(found.missing) == names("missing") && !found.missing.isEmpty)
    #expect(listed(found.superfluous) == names("superfluous") && found.superfluous.count == 3)
    let before = try map.parameters(from: given.tensors(under: "partial/before/"), as: .float64)
    let model = try Recording.sequential(
      .features(3), [LSTM(units: 4), LastStep(), Dense(units: 2)], element: .float64)
    let trainer = try Trainer(model, layout: .batchFirst)
    try trainer.setParameters(before.merging(found.parameters) { $1 })
    expectClose(try trainer.predict(given.tensor("partial/x")), given.tensors["partial/y"])
  }

  /// `batch_first=True`, and Keras, on one array of [B, T, F].
  @Test(arguments: ["torch", "keras"])
  func samplesComeFirst(_ framework: String) throws {
    let convention: WeightConvention = framework == "torch" ? .pytorch : .keras
    let map = try WeightMap(
      convention, LSTM(units: 4), features: 3, module: framework == "keras" ? "lstm" : "")
    let trainer = try Trainer(
      Recording.sequential(.features(3), [LSTM(units: 4)], element: .float64), layout: .batchFirst)
    let weights = try map.parameters(from: given.tensors(under: "layout/\(framework)/"), as: .float64)
    try trainer.setParameters(
      Dictionary(uniqueKeysWithValues: weights.map { ("layer0.\($0.key)", $0.value) }))
    expectClose(try trainer.predict(given.tensor("layout/x")), given.tensors["layout/\(framework).y"])
    #expect(trainer.summary().description.contains("samples come first: x [b, t, 3]"))
  }

  @Test func ordersOfDimensionsAreNumPys() throws {
    let orders = try #require(given.records["orders"]?.array)
    #expect(orders.count == 8)
    for record in orders {
      func integers(_ key: String) -> [Int] { record[key]?.array?.compactMap { $0.integer } ?? [] }
      let count = integers("shape").reduce(1, *)
      let y = Tensor(integers("shape"), (0..<count).map { Double($0) }).permuted(integers("order"))
      #expect(y.dimensions == integers("result"))
      #expect(y.doubles == record["numbers"]?.array?.compactMap(\.double))
    }
  }

  /// NumPy and PyTorch refuse these too; PyTorch also counts dimensions from the end, and this does not.
  @Test func whatIsNoOrderIsRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensor([2, 3, 4], [Double](repeating: 0, count: 24)).permuted([0, 0, 1])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor([2, 3, 4], [Double](repeating: 0, count: 24)).permuted([0, 1])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor([2, 3, 4], [Double](repeating: 0, count: 24)).permuted([0, 1, 3])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor([2, 3, 4], [Double](repeating: 0, count: 24)).permuted([0, 1, -1])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tensor([2, 3, 4], [Double](repeating: 0, count: 24)).transposed(0, 3)
    }
  }

  /// `pad_sequence` and `pack_padded_sequence(enforce_sorted=False)`: outputs and final states of both directions.
  @Test func sequencesArePackedAsInPyTorch() throws {
    let lists = try (0..<4).map { try given.tensor("padding/sequence\($0)") }
    let packed = try PaddedSequences(lists)
    #expect(packed.values == given.tensors["padding/padded"])
    #expect(packed.sequences() == lists)
    let cell = Bidirectional(LSTM(units: 4))
    let recording = try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      scope.lengths("lengths", of: time, over: [batch])
      let x = scope.input("x", [3], over: [time, batch])
      let inner = scope.over(time)
      scope.output("y", inner.run(cell, x))
      for (name, state) in inner.lastStates() { scope.output(name, state) }
    }
    let map = try WeightMap(.pytorch, cell, features: 3)
    let parameters = try map.parameters(from: given.tensors(under: "padding/weights/"), as: .float64)
    let found = try Executable(recording.evaluationGraph).run(
      Bindings(parameters.merging(packed.inputs()) { $1 }))
    expectClose(found["y"], given.tensors["padding/y"])
    for state in ["h", "c"] {
      let both = try given.tensor("padding/\(state)")
      for (index, direction) in ["forward", "backward"].enumerated() {
        let numbers = Array(both.doubles[(index * 16)..<((index + 1) * 16)])
        expectClose(found["\(direction).\(state)"], Tensor([4, 4], numbers))
      }
    }
  }

  /// All settings of `pad_sequences`; behind the end there are zeros, which nothing reads.
  @Test func tokensArePaddedAndCutAsInKeras() throws {
    let tokens = (given.records["tokens"]?.array ?? []).map { list in
      list.array?.compactMap { $0.integer } ?? []
    }
    let records = try #require(given.records["pad_sequences"]?.array)
    #expect(tokens.count == 4 && records.count == 24)
    for record in records {
      let value = record["value"]?.double ?? .nan
      let steps = record["maxlen"]?.integer
      var sequences = try PaddedSequences(tokens: tokens)
      if let steps {
        sequences = try sequences.cut(to: steps, keeping: record["truncating"]?.string == "pre" ? .last : .first)
      }
      let expected = record["result"]?.array?.map { $0.array?.compactMap(\.double) ?? [] } ?? []
      let samplesFirst = Tensor([4, expected[0].count], expected.flatMap { $0 }, as: .int32)
      if record["padding"]?.string == "pre" {
        #expect(try sequences.paddedBefore(steps: steps, with: value) == samplesFirst.transposed())
      } else {
        let mask = sequences.mask.doubles
        let inside = zip(sequences.values.doubles, mask).map { $1 == 0 ? value : $0 }
        let rows = samplesFirst.transposed()
        #expect(Array(rows.doubles.prefix(inside.count)) == inside)
        #expect(rows.doubles.dropFirst(inside.count).allSatisfy { $0 == value })
      }
    }
  }

  /// Without a mask Keras reads the padding before the sequences.
  @Test func paddingBeforeIsRead() throws {
    let lists = try (0..<4).map { try given.tensor("padding/sequence\($0)") }
    let cut = try PaddedSequences(lists).cut(to: 5, keeping: .last)
    let before = try cut.paddedBefore(steps: 5)
    #expect(before == given.tensors["padding/before"]?.transposed())
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let inner = scope.over(time)
      _ = inner.run(LSTM(units: 4), scope.input("x", [3], over: [time, scope.batch("b")]))
      for (name, state) in inner.lastStates() { scope.output(name, state) }
    }
    let weights = try WeightMap(.keras, LSTM(units: 4), features: 3, module: "lstm")
      .parameters(from: given.tensors(under: "padding/keras/"), as: .float64)
    let found = try Executable(recording.evaluationGraph).run(Bindings(weights.merging(["x": before]) { $1 }))
    expectClose(found["h"], given.tensors["padding/keras.h"])
    expectClose(found["c"], given.tensors["padding/keras.c"])
  }

  @Test func whatCannotBeCutIsNamed() throws {
    let sequences = try PaddedSequences([[[1], [2], [3]], [[4]]])
    #expect(throws: TrainingError.setting("sequences are cut to at least 1 step, not 0")) {
      try sequences.cut(to: 0, keeping: .first)
    }
    #expect(throws: TrainingError.setting("2 steps do not hold a sequence of 3; cut it first: cut(to:keeping:)")) {
      try sequences.paddedBefore(steps: 2)
    }
  }
}
