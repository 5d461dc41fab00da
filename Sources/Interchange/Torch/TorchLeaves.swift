internal import EbbFiles
internal import EbbMarkup

/// The tensors, numbers and texts of a pickle's value, by the ways that lead to them: `model.rnn.weight_ih_l0`.
struct TorchLeaves {
  /// More levels than any checkpoint has.
  static let maximumDepth = 64

  private(set) var tensors: [(name: String, tensor: TorchTensor)] = []
  private(set) var unread: [(name: String, tensor: UnreadTensor)] = []
  private(set) var arrays: [(name: String, array: PickledArray)] = []
  private(set) var texts: [String: String] = [:]
  /// What is no number, text or tensor: its way, and what it is.
  private(set) var others: [(name: String, kind: String)] = []
  /// The ways of the dicts that hold tensors alone under names, as a module's state does; not those of optimizers.
  private(set) var states: [String] = []
  /// Whether the root is a dict of tensors and of other things.
  private(set) var isMixed = false

  private let values: PickleValues
  private let source: String
  private var names: Set<String> = []
  /// The containers around the present one.
  private var open: Set<Int> = []
  /// Steps and characters that are left: what the memo repeats could otherwise be walked without end.
  private var budget: Int

  init(_ values: PickleValues, _ root: PickleValue, source: String) throws(FileError) {
    self.values = values
    self.source = source
    budget = 16 * values.bytes.count + 1_000_000
    try visit(root, "", depth: 0, isModel: true)
  }

  /// - Parameters:
  ///   - name: The way to the value.
  ///   - isModel: Whether a dict here can be a module's state.
  private mutating func visit(_ value: PickleValue, _ name: String, depth: Int, isModel: Bool) throws(FileError) {
    try pay(1 + name.utf8.count)
    switch value {
    case .none: break
    case .truth, .integer, .number, .text:
      if let text = plain(value, isQuoted: false) { try add(name, text) }
    case .bytes: others.append((name, "bytes"))
    case .long: others.append((name, "an integer beyond 64 bits"))
    case .object(let place):
      let object = values.objects[place]
      switch object.kind {
      case .tensor(let tensor):
        try claim(name)
        tensors.append((name, tensor))
      case .unread(let tensor):
        try claim(name)
        unread.append((name, tensor))
      case .array(let array?):
        try claim(name)
        arrays.append((name, array))
      case .array(nil): others.append((name, "an array of NumPy without numbers"))
      case .numpyType(let text): try add(name, text)
      case .data: others.append((name, "bytes"))
      case .name(let text):
        let word = text.hasPrefix("torch.") ? String(text.dropFirst("torch.".count)) : text
        if TorchType(rawValue: word) != nil { try add(name, text) } else { others.append((name, text)) }
      case .foreign(let text): others.append((name, text))
      case .storage: others.append((name, "a storage without a tensor"))
      case .list, .tuple, .set, .dict:
        guard depth < Self.maximumDepth else { throw failure(object, "lies \(depth) levels deep") }
        guard open.insert(place).inserted else { throw failure(object, "contains itself") }
        if case .dict = object.kind {
          try visitDict(object, name, depth, isModel)
        } else {
          try visitList(object, name, depth)
        }
        open.remove(place)
      }
    }
  }

  private mutating func visitList(_ list: PickleObject, _ name: String, _ depth: Int) throws(FileError) {
    // A list of numbers is one text.
    if let texts = try texts(list.items) { return try add(name, "[" + texts.joined(separator: ", ") + "]") }
    for (index, item) in list.items.enumerated() {
      try visit(item, join(name, String(index)), depth: depth + 1, isModel: false)
    }
  }

  /// The items as texts; nil if one is neither number nor text.
  private mutating func texts(_ items: [PickleValue]) throws(FileError) -> [String]? {
    // A text may be there many times, so all of them are counted before one is made.
    for case .text(let range) in items { try pay(range.count) }
    let texts = items.map { plain($0, isQuoted: true) }
    return texts.allSatisfy { $0 != nil } ? texts.compactMap(\.self) : nil
  }

  private mutating func pay(_ cost: Int) throws(FileError) {
    budget -= cost
    guard budget >= 0 else {
      throw FileError(source, "the pickle repeats its own parts so often that they would fill many times the file")
    }
  }

  private mutating func visitDict(
    _ dict: PickleObject, _ name: String, _ depth: Int, _ isModel: Bool
  ) throws(FileError) {
    var keys: [(key: String, value: PickleValue)] = []
    var seen: Set<String> = []
    for place in stride(from: 0, to: dict.items.count, by: 2) {
      guard let key = key(dict.items[place]) else {
        others.append((name, "an item under \(values.described(dict.items[place]))"))
        continue
      }
      try pay(key.utf8.count)
      guard seen.insert(key).inserted else { throw failure(dict, "has the key \"\(key)\" twice") }
      keys.append((key, dict.items[place + 1]))
    }
    // An optimizer has tensors under names for each parameter.
    let isModel = isModel && !seen.contains("param_groups") && !seen.contains("exp_avg")
    if depth == 0 { isMixed = keys.contains { isTensor($0.value) } }
    if isModel, !keys.isEmpty, keys.allSatisfy({ isTensor($0.value) }) { states.append(name) }
    for (key, value) in keys {
      // The parameters of an optimizer have numbers.
      try visit(value, join(name, key), depth: depth + 1, isModel: isModel && Int(key) == nil)
    }
  }

  private func isTensor(_ value: PickleValue) -> Bool {
    switch values.object(value)?.kind {
    case .tensor, .unread: true
    case .list, .tuple, .set, .dict, .name, .storage, .array, .numpyType, .data, .foreign, nil: false
    }
  }

  /// A key as a part of a name.
  private func key(_ value: PickleValue) -> String? { plain(value, isQuoted: false) }

  /// A number or text; nil for what is neither.
  private func plain(_ value: PickleValue, isQuoted: Bool) -> String? {
    switch value {
    case .none: isQuoted ? "null" : nil
    case .truth(let truth): "\(truth)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text: values.text(value).map { isQuoted ? jsonString($0) : $0 }
    case .bytes, .long, .object: nil
    }
  }

  private func join(_ name: String, _ part: String) -> String { name.isEmpty ? part : name + "." + part }

  private mutating func add(_ name: String, _ text: String) throws(FileError) {
    try pay(text.utf8.count)
    try claim(name)
    texts[name] = text
  }

  private mutating func claim(_ name: String) throws(FileError) {
    guard names.insert(name).inserted else { throw FileError(source, "the name \"\(name)\" is there twice") }
  }

  private func failure(_ object: PickleObject, _ message: String) -> FileError {
    FileError(source, "the pickle: what is made at byte \(object.position) \(message)")
  }
}
