internal import EbbCells
internal import EbbInterchange
internal import EbbRecording
internal import EbbTensors
internal import Foundation

/// The network of a file's tensors: recurrent layers, possibly between an embedding and a read-out, as in the models of
/// the commands.
struct WeightedNetwork {
  /// A part with the same name here and in the framework: one that is not a recurrent layer, or any layer of a file
  /// that names all of them.
  private struct Part {
    var name: String
    var cell: any RecurrentCell
    var features: Int
    /// The name in the file that is read, if that is another.
    var source: String?
  }

  /// The recurrent layers, if they are not parts.
  private var cell: (any RecurrentCell)?
  private let features: Int
  private let module: String
  private var parts: [Part]
  /// Whether the read-out is an affine of the network and not a layer, as in a forecaster.
  private let hasAffine: Bool
  /// The strings with which a file of another convention can be converted back exactly.
  let metadata: [String: String]

  /// - Parameter convention: The convention of the file's names; nil for the library's own.
  init(
    _ file: TensorFile.Contents, _ convention: WeightConvention?, _ options: ParsedOptions, _ context: CommandContext
  ) throws {
    let record = ModelRecord(file.metadata)
    let module = options.text("module") ?? ""
    let parts = options.isGiven("module") && convention != nil ? [] : Self.parts(file.tensors, convention)
    // If no sizes are found, the names do not fit either; that is reported when the tensors are looked up.
    let known = Self.sizes(file.tensors, convention, module, hasParts: !parts.isEmpty)
    let features = try options.optionalInteger("input") ?? known?.features ?? 8
    let units = try options.optionalInteger("hidden") ?? known?.units ?? 64
    try options.check(WorkSizes(length: 1, batch: 1, features: features, units: units))
    let found = Self.recognized(file, convention, module)
    let name = options.isGiven("cell") ? options.cellName(of: context.cells) : record.cell ?? found
    let layer = try context.cells.cell(name ?? options.cellName(of: context.cells), units: units)
    let direction = record.network?.layer(units: units) ?? layer
    let both: any RecurrentCell = known?.isBidirectional == true ? Bidirectional(direction, direction) : direction
    // A language model numbers its layers even if there is only one.
    let isNumbered = file.tensors.keys.contains { $0.hasPrefix("layer0.") } || parts.contains { $0.name == "embedding" }
    let count = try options.optionalInteger("layers", 1...1000) ?? known?.layers ?? 1
    cell = count > 1 || isNumbered ? Stack([any RecurrentCell](repeating: both, count: count)) : both
    (self.features, self.module, self.parts) = (features, module, parts)
    hasAffine = file.tensors["readout.weight"] != nil && convention == nil || file.metadata["readout"] == "affine"
    metadata = (name.map { ["cell": $0] } ?? [:]).merging(hasAffine ? ["readout": "affine"] : [:]) { $1 }
  }

  /// The layers of a file, each under its own name.
  ///
  /// - Parameter isOrdered: Whether they stand in the network's order.
  init(_ layers: [NamedLayer], isOrdered: Bool) {
    (cell, features, module, hasAffine) = (nil, 1, "", false)
    let record = NamedLayer.record(of: layers)
    // Only if all layers can be recorded.
    let isWhole = NamedLayer.recorded(in: [NamedLayer.recordName: record]).count == layers.count
    metadata =
      (isWhole ? [NamedLayer.recordName: record] : [:])
      .merging(isWhole && !isOrdered ? [NamedLayer.orderName: "unknown"] : [:]) { $1 }
    parts = layers.map { Part(name: $0.name, cell: $0.cell, features: $0.features) }
  }

  /// The layers of a model of ONNX, under the names of the modules that its nodes were exported from: `/fc/MatMul` is
  /// `fc`, and `/rnn/LSTM` and `/rnn/LSTM_1` are two layers of `rnn`. Where such names are not unique, the nodes' are kept.
  init(onnx layers: [NamedLayer], isOrdered: Bool) {
    var (modules, sources): ([[NamedLayer]], [String]) = ([], [])
    for layer in layers {
      var module = layer
      let path = layer.name.split(separator: ".")
      let isOperator = path.last?.first?.isUppercase == true
      module.name = path.dropLast(isOperator ? 1 : 0).joined(separator: ".")
      if let last = modules.last?.first, last.name == module.name, Self.areLayersOfOne(last, module) {
        modules[modules.count - 1].append(module)
        sources[sources.count - 1] = module.name
      } else {
        modules.append([module])
        sources.append(layer.name)
      }
    }
    guard Set(modules.map(\.[0].name)).count == modules.count else {
      self.init(layers, isOrdered: isOrdered)
      return
    }
    self.init(
      modules.map { module in
        let (name, cells) = (module[0].name, module.map(\.cell))
        return NamedLayer(name: name, cell: cells.count == 1 ? cells[0] : Stack(cells), features: module[0].features)
      }, isOrdered: isOrdered)
    for (index, source) in sources.enumerated() { parts[index].source = source }
  }

  /// Whether both are recurrent layers of one kind and size.
  private static func areLayersOfOne(_ first: NamedLayer, _ second: NamedLayer) -> Bool {
    func kind(_ layer: NamedLayer) -> String? {
      layer.isRecurrent ? NamedLayer.record(of: [NamedLayer(name: "", cell: layer.cell, features: 0)]) : nil
    }
    return kind(first).map { $0 == kind(second) } ?? false
  }

  /// The weights in a framework's convention. The cells then become those of the framework's file, with its settings.
  ///
  /// - Parameters:
  ///   - file: The framework's file, if the tensors come from one.
  ///   - own: The strings of a file with the library's names, if the tensors come from one.
  mutating func map(
    _ convention: WeightConvention, fitting file: TensorFile.Contents?, own: [String: String] = [:]
  ) throws(WeightError) -> WeightMap {
    let (module, parts, isNamed) = (module, parts, cell == nil)
    func one(
      _ cell: some RecurrentCell, _ features: Int, _ scope: String, _ name: String
    ) throws(WeightError) -> WeightMap {
      // Keras has its own names for layers; a given module is their prefix.
      let isKeras = convention == .keras
      let isInside = !parts.isEmpty && (!isKeras || (!module.isEmpty && !(cell is Stack)))
      let inner = [module, isInside ? (isKeras && name == "readout" ? "dense" : name) : ""].filter { !$0.isEmpty }
      // Flattened trees of Flax have points or slashes in their names.
      let hasSlashes = isKeras || convention == .flax && file?.tensors.keys.contains { $0.contains("/") } == true
      let separator = hasSlashes ? "/" : "."
      let module =
        isNamed ? name.replacing(hasSlashes ? "." : "/", with: separator) : inner.joined(separator: separator)
      if let file {
        return try WeightMap(convention, cell, features: features, scope: scope, module: module, fitting: file)
      }
      return try WeightMap(convention, cell, features: features, scope: scope, module: module, own: own)
    }
    func opened(
      _ cell: any RecurrentCell, _ features: Int, _ scope: String, _ name: String
    ) throws(WeightError) -> WeightMap { try one(cell, features, scope, name) }
    var map: WeightMap?
    if let cell {
      map = try opened(cell, features, "", "rnn")
      self.cell = map?.cell ?? cell
    }
    for (index, part) in parts.enumerated() {
      let name = (file == nil ? nil : part.source) ?? part.name
      let part = try opened(part.cell, part.features, part.name.replacing("/", with: "."), name)
      self.parts[index].cell = part.cell ?? self.parts[index].cell
      map = try map.map { (map) throws(WeightError) in try map + part } ?? part
    }
    guard let map else { preconditionFailure("a network has a layer") }
    return map
  }

  /// The tensors of a file with the library's names that are in no layer of the network. Within a layer there are no
  /// others: one without a place there is an error.
  func others(in tensors: [String: Tensor], _ map: WeightMap) -> [String: Tensor] {
    func first(_ name: String) -> Substring { name.prefix { $0 != "." } }
    let scopes = parts.map { $0.name.replacing("/", with: ".") } + (hasAffine ? ["readout"] : [])
    let beginnings = cell == nil ? [] : Set(map.parameterShapes.keys.map(first))
    return tensors.filter { name, _ in
      !beginnings.contains(first(name)) && !scopes.contains { $0.isEmpty || name.hasPrefix($0 + ".") }
    }
  }

  /// The parameters under the map's names: a read-out that is an affine of the network is a dense layer there.
  func mapped(_ parameters: [String: Tensor]) -> [String: Tensor] {
    renamed(parameters, "readout", to: "readout.dense")
  }

  /// The parameters under the network's names.
  func unmapped(_ parameters: [String: Tensor]) -> [String: Tensor] {
    renamed(parameters, "readout.dense", to: "readout")
  }

  private func renamed(_ parameters: [String: Tensor], _ scope: String, to other: String) -> [String: Tensor] {
    guard hasAffine else { return parameters }
    var result = parameters
    for part in ["weight", "bias"] {
      if let tensor = result.removeValue(forKey: "\(scope).\(part)") { result["\(other).\(part)"] = tensor }
    }
    return result
  }

  /// The name of the cell that the shapes of the module's tensors show; nil if they show none, or several.
  private static func recognized(
    _ file: TensorFile.Contents, _ convention: WeightConvention?, _ module: String
  ) -> String? {
    let modules = RecurrentModule.all(in: file).filter { $0.framework.rawValue == convention?.rawValue }
    let kinds = Set(modules.filter { $0.isWithin(module) }.map(\.kind))
    guard kinds.count == 1 else { return nil }
    switch kinds.first {
    case .simple?: return "rnn"
    case .lstm?: return "lstm"
    case .gruResetBefore?: return "gru"
    case .gruResetAfter?: return "gru-after"
    case .peepholeLSTM?: return "peephole"
    // No cell of this program has a projection, or couples its gates as ONNX does.
    case .projectedLSTM?, .coupledLSTM?, .coupledPeepholeLSTM?, nil: return nil
    }
  }

  /// Whether the layers are those of a model of ebb in a framework: equal recurrent layers with the names that they have
  /// there, or none, and beside them nothing but `embedding` and `readout`.
  static func areUsual(_ layers: [NamedLayer], in file: TensorFile.Contents, _ convention: WeightConvention) -> Bool {
    guard sizes(file.tensors, convention, "", hasParts: !parts(file.tensors, convention).isEmpty) != nil else {
      return false
    }
    let recurrent = layers.filter(\.isRecurrent)
    return recurrent.dropFirst().allSatisfy { areLayersOfOne(recurrent[0], $0) }
      && layers.allSatisfy {
        $0.isRecurrent || ["embedding", convention == .keras ? "dense" : "readout"].contains($0.name)
      }
  }

  private static func sizes(
    _ tensors: [String: Tensor], _ convention: WeightConvention?, _ module: String, hasParts: Bool
  ) -> LayerSizes? {
    let name = hasParts && convention != nil && convention != .keras ? "rnn" : module
    return LayerSizes(of: tensors, convention, module: convention == nil ? "" : name)
  }

  /// The embedding and the read-out of a file, if it also has a recurrent layer.
  private static func parts(_ tensors: [String: Tensor], _ convention: WeightConvention?) -> [Part] {
    let (tables, kernels, isTransposed): ([String], [String], Bool) =
      switch convention {
      case nil: (["embedding.table"], ["readout.dense.weight", "readout.weight"], false)
      case .pytorch?: (["embedding.weight"], ["readout.weight"], true)
      case .keras?: (["embedding/embeddings"], ["dense/kernel"], false)
      case .flax?: (["embedding.embedding"], ["readout.kernel"], false)
      case .onnx?: (["embedding.data"], ["readout.B"], false)
      }
    func shape(_ names: [String]) -> [Int]? {
      names.lazy.compactMap { tensors[$0]?.dimensions }.first { $0.count == 2 }
    }
    var parts: [Part] = []
    if let table = shape(tables) {
      parts.append(Part(name: "embedding", cell: Embedding(tokens: table[0], units: table[1]), features: 1))
    }
    if let kernel = shape(kernels) {
      let (rows, columns) = isTransposed ? (kernel[1], kernel[0]) : (kernel[0], kernel[1])
      parts.append(Part(name: "readout", cell: Dense(units: columns), features: rows))
    }
    return parts
  }
}

/// Information about the cell in a model's file.
private struct ModelRecord: Decodable {
  var cell: String?
  /// The network of a text classifier.
  var network: Network?

  struct Network: Decodable {
    var cell: String

    /// One direction of a layer.
    func layer(units: Int) -> (any RecurrentCell)? {
      switch cell {
      case "lstm": LSTM(units: units)
      case "gru": GRU(units: units)
      default: nil
      }
    }
  }

}

extension ModelRecord {
  init(_ metadata: [String: String]) {
    let text = metadata["ebb.configuration"] ?? ""
    self = (try? JSONDecoder().decode(ModelRecord.self, from: Data(text.utf8))) ?? ModelRecord()
    // For older files, and for checkpoints.
    cell = cell ?? metadata["cell"] ?? metadata["note/--cell"].flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension NamedLayer {
  /// Whether it is none of those that stand before, between and after recurrent layers.
  fileprivate var isRecurrent: Bool { !(cell is Dense || cell is Embedding || cell is LayerNormalization) }
}
