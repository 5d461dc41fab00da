import EbbCells
import EbbFiles
import EbbInterchange
import EbbMarkup
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Models in Keras's archive, `.keras`; Tests/keras.py opens such files with Keras itself.
@Suite struct KerasModelTests {
  private func contents(_ vector: HDF5Vector) throws -> TensorFile.Contents {
    var contents = TensorFile.Contents([:])
    try withFile(vector.name, vector.bytes) { contents = try TensorFile.contents(of: $0) }
    return contents
  }

  private func written(_ file: TensorFile.Contents) throws -> TensorFile.Contents {
    var result = file
    try withFile("a.keras", []) { path in
      try TensorFile.write(file.tensors, metadata: file.metadata, to: path)
      result = try TensorFile.contents(of: path)
    }
    return result
  }

  private func layers(_ file: TensorFile.Contents) throws -> [JSONValue] {
    let text = try #require(file.metadata["keras_config"])
    return try #require(JSONValue(parsing: text)["config"]?["layers"]?.array)
  }

  /// Every setting that is written is as in Keras's own file, and so are the places of the weights.
  @Test(arguments: ["sequential", "functional"])
  func architecturesAreThoseOfKeras(_ name: String) throws {
    let vector = try HDF5Vector.keras(name + ".keras")
    let file = try contents(vector)
    let own = try written(file.withKerasPaths)
    #expect(
      own.tensors == vector.tensors && own.withKerasPaths.tensors == file.withKerasPaths.tensors)
    let expected = try layers(file)
    let found = try layers(own)
    #expect(found.map { $0["class_name"] } == expected.map { $0["class_name"] })
    func compare(_ found: JSONValue, _ expected: JSONValue, _ path: String) {
      for (key, value) in found.object?.members ?? [] where key != "dtype" {
        let path = path + "/" + key
        switch expected[key] {
        case .object?: compare(value, expected[key] ?? .null, path)
        case let other: #expect(value == other, "\(path): \(value), and not \(other ?? .null)")
        }
      }
    }
    for (own, other) in zip(found, expected).dropFirst() {
      compare(
        own["config"] ?? .null, other["config"] ?? .null, own["config"]?["name"]?.string ?? "")
    }
    // Only its last recurrent layer gives one step.
    let steps = found.compactMap {
      ($0["config"]?["layer"]?["config"] ?? $0["config"])?["return_sequences"]?.bool
    }
    #expect(steps.last == false && !steps.dropLast().contains(false))
  }

  @Test(arguments: ["trained.keras", "subclassed.keras", "nameless.keras"])
  func aModelThatIsReadStaysTheSame(_ name: String) throws {
    let file = try contents(.keras(name))
    let again = try written(file)
    #expect(again.tensors == file.tensors && again.metadata == file.metadata)
  }

  /// An older file with the architecture is a model of today; one without has an order only if its sizes fit in it.
  @Test func olderModelsBecomeOnesOfToday() throws {
    let older = try contents(.keras("sequential.h5"))
    #expect(try written(older).withKerasPaths.tensors == older.withKerasPaths.tensors)
    for name in ["sequential.weights.h5", "keras2.h5"] {
      let file = try contents(.keras(name))
      let found = message { _ = try written(file) }
      #expect(found.contains("in the order of their names, as the file has no other"), "\(found)")
    }
  }

  private func dense(
    _ rows: Int, _ columns: Int, _ value: Double = 1, as element: ElementType = .float32
  ) -> Tensor {
    Tensor([rows, columns], [Double](repeating: value, count: rows * columns), as: element)
  }

  /// Names of modules within modules come back from either file.
  @Test(arguments: ["a.weights.h5", "a.keras"])
  func modulesWithinModulesKeepTheirNames(_ name: String) throws {
    var tensors: [String: Tensor] = [:]
    for (number, layer) in ["a", "encoder/a", "encoder/inner/a", "encoder/b", "head/a"].enumerated() {
      tensors["net/model/\(layer)/kernel"] = dense(2, 2, Double(number))
      tensors["net/model/\(layer)/bias"] = Tensor([2], [0, 1] as [Float])
    }
    let list = ["a", "encoder", "head"].map {
      NamedLayer(name: "net.model.\($0)", cell: Dense(units: 2), features: 2)
    }
    for metadata in [[:], [NamedLayer.recordName: NamedLayer.record(of: list)]] {
      try withFile(name, []) { path in
        try TensorFile.write(tensors, metadata: metadata, to: path)
        let file = try TensorFile.contents(of: path)
        #expect(
          file.withKerasPaths.tensors == tensors, "\(file.withKerasPaths.tensors.keys.sorted())")
        // As Keras itself lays out models within models.
        #expect(
          file.tensors["layers/sequential/layers/sequential/layers/dense/vars/0"]?.doubles.first
            == 2)
        #expect(file.metadata["layers/sequential_1/vars/name"] == "head")
        #expect(
          Set(file.withKerasPaths.kerasLayers.map(\.name))
            == Set(tensors.keys.map { $0.replacing(/\/[a-z]+$/, with: "") }))
      }
    }
  }

  @Test func theWidestTypeIsThatOfTheModel() throws {
    let file = TensorFile.Contents(
      ["dense/kernel": dense(3, 2, as: .float64)], metadata: ["dense/activation": "softmax"])
    let found = try layers(written(file))
    #expect(
      found[0]["config"]?["batch_shape"] == [.null, .null, 3]
        && found[0]["config"]?["dtype"] == "float64")
    #expect(
      found[1]["config"]?["activation"] == "softmax" && found[1]["config"]?["use_bias"] == false)
  }

  /// The setting without a name is that of the last recurrent layer.
  @Test func whatTheLastLayerGivesCanBeSaid() throws {
    var tensors = ["dense/kernel": dense(2, 2)]
    for name in ["simple_rnn", "simple_rnn_1"] {
      tensors[name + "/simple_rnn_cell/kernel"] = dense(2, 2)
      tensors[name + "/simple_rnn_cell/recurrent_kernel"] = dense(2, 2)
    }
    func steps(_ metadata: [String: String]) throws -> [Bool?] {
      try layers(written(TensorFile.Contents(tensors, metadata: metadata))).map {
        $0["config"]?["return_sequences"]?.bool
      }
    }
    #expect(try steps([:]) == [nil, true, true, nil])
    #expect(try steps(["return_sequences": "false"]) == [nil, true, false, nil])
    let read = message { _ = try steps(["simple_rnn/return_sequences": "false"]) }
    #expect(
      read.contains("simple_rnn_1 reads steps, and what is before it gives only its last one"),
      "\(read)")
  }

  @Test func whatIsNoModelIsRefusedInWords() throws {
    let lstm = ["l/lstm_cell/kernel": dense(1, 8), "l/lstm_cell/recurrent_kernel": dense(2, 8)]
    let cases: [([String: Tensor], [String: String], String)] = [
      ([:], [:], "there are no layers"),
      (["recurrent.weight": dense(2, 2)], [:], "--to keras gives names of Keras"),
      (
        lstm.merging(["l/lstm_cell/input_gate_peephole_weights": dense(1, 2)]) { $1 }, [:],
        "is no weight of an LSTM"
      ),
      (
        ["a/kernel": dense(2, 3), "b/kernel": dense(2, 3)], [:],
        "b reads 2 features, and what is before it gives 3"
      ),
      (["kernel": dense(2, 2)], [:], "give --module NAME"),
      (lstm, ["l/go_backwards": "true"], "runs backward in time alone"),
      (
        lstm, ["l/activation": "leaky_relu(0.5)"],
        "l has the activation leaky_relu(0.5), which Keras has under no name"
      ),
      (
        ["a/b/kernel": dense(2, 2), "a/kernel": dense(2, 2), "c/kernel": dense(2, 2)], [:],
        "the layers in a do not follow"
      ),
      (
        ["a/kernel": dense(2, 2), "b/embeddings": dense(4, 2)],
        [
          "ebb.layers":
            #"[{"kind":"dense","units":2,"name":"a","features":2},{"kind":"embedding","units":2,"tokens":4,"features":1,"name":"b"}]"#
        ], "b reads"
      ),
    ]
    for (tensors, metadata, words) in cases {
      let found = message {
        try TensorFile.write(tensors, metadata: metadata, to: "/nowhere/a.keras")
      }
      #expect(found.contains(words) && found.contains("/nowhere/a.keras"), "\(found)")
    }
  }
}
