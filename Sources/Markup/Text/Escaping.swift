extension StringProtocol {
  /// The text with some of its scalars replaced: those of a table, and those for which `other` has a replacement.
  package func writing(
    _ table: KeyValuePairs<Unicode.Scalar, String>, other: (Unicode.Scalar) -> String? = { _ in nil }
  ) -> String {
    writing { scalar in table.first { $0.key == scalar }?.value ?? other(scalar) }
  }

  /// The text with some of its scalars replaced.
  ///
  /// - Parameter replacement: the replacement of a scalar; nil keeps it.
  package func writing(_ replacement: (Unicode.Scalar) -> String?) -> String {
    var result = ""
    for scalar in unicodeScalars {
      if let text = replacement(scalar) { result += text } else { result.unicodeScalars.append(scalar) }
    }
    return result
  }

  /// The text without control characters, which would move the cursor or change the terminal's state.
  ///
  /// - Parameter kept: the control characters that stay.
  package func withoutControls(keeping kept: [Unicode.Scalar] = []) -> String {
    writing { $0.properties.generalCategory == .control && !kept.contains($0) ? "" : nil }
  }
}
