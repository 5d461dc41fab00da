internal import EbbCells
internal import EbbTensors

/// The embeddings and read-outs that may belong to a chain of recurrent modules, by their shapes; names decide between
/// several.
struct NetworkParts {
  /// A module with one matrix.
  struct Candidate {
    /// The beginning of its tensors' names.
    var module: String
    /// The sizes of the matrix here: [tokens, features], or [from, to].
    var rows: Int
    var columns: Int
    var hasBias: Bool
    /// What is applied to the sums, where it was given.
    var activation: Activation?
    var notes: [String] = []
  }

  let file: NetworkTensors
  let chain: [RecurrentModule]
  var first: RecurrentModule { chain[0] }
  var last: RecurrentModule { chain[chain.count - 1] }
  /// The features of the last module's output.
  var width: Int { last.width }
  /// The modules with one matrix that no recurrent module holds.
  let tables: [Candidate]
  let denses: [Candidate]
  /// The modules with a scale and a bias of so many features.
  let norms: [Candidate]

  var convention: WeightConvention? { file.framework.partConvention }

  init(_ file: NetworkTensors, _ modules: [RecurrentModule], chain: [RecurrentModule]) {
    (self.file, self.chain) = (file, chain)
    let others = modules.filter { !chain.contains($0) }
    let separator = file.framework.separator
    // What stands beside another recurrent module, and not beside this one, belongs to that.
    let own = Set(chain.map { NetworkNames.dropping(1, from: $0.name, separator) })
    let foreign = Set(others.map { NetworkNames.dropping(1, from: $0.name, separator) }).subtracting(own)
    func isCandidate(_ module: String) -> Bool {
      !chain.contains { !$0.name.isEmpty && NetworkNames.isWithin(module, $0.name) }
        && !others.contains { NetworkNames.isWithin(module, $0.name) }
        && !foreign.contains { !$0.isEmpty && NetworkNames.isWithin(module, $0) }
    }
    var (tables, denses): ([Candidate], [Candidate]) = ([], [])
    for (name, shape) in file.shapes.sorted(by: { NetworkNames.precedes($0.key, $1.key) }) where shape.count == 2 {
      let (module, last) = (NetworkNames.dropping(1, from: name, separator), NetworkNames.last(name))
      // The matrices of a recurrent layer without a module of its own.
      let isGate =
        ["dense_i", "dense_h"].contains(NetworkNames.last(module))
        || file.shapes["\(module)\(separator)recurrent_kernel"] != nil
        || file.framework == .onnx && file.shapes[module.isEmpty ? "R" : "\(module)\(separator)R"]?.count == 3
      guard !isGate, isCandidate(module) else { continue }
      let word = file.framework == .onnx ? "C" : "bias"
      let bias = module.isEmpty ? word : "\(module)\(separator)\(word)"
      func candidate(_ rows: Int, _ columns: Int) -> Candidate {
        Candidate(module: module, rows: rows, columns: columns, hasBias: file.shapes[bias] == [columns])
      }
      switch (file.framework, last) {
      case (.pytorch, "weight"):
        denses.append(candidate(shape[1], shape[0]))
        if file.shapes[bias] == nil { tables.append(candidate(shape[0], shape[1])) }
      case (.keras, "kernel"), (.flax, "kernel"), (.linen, "kernel"): denses.append(candidate(shape[0], shape[1]))
      case (.onnx, "B"): denses.append(candidate(shape[0], shape[1]))
      case (.keras, "embeddings"), (.flax, "embedding"), (.linen, "embedding"), (.onnx, "data"):
        tables.append(candidate(shape[0], shape[1]))
      case (.pytorch, _), (.keras, _), (.flax, _), (.linen, _), (.onnx, _), (.ebb, _): continue
      }
    }
    (self.tables, self.denses) = (tables, denses)
    norms = Self.normalizations(file).filter { isCandidate($0.module) }
  }

  /// gamma and beta in Keras, of which one may be missing; weight and bias in PyTorch, scale and bias in Flax, Scale and
  /// B in ONNX. A batch's normalisation also has a mean.
  private static func normalizations(_ file: NetworkTensors) -> [Candidate] {
    let separator = file.framework.separator
    let (scales, bias, mean): ([String], String, String) =
      switch file.framework {
      case .pytorch: (["weight"], "bias", "running_mean")
      case .keras: (["gamma", "beta"], "beta", "moving_mean")
      case .flax, .linen: (["scale"], "bias", "mean")
      case .onnx: (["Scale"], "B", "input_mean")
      case .ebb: ([], "", "")
      }
    var found: [Candidate] = []
    for (name, shape) in file.shapes.sorted(by: { NetworkNames.precedes($0.key, $1.key) })
    where shape.count == 1 {
      let module = NetworkNames.dropping(1, from: name, separator)
      func has(_ part: String) -> Bool { file.shapes["\(module)\(separator)\(part)"] == shape }
      guard scales.contains(NetworkNames.last(name)), !has(mean),
        [.keras, .onnx].contains(file.framework) || has(bias),
        !found.contains(where: { $0.module == module })
      else { continue }
      found.append(Candidate(module: module, rows: shape[0], columns: shape[0], hasBias: has(bias)))
    }
    return found
  }

  static let embeddingWords = ["emb", "wte", "lookup", "token", "vocab", "encoder"]
  static let readOutWords = [
    "readout", "read_out", "fc", "out", "head", "linear", "dense", "decoder", "classif", "proj", "generator", "predict",
  ]

  static func names(_ candidate: Candidate, _ words: [String]) -> Bool {
    let name = NetworkNames.last(candidate.module).lowercased()
    return words.contains { name.contains($0) }
  }

  /// Whether a matrix without biases of PyTorch is an embedding by its name, and no read-out.
  static func isTable(_ candidate: Candidate) -> Bool {
    names(candidate, embeddingWords) && !names(candidate, readOutWords)
  }

  /// The embedding before the first module.
  func embedding(_ choice: TrainedNetwork.Part) throws(NetworkError) -> Candidate? {
    switch choice {
    case .none: return nil
    case .module(let name):
      return try chosen(name, tables, "--embedding", "has the features that the recurrent module reads") {
        $0.columns == first.features
      }
    case .automatic: break
    }
    let entry = before(first.name).first
    var found = tables.filter { $0.columns == entry?.rows ?? first.features }
    // A model of ONNX tells what the first layer reads.
    if let source = file.source(of: entry?.module ?? first.name) { found.removeAll { $0.module != source } }
    if file.framework == .pytorch {
      let named = found.filter { Self.names($0, Self.embeddingWords) }
      // A linear layer without biases has the shape of an embedding.
      if !named.isEmpty {
        found = named
      } else {
        found.removeAll { Self.names($0, Self.readOutWords) }
        if found.contains(where: { $0.columns == width }) {
          throw ambiguous(found, "an embedding, or a read-out without biases")
        }
      }
    }
    found = beside(first, found)
    guard found.count <= 1 else { throw ambiguous(found, "the embedding") }
    guard var only = found.first else { return nil }
    if file.framework == .pytorch, !Self.names(only, Self.embeddingWords) {
      only.notes.append(
        "\(only.module) [\(only.rows), \(only.columns)] is taken for the embedding: it has no biases, and as many "
          + "features as the recurrent module reads; --embedding none leaves it out")
    }
    return only
  }

  /// Of several candidates those in the same outer module as a recurrent one, such as a copy with averaged weights; all if
  /// none is, or the recurrent one is in none.
  func beside(_ module: RecurrentModule, _ candidates: [Candidate]) -> [Candidate] {
    let outer = NetworkNames.dropping(1, from: module.name, file.framework.separator)
    let found = candidates.filter { NetworkNames.isWithin($0.module, outer) }
    return candidates.count > 1 && !found.isEmpty ? found : candidates
  }

  func chosen(
    _ name: String, _ candidates: [Candidate], _ option: String, _ condition: String, _ fits: (Candidate) -> Bool
  ) throws(NetworkError) -> Candidate {
    if let found = candidates.first(where: { $0.module == name && fits($0) }) { return found }
    let fitting = candidates.filter(fits).map { describe($0) }.joined(separator: ", ")
    throw NetworkError(
      "\(option) \(name): there is no such module that \(condition); "
        + (fitting.isEmpty ? "none does" : "there is \(fitting)"))
  }

  func ambiguous(_ found: [Candidate], _ what: String) -> NetworkError {
    let option = what == "the read-out" ? "--readout NAME" : "--embedding NAME"
    return NetworkError(
      "by their shapes these may be \(what): \(found.map { describe($0) }.joined(separator: ", ")); \(option) picks one, "
        + "\(option.replacing("NAME", with: "none")) none of them")
  }

  private func describe(_ candidate: Candidate) -> String {
    "\(candidate.module.isEmpty ? "the one without a name" : candidate.module) [\(candidate.rows), \(candidate.columns)]"
  }
}
