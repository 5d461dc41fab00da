internal import EbbRecording

/// Finding the modules of a stack by their tensors.
extension WeightMapBuilder {
  /// A module of the file that can be some layers of the stack.
  private struct Candidate: Hashable {
    var prefix: String
    var tensors: Set<String>
  }

  /// The most prefixes that are tried, fewer where there are many names: a file with more of them is one of another kind
  /// of model.
  private static let (mostPrefixes, mostComparisons) = (2000, 2_000_000)

  /// The place of each layer in the modules of the file that have tensors of its shapes; nil, with a problem, if there
  /// are none, or if several could be meant.
  mutating func matchedPlaces(
    of layers: [any RecurrentCell], _ weighted: [Int], _ features: Int, _ scope: String, _ module: Place
  ) -> [Place]? {
    let prefixes = prefixes(within: module)
    var groups: [[Int]] = []
    var choices: [[Candidate]] = []
    var width = features
    func match(_ group: [Int]) -> Bool {
      let found = candidates(of: group.map { layers[$0] }, prefixes, width, scope, module)
      guard let features = found.features else { return false }
      width = features
      groups.append(group)
      choices.append(found.candidates)
      return true
    }
    for run in convention == .pytorch ? runs(of: layers, weighted) : weighted.map({ [$0] }) {
      if match(run) { continue }
      for layer in run where run.count == 1 || !match([layer]) {
        reportMissing(layers[layer], width, join(scope, "layer\(layer)"), module)
        return nil
      }
    }
    guard let chosen = chosen(choices, groups, scope) else { return nil }
    for (group, candidate) in zip(groups, chosen) {
      let names = group.map { join(scope, "layer\($0)") }.joined(separator: ", ")
      let isOne = candidate.prefix.isEmpty
      map.notes.append("\(names): \(isOne ? "the file's own names" : String(candidate.prefix.dropLast()))")
    }
    return places(layers.count, groups, chosen.map(\.prefix), module)
  }

  /// The beginnings of the file's names, up to a separator.
  private func prefixes(within module: Place) -> [String] {
    var result: Set<String> = [module.prefix]
    let names = file?.names.sorted() ?? []
    let most = min(Self.mostPrefixes, max(50, Self.mostComparisons / max(names.count, 1)))
    for name in names where name.hasPrefix(module.prefix) && result.count < most {
      for index in name.indices where name[index...].hasPrefix(separator) {
        let prefix = String(name[...index])
        if prefix.count > module.prefix.count { result.insert(prefix) }
      }
    }
    return result.sorted { ($0.count, $0) > ($1.count, $1) }
  }

  /// The modules that can be these layers, and the features of their output.
  private func candidates(
    of layers: [any RecurrentCell], _ prefixes: [String], _ features: Int, _ scope: String, _ module: Place
  ) -> (candidates: [Candidate], features: Int?) {
    var found: [Candidate] = []
    var width: Int?
    for prefix in prefixes {
      guard let (map, features) = trial(layers, prefix, features, scope, module), file?.has(map.tensorShapes) == true
      else { continue }
      let candidate = Candidate(prefix: prefix, tensors: Set(map.tensorShapes.keys))
      // The module around a module has the same tensors; the longest prefix comes first.
      if !found.contains(where: { $0.tensors == candidate.tensors }) { found.append(candidate) }
      width = width ?? features
    }
    return (found, width)
  }

  private func trial(
    _ layers: [any RecurrentCell], _ prefix: String, _ features: Int, _ scope: String, _ module: Place
  ) -> (WeightMap, Int)? {
    var attempt = WeightMapBuilder(convention: convention, hasBiases: hasBiases, file: file)
    var place = module
    (place.prefix, place.isNamed, place.index) = (prefix, true, 0)
    var width = features
    for layer in layers {
      guard let added = attempt.add(layer, features: width, scope: "\(scope).\(place.index)", module: place) else {
        return nil
      }
      width = added.features
      place.index += 1
    }
    return (attempt.map, width)
  }

  /// One module for each group of layers: those that are the only choice first. Modules whose names differ only by a
  /// number are taken in the order of their numbers.
  private mutating func chosen(_ choices: [[Candidate]], _ groups: [[Int]], _ scope: String) -> [Candidate]? {
    var open = choices
    var result = [Candidate?](repeating: nil, count: open.count)
    func take(_ candidate: Candidate, for group: Int) {
      result[group] = candidate
      for other in open.indices { open[other].removeAll { !$0.tensors.isDisjoint(with: candidate.tensors) } }
    }
    while let group = open.indices.first(where: { result[$0] == nil && open[$0].count == 1 }) {
      take(open[group][0], for: group)
    }
    for group in open.indices where result[group] == nil {
      let same = open.indices.filter { result[$0] == nil && open[$0] == open[group] }
      let ordered = open[group].sorted { number(in: $0.prefix) < number(in: $1.prefix) }
      let stems = Set(ordered.map { $0.prefix.filter { !$0.isNumber } })
      guard same.count == ordered.count, stems.count == 1 else {
        let names = ordered.map { String($0.prefix.dropLast()) }.sorted().joined(separator: " and ")
        let layer = join(scope, "layer\(groups[group][0])")
        _ = report(
          layer,
          names.isEmpty ? "another layer has its module in the file" : "\(names) have its shapes; name the modules")
        return nil
      }
      for (group, candidate) in zip(same, ordered) { take(candidate, for: group) }
    }
    return result.compactMap(\.self)
  }

  /// The number in a name, for an order; −1 without one.
  private func number(in name: String) -> Int { Int(name.filter(\.isNumber).prefix(15)) ?? -1 }

  private mutating func reportMissing(
    _ layer: any RecurrentCell, _ features: Int, _ scope: String, _ module: Place
  ) {
    var attempt = WeightMapBuilder(convention: convention, hasBiases: hasBiases, file: file)
    var place = module
    place.isNamed = true
    guard attempt.add(layer, features: features, scope: scope, module: place) != nil else {
      problems += attempt.problems
      return
    }
    let shapes = attempt.map.tensorShapes.sorted { $0.key < $1.key }.prefix(2).map { name, shape in
      "\(name.dropFirst(module.prefix.count)) \(shape)"
    }
    _ = report(scope, "no module in the file fits; it would have \(shapes.joined(separator: " and "))")
  }
}

extension WeightFile {
  /// Whether the file has tensors with these names and shapes.
  func has(_ expected: [String: [Int]]) -> Bool {
    expected.allSatisfy { name, shape in shapes[name] == shape }
  }
}
