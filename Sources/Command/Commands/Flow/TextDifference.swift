internal import Foundation

/// The difference between two texts, in a few words.
enum TextDifference {
  /// `line 3: h_t = …` for one changed line, `lines 3–5: …` with the first of several; empty for equal texts.
  static func summary(from old: String, to new: String) -> String {
    let (old, new) = (lines(old), lines(new))
    guard old != new else { return "" }
    let start = zip(old, new).prefix { $0 == $1 }.count
    let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
    let (removed, added) = (old[start..<(old.count - end)], new[start..<(new.count - end)])
    func name(_ count: Int) -> String { count == 1 ? "line \(start + 1)" : "lines \(start + 1)–\(start + count)" }
    guard let first = added.first(where: { !$0.isEmpty }) else {
      return added.isEmpty ? "\(name(removed.count)) removed" : "\(name(added.count)) blank"
    }
    return "\(name(added.count)): \(first)" + (added.count > 1 ? " …" : "")
  }

  private static func lines(_ text: String) -> [String] {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}
