import EbbCells
import EbbFiles
import EbbInterchange
import EbbRecording
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Files that Keras wrote: their tensors, the names of their layers, and the layers as cells.
@Suite struct KerasFileTests {
  private func contents(_ vector: HDF5Vector) throws -> TensorFile.Contents {
    var contents = TensorFile.Contents([:])
    try withFile(vector.name, vector.bytes) { contents = try TensorFile.contents(of: $0) }
    return contents
  }

  @Test(arguments: HDF5Vector.keras)
  func tensorsAndTheirPathsAreThoseOfKeras(_ vector: HDF5Vector) throws {
    let file = try contents(vector)
    #expect(
      file.tensors.filter { !$0.key.contains("seed_generator") }
        == vector.tensors.filter { !$0.key.contains("seed_generator") })
    #expect(file.isOfKeras && file.unread.isEmpty)
    let named = file.withKerasPaths
    for (name, path) in vector.paths { #expect(named.tensors[path] == vector.tensors[name], "\(path)") }
    // What is no weight keeps its name.
    let others = Set(named.tensors.keys).subtracting(vector.paths.values)
    #expect(others.allSatisfy { $0.contains("optimizer/") || $0.contains("seed_generator/") }, "\(others)")
    #expect(named.tensors.count == file.tensors.count)

  }

  @Test(arguments: HDF5Vector.keras)
  func layersAreFound(_ vector: HDF5Vector) throws {
    let file = try contents(vector).withKerasPaths
    let layers = file.kerasLayers
    let hasOrder = file.metadata["keras_config"] != nil && vector.name != "subclassed.keras"
    let names = layers.map { $0.name.split(separator: "/").first.map(String.init) ?? "" }
    let expected = vector.layers
    #expect(hasOrder ? names == expected : Set(names) == Set(expected), "\(names)")
    // Every weight has its place in a layer's map.
    var used: Set<String> = []
    for layer in layers {
      func add(_ cell: some RecurrentCell) throws {
        let map = try WeightMap(
          .keras, cell, features: layer.features, scope: layer.name, module: layer.name, fitting: file)
        _ = try map.parameters(from: file)
        used.formUnion(map.tensorShapes.keys)
      }
      try add(layer.cell)
    }
    #expect(used == Set(vector.paths.values))
  }

  @Test func settingsComeFromTheArchitecture() throws {
    let file = try contents(.keras("sequential.keras")).withKerasPaths
    let layers = Dictionary(uniqueKeysWithValues: file.kerasLayers.map { ($0.name, $0) })
    #expect(layers["gru_1"]?.cell is GRU && layers["mine"]?.cell is LSTM)
    func settled(_ name: String, _ file: TensorFile.Contents) throws -> (any RecurrentCell)? {
      let layer = try #require(layers[name])
      func map(_ cell: some RecurrentCell) throws -> (any RecurrentCell)? {
        try WeightMap(.keras, cell, features: layer.features, module: name, fitting: file).cell
      }
      return try map(layer.cell)
    }
    #expect((try settled("layer_normalization", file) as? LayerNormalization)?.epsilon == 0.25)
    #expect((try settled("simple_rnn", file) as? SimpleRNN)?.activation == .relu)
    // Older models have the architecture in an attribute; weights alone have none.
    let older = try contents(.keras("sequential.h5")).withKerasPaths
    #expect((try settled("simple_rnn", older) as? SimpleRNN)?.activation == .relu)
    let weights = try contents(.keras("sequential.weights.h5")).withKerasPaths
    #expect((try settled("simple_rnn", weights) as? SimpleRNN)?.activation == .tanh)
    let both = try contents(.keras("functional.keras")).withKerasPaths
    let layer = try #require(both.kerasLayers.first { $0.name == "both" }?.cell as? Bidirectional)
    let map = try WeightMap(.keras, layer, features: 2, module: "both", fitting: both)
    #expect((map.cell as? Bidirectional)?.merge == .sum)
  }

  /// What is written for `load_weights` is where Keras itself puts it.
  @Test(arguments: ["sequential", "functional"])
  func weightsAreWrittenWhereKerasLooks(_ model: String) throws {
    let vector = try HDF5Vector.keras(model + ".weights.h5")
    let named = try contents(vector).withKerasPaths
    try withFile("a.weights.h5", []) { path in
      try TensorFile.write(named.tensors, to: path)
      let file = try TensorFile.contents(of: path)
      #expect(file.tensors == vector.tensors)
      // With the names of layers as attributes, so that the way back is the same.
      #expect(file.withKerasPaths.tensors == named.tensors)
      // Names of another kind, and those that are places already, are kept.
      try TensorFile.write(vector.tensors.merging(["more": Tensor([], [1] as [Float])]) { $1 }, to: path)
      #expect(try TensorFile.read(path).count == vector.tensors.count + 1)
    }
  }

  /// An older model stays one: its lists and its architecture are where Keras looks for them.
  @Test func olderModelsStayWhatTheyAre() throws {
    let older = try contents(.keras("sequential.h5"))
    try withFile("a.h5", []) { path in
      try TensorFile.write(older.tensors, metadata: older.metadata, to: path)
      #expect(try TensorFile.contents(of: path) == older)
      let raw = try HDF5.read(Array(Data(contentsOf: URL(fileURLWithPath: path))))
      #expect(raw.metadata["model_config"] == older.metadata["keras_config"])
      // Names of layers get such lists.
      let named = older.withKerasPaths
      try TensorFile.write(named.tensors, to: path)
      let read = try TensorFile.contents(of: path)
      #expect(read.tensors == named.tensors && read.isOfKeras && read.withKerasPaths.tensors == named.tensors)
      let names = #"["embedding","bidirectional","gru_1","layer_normalization","lstm","mine","simple_rnn","dense"]"#
      #expect(read.metadata["layer_names"] == names)
      #expect(
        read.metadata["mine/weight_names"] == #"["lstm_cell/kernel","lstm_cell/recurrent_kernel","lstm_cell/bias"]"#)
    }
  }

  @Test(arguments: HDF5Vector.keras)
  func layersAreRecorded(_ vector: HDF5Vector) throws {
    let layers = try contents(vector).withKerasPaths.kerasLayers
    let text = NamedLayer.record(of: layers)
    let recorded = NamedLayer.recorded(in: [NamedLayer.recordName: text])
    #expect(recorded.map(\.name) == layers.map(\.name) && recorded.map(\.features) == layers.map(\.features))
    #expect(NamedLayer.record(of: recorded) == text && !layers.isEmpty)
    for wrong in ["", "[{}]", "[1]", text.replacing("\"features\":", with: "\"features\":-")] {
      #expect(NamedLayer.recorded(in: [NamedLayer.recordName: wrong]).isEmpty)
    }
  }

  /// The order of layers with names of any kind is that of the record.
  @Test func theRecordOrdersLayers() throws {
    let layers = ["z", "b", "y"].map { NamedLayer(name: $0, cell: Dense(units: 1), features: 1) }
    let tensors = Dictionary(
      uniqueKeysWithValues: layers.map { ($0.name + "/kernel", Tensor([1, 1], [1] as [Float])) })
    let metadata = [NamedLayer.recordName: NamedLayer.record(of: layers)]
    try withFile("a.weights.h5", []) { path in
      try TensorFile.write(tensors, metadata: metadata, to: path)
      let read = try TensorFile.contents(of: path).metadata
      #expect(read["layers/dense/vars/name"] == "z" && read["layers/dense_2/vars/name"] == "y")
    }
    try withFile("a.h5", []) { path in
      try TensorFile.write(tensors, metadata: metadata, to: path)
      #expect(try TensorFile.contents(of: path).metadata["layer_names"] == #"["z","b","y"]"#)
    }
  }

  @Test func listsOfLayersCanBeInParts() throws {
    var file = try contents(.keras("keras2.h5"))
    file.metadata["layer_names0"] = file.metadata.removeValue(forKey: "layer_names")
    #expect(file.isOfKeras && file.withKerasPaths.tensors["lstm/lstm_cell/kernel"] != nil)
  }

  @Test func placesThatAreTakenAreErrors() throws {
    let weights = Tensor([2, 2], [1, 2, 3, 4] as [Float])
    let found = message {
      try TensorFile.write(["dense/kernel": weights, "layers/dense/vars/0": weights], to: "/nowhere/a.weights.h5")
    }
    #expect(found.contains("layers/dense/vars/0 is there twice"), "\(found)")
  }

  @Test func layersOfOneKindAreCountedInTheOrderOfTheirNames() throws {
    let dense = Tensor([1, 1], [1] as [Float])
    var tensors: [String: Tensor] = [:]
    for number in 0..<12 {
      tensors["model/dense\(number == 0 ? "" : "_\(number)")/kernel"] = Tensor([1, 1], [Float(number)])
    }
    tensors["model/inner/dense/kernel"] = dense
    try withFile("a.weights.h5", []) { path in
      try TensorFile.write(tensors, to: path)
      let read = try TensorFile.read(path)
      #expect(read["layers/dense_10/vars/0"]?.doubles == [10] && read["layers/dense/vars/0"]?.doubles == [0])
      #expect(read["layers/sequential/layers/dense/vars/0"] == dense)
    }
  }

  @Test func archivesThatAreDamagedAreErrors() throws {
    let vector = try HDF5Vector.keras("trained.keras")
    var bytes = vector.bytes
    let place = try #require((0..<bytes.count).first { bytes[$0...].starts(with: "HEAP".utf8) })
    bytes[place] = 0
    let found = message { try withFile("m.keras", bytes) { _ = try TensorFile.contents(of: $0) } }
    #expect(found.contains("m.keras: model.weights.h5 is damaged: its checksum does not hold"), "\(found)")
  }
}
