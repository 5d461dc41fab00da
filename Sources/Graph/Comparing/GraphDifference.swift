/// One difference between two graphs: where it is, and how each graph has it.
public struct GraphDifference: Error, Hashable, Sendable {
  /// The place: `the parameter recurrent.weight`, or the name of a value whose equations differ.
  public var what: String
  /// The left graph's side of it; nil if it has none.
  public var left: String?
  /// The right graph's side of it; nil if it has none.
  public var right: String?

  /// A difference in `what`, as each graph has it.
  public init(_ what: String, left: String?, right: String?) {
    (self.what, self.left, self.right) = (what, left, right)
  }

  /// A sentence that calls the two graphs by these names, such as `the file` and `this program`: `the parameter
  /// recurrent.weight is f32 [4, 2] in the file and f32 [5, 3] in this program`.
  public func text(_ first: String, _ second: String) -> String {
    "\(what) is \(left ?? "missing") in \(first) and \(right ?? "missing") in \(second)"
  }
}
