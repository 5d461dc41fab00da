/// A graph before and after one pass.
struct PassSample: Sendable {
  var pass: String
  var before: String
  var after: String

  static let all = cleaning + sums + fusing + matrices
}
