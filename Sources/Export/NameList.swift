/// Names that are each given once: the user's, or with a number where they are taken.
struct NameList {
  private var taken: Set<String> = []
  private var counts: [String: Int] = [:]

  /// Whether the name is free; it is then taken.
  mutating func claim(_ name: String) -> Bool { taken.insert(name).inserted }

  /// Makes a name free again.
  mutating func release(_ name: String) { taken.remove(name) }

  /// This name, or the first of `name_1`, `name_2`, … that is free.
  mutating func unique(_ name: String) -> String {
    if claim(name) { return name }
    var number = counts[name] ?? 1
    while !claim("\(name)_\(number)") { number += 1 }
    counts[name] = number + 1
    return "\(name)_\(number)"
  }
}
