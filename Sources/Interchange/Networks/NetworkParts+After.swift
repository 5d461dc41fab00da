internal import EbbCells
internal import EbbTensors

/// What stands before, between and after recurrent modules: normalisations and read-outs.
extension NetworkParts {
  /// The place of a module among the layers of a Keras model; nil if the file has no description.
  private func place(_ candidate: String) -> Int? {
    file.kerasOrder.firstIndex(of: NetworkNames.last(candidate))
  }

  // MARK: Normalisations

  /// The layer normalisations by the recurrent module that each follows, counted from 0.
  func normalizations(_ choice: TrainedNetwork.Part) throws(NetworkError) -> [Int: Candidate] {
    switch choice {
    case .none: return [:]
    case .module(let name):
      let found = try chosen(
        name, norms, "--norm", "has the \(width) features that the recurrent module gives"
      ) {
        $0.rows == width
      }
      return [chain.count - 1: found]
    case .automatic: break
    }
    if let described { return described }
    // A model of ONNX tells what each layer reads.
    if file.source(of: last.name) != nil {
      return norms.first { file.source(of: $0.module) == last.name }.map { [chain.count - 1: $0] } ?? [:]
    }
    let widths = chain.map(\.width)
    // One after each module, in the order of their numbers.
    if norms.count > 1, norms.map(\.rows) == widths,
      Set(norms.map { NetworkNames.uncounted($0.module) }).count == 1
    {
      return Dictionary(
        uniqueKeysWithValues: zip(0..., norms.map { noted($0, "its number is that of the module") })
      )
    }
    let fitting = norms.filter { widths.contains($0.rows) }
    guard fitting.count == 1, let only = fitting.first else { return [:] }
    let places = widths.indices.filter { widths[$0] == only.rows }
    // It could as well stand before the first module.
    guard places.count == 1, only.rows != first.features else { return [:] }
    return [places[0]: noted(only, "its size fits there only")]
  }

  private func noted(_ candidate: Candidate, _ reason: String) -> Candidate {
    var candidate = candidate
    candidate.notes.append(
      "\(candidate.module) [\(candidate.rows)] is taken to normalise the output of a recurrent module: \(reason); --norm "
        + "none leaves it out")
    return candidate
  }

  /// Those that the description of a Keras model has directly after a recurrent module; nil without a description.
  private var described: [Int: Candidate]? {
    let modules = chain.compactMap { place($0.name) }
    guard modules.count == chain.count else { return nil }
    var found: [Int: Candidate] = [:]
    for norm in norms {
      guard let place = place(norm.module), let index = modules.lastIndex(where: { $0 < place })
      else { continue }
      let isBehindDense = denses.contains { dense in
        self.place(dense.module).map { modules[index] < $0 && $0 < place } ?? false
      }
      if !isBehindDense, norm.rows == chain[index].width, found[index] == nil {
        found[index] = norm
      }
    }
    return found
  }

  // MARK: Layers between

  /// The read-outs and normalisations between a recurrent module of an ONNX model, or a Keras one, and what is before it: another one, an
  /// embedding, or the input. Empty for other files, which do not tell what reads what.
  ///
  /// Of a Keras model whose layers follow one another its description tells. A normalisation directly behind a recurrent
  /// module is that module's.
  func before(_ module: String) -> [Candidate] {
    if file.isKerasSequence { return beforeInSequence(module) }
    var found: [Candidate] = []
    var source = file.source(of: module)
    while let next = (denses + norms).first(where: { $0.module == source }),
      !found.contains(where: { $0.module == next.module })
    {
      found.insert(next, at: 0)
      source = file.source(of: next.module)
    }
    return found
  }

  private func beforeInSequence(_ module: String) -> [Candidate] {
    let order = file.kerasOrder
    guard let place = place(module) else { return [] }
    let recurrent = Set(chain.map { NetworkNames.last($0.name) })
    var found: [Candidate] = []
    for name in order[..<place].reversed() {
      if recurrent.contains(name) {
        if let first = found.first, isNorm(first) { found.removeFirst() }
        break
      }
      let next = (denses + norms).first { NetworkNames.last($0.module) == name }
      if let next { found.insert(next, at: 0) }
    }
    return found
  }

  /// Whether a module is a normalisation.
  func isNorm(_ candidate: Candidate) -> Bool { norms.contains { $0.module == candidate.module } }

  // MARK: Read-outs

  /// The read-outs after the last module, each of which reads the one before.
  func readOuts(_ choice: TrainedNetwork.ReadOut) throws(NetworkError) -> [Candidate] {
    switch choice {
    case .none: return []
    case .modules(let links):
      var found: [Candidate] = []
      for link in links {
        let (features, giver) = (
          found.last?.columns ?? width, found.last?.module ?? "the recurrent module"
        )
        var next = try chosen(
          link.name, denses, "--readout", "reads the \(features) features that \(giver) gives"
        ) {
          $0.rows == features
        }
        next.activation = link.activation
        found.append(next)
      }
      return found
    case .automatic: return try firstReadOut().map(followed) ?? []
    }
  }

  private func firstReadOut() throws(NetworkError) -> Candidate? {
    var found = denses.filter { $0.rows == width }
    // A model of ONNX tells what each layer reads.
    let normalized = norms.first { file.source(of: $0.module) == last.name }?.module
    found.removeAll { candidate in file.source(of: candidate.module).map { $0 != normalized ?? last.name } ?? false }
    if file.framework == .pytorch { found.removeAll { !$0.hasBias && Self.isTable($0) } }
    // What a description has before the last recurrent module does not read it.
    if let own = place(last.name) { found.removeAll { place($0.module).map { $0 < own } ?? false } }
    // Of layers that follow one another, the first.
    if found.count > 1, file.isKerasSequence, found.allSatisfy({ place($0.module) != nil }) {
      found.sort { (place($0.module) ?? 0) < (place($1.module) ?? 0) }
      found.removeLast(found.count - 1)
    }
    found = beside(last, found)
    if found.count > 1 {
      let named = found.filter { Self.names($0, Self.readOutWords) }
      if named.count == 1 { found = named }
    }
    guard found.count <= 1 else { throw ambiguous(found, "the read-out") }
    return found.first
  }

  /// The read-out with those that follow it, as far as the file has the activation before each.
  private func followed(_ first: Candidate) -> [Candidate] {
    var found = [first]
    while let last = found.last {
      let isKnown =
        [.keras, .onnx].contains(file.framework)
        && file.contents.setting("activation", of: last.module) != nil
      var next = denses.filter { dense in
        guard dense.rows == last.columns, !found.contains(where: { $0.module == dense.module }) else {
          return false
        }
        if let source = file.source(of: dense.module) { return source == last.module }
        return (dense.hasBias || file.framework == .keras)
          && (place(last.module).flatMap { before in place(dense.module).map { before < $0 } }
            ?? true)
      }
      if next.count > 1, file.isKerasSequence {
        next.sort { (place($0.module) ?? 0) < (place($1.module) ?? 0) }
        next.removeLast(next.count - 1)
      }
      if isKnown, next.count == 1 {
        found += next
        continue
      }
      if !next.isEmpty, last.columns != width || isKnown {
        let names = next.map(\.module)
        found[found.count - 1].notes.append(
          "the output is that of \(last.module): what follows it (\(names.joined(separator: ", "))) is left out"
            + (isKnown ? "" : ", since no tensor shows the activation between them")
            + "; --readout \(last.module)\(isKnown ? "" : ":relu"),\(names[0]) gives both"
        )
      }
      break
    }
    return found
  }
}
