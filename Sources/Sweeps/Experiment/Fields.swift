internal import EbbMarkup

/// The fields of an object in an experiment's file, with errors that name the field.
struct Fields {
  private let members: [(key: String, value: JSONValue)]
  private let place: String
  private let isTop: Bool

  init(_ json: JSONValue, _ place: String, isTop: Bool = true) throws(SweepError) {
    guard case .object(let object) = json else { throw SweepError(place, "an object in braces is expected") }
    // Null is as good as no field.
    members = object.members.filter { !$0.key.hasPrefix("//") && $0.value != .null }
    (self.place, self.isTop) = (place, isTop)
  }

  private func place(_ key: String) -> String { place + (isTop ? ": " : ".") + key }

  func error(_ key: String, _ reason: String) -> SweepError { SweepError(place(key), reason) }

  func missing(_ key: String, _ meaning: String) -> SweepError { error(key, "is missing: \(meaning)") }

  /// Throws if there is a field that nobody reads.
  func end(_ known: [String]) throws(SweepError) {
    guard let other = members.first(where: { !known.contains($0.key) }) else { return }
    throw SweepError(place, "there is no field \"\(other.key)\"; the fields are \(known.joined(separator: ", "))")
  }

  private subscript(key: String) -> JSONValue? {
    members.first { $0.key == key }?.value
  }

  func text(_ key: String) throws(SweepError) -> String? {
    guard let value = self[key] else { return nil }
    guard case .string(let text) = value, !text.isEmpty else { throw error(key, "a text is expected") }
    return text
  }

  func flag(_ key: String) throws(SweepError) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let flag = value.bool else { throw error(key, "true or false is expected") }
    return flag
  }

  func texts(_ key: String) throws(SweepError) -> [String] {
    guard let value = self[key] else { return [] }
    let texts = value.array?.compactMap(\.string) ?? []
    guard !texts.isEmpty, texts.count == value.array?.count else { throw error(key, "a list of texts is expected") }
    return texts
  }

  func count(_ key: String, _ range: ClosedRange<Int>) throws(SweepError) -> Int? {
    guard let value = self[key] else { return nil }
    guard let count = value.integer, range.contains(count) else {
      throw error(key, "a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
    }
    return count
  }

  func counts(_ key: String) throws(SweepError) -> [Int] {
    let counts = self[key]?.array?.compactMap(\.integer) ?? []
    guard !counts.isEmpty, counts.count == self[key]?.array?.count, counts.allSatisfy({ $0 > 0 }) else {
      throw error(key, "a list of whole numbers above 0 is expected")
    }
    return counts
  }

  func fields(_ key: String) throws(SweepError) -> Fields? {
    guard let value = self[key] else { return nil }
    return try Fields(value, place(key), isTop: false)
  }

  /// A number of seeds, which are then 1, 2, …, or a list of them.
  func seeds(_ key: String) throws(SweepError) -> [UInt64] {
    let wrong = error(key, "a number of seeds, or a list of different whole numbers of at least 0, is expected")
    switch self[key] {
    case nil: return [1]
    case .integer(let count) where count > 0 && count <= Experiment.taskLimit: return (1...count).map { UInt64($0) }
    case .array(let values):
      let seeds = values.compactMap { $0.integer.flatMap { UInt64(exactly: $0) } }
      guard !seeds.isEmpty, seeds.count == values.count, Set(seeds).count == seeds.count else { throw wrong }
      return seeds
    case .some: throw wrong
    }
  }

  // MARK: Values of options

  func values() throws(SweepError) -> [Experiment.Named<SettingValue>] {
    try members.map { member throws(SweepError) in
      guard let value = SettingValue(member.value) else {
        throw error(member.key, "one value is expected; several belong in \"grid\" or \"draw\"")
      }
      return .init(member.key, value)
    }
  }

  /// Lists, and ranges with a number of values.
  func lists() throws(SweepError) -> [Experiment.Named<[SettingValue]>] {
    try members.map { member throws(SweepError) in
      switch try choice(member, known: ["from", "to", "scale", "whole", "count"]) {
      case .list(let values): return .init(member.key, values)
      case .range(let range):
        let fields = try Fields(member.value, place(member.key), isTop: false)
        guard let count = try fields.count("count", 2...Experiment.taskLimit) else {
          throw fields.missing("count", "how many values between the ends")
        }
        // Short on a command line and in tables; the ends are what was written.
        let values = (0..<count).map { place in
          SettingValue.number(
            range.value(at: Double(place) / Double(count - 1), digits: (1..<count - 1).contains(place) ? 6 : 12))
        }
        guard Set(values).count == count else {
          throw fields.error("count", "there are no \(count) different whole numbers in the range")
        }
        return .init(member.key, values)
      }
    }
  }

  func choices() throws(SweepError) -> [Experiment.Named<SettingChoice>] {
    guard !members.isEmpty else { throw SweepError(place, "no option is drawn") }
    return try members.map { member throws(SweepError) in
      .init(member.key, try choice(member, known: ["from", "to", "scale", "whole"]))
    }
  }

  private func choice(
    _ member: (key: String, value: JSONValue), known: [String]
  ) throws(SweepError) -> SettingChoice {
    switch member.value {
    case .array(let elements):
      let values = elements.compactMap(SettingValue.init)
      guard !values.isEmpty else { throw error(member.key, "the list is empty; at least one value is needed") }
      guard values.count == elements.count else {
        throw error(member.key, "numbers, texts or true and false are expected")
      }
      guard Set(values).count == values.count else { throw error(member.key, "a value is there twice") }
      return .list(values)
    case .object:
      let fields = try Fields(member.value, place(member.key), isTop: false)
      try fields.end(known)
      return .range(try fields.range())
    case .null, .bool, .integer, .number, .string:
      throw error(member.key, "a list, or a range such as {\"from\": 8, \"to\": 64}, is expected")
    }
  }

  private func range() throws(SweepError) -> SettingRange {
    guard let low = self["from"]?.double, let high = self["to"]?.double, low < high, low.isFinite, high.isFinite else {
      throw SweepError(place, "a range has two numbers \"from\" and \"to\", the second one larger")
    }
    let scale = try text("scale") ?? "linear"
    guard ["linear", "log"].contains(scale) else { throw error("scale", "\"linear\" or \"log\", not \"\(scale)\"") }
    guard scale == "linear" || low > 0 else { throw error("from", "a logarithmic range begins above 0") }
    let isWhole = try flag("whole") ?? false
    return SettingRange(bounds: low...high, isLogarithmic: scale == "log", isWhole: isWhole)
  }
}
