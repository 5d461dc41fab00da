/// Suggestions for mistyped words.
public enum Spelling {
  /// The words nearest to the typed one, at most three; none if all are far from it.
  ///
  /// Near is an edit distance of at most a third of the typed letters, and of one in any case. If none is so near,
  /// words that contain the typed one, or are contained in it, count. Case is ignored.
  public static func suggestions(for typed: String, among words: [String]) -> [String] {
    let letters = Array(typed.lowercased())
    guard !letters.isEmpty else { return [] }
    let distances = words.map { (word: $0, distance: distance(letters, Array($0.lowercased()))) }
    let nearest = distances.map(\.distance).min() ?? .max
    if nearest <= max(1, letters.count / 3) {
      return distances.filter { $0.distance == nearest }.prefix(3).map(\.word)
    }
    guard letters.count >= 3 else { return [] }
    func holds(_ long: String, _ short: String) -> Bool { short.count >= 3 && long.contains(short) }
    return words.filter { holds($0.lowercased(), typed.lowercased()) || holds(typed.lowercased(), $0.lowercased()) }
      .prefix(3).map { $0 }
  }

  /// A line with suggestions, to append to a message; empty if nothing is near.
  ///
  /// - Parameters:
  ///   - typed: The unknown word, as it was typed.
  ///   - words: All words that would be right.
  ///   - prefix: The prefix of each suggestion, such as the dashes of an option.
  public static func question(_ typed: String, among words: [String], prefix: String = "") -> String {
    let near = suggestions(for: typed, among: words).map { prefix + $0 }
    guard let last = near.last else { return "" }
    return "\nDid you mean \(near.count > 1 ? near.dropLast().joined(separator: ", ") + " or " : "")\(last)?"
  }

  /// The number of insertions, deletions, replacements and swaps of adjacent letters that turn `a` into `b`: the
  /// optimal string alignment distance (Damerau 1964).
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    // Rows of d(i, j), the distance of the first i letters of a and the first j of b: those of i − 2, i − 1 and i.
    var (before, last) = ([Int](), Array(0...b.count))
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      (before, last) = (last, row)
    }
    return last[b.count]
  }
}
