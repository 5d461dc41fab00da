/// One thing in which two graphs differ: what it is, and how each of them has it.
public struct GraphDifference: Error, Hashable, Sendable {
  /// As `the parameter recurrent.weight`, or the name of a value whose equations differ.
  public var what: String
  /// What the graph that was asked has; nil if it has none.
  public var left: String?
  /// What the other one has.
  public var right: String?

  /// A difference in `what`, as each graph has it.
  public init(_ what: String, left: String?, right: String?) {
    (self.what, self.left, self.right) = (what, left, right)
  }

  /// A sentence that calls the two graphs by these names, as `the file` and `this program`:
  /// `the parameter recurrent.weight is f32 [4, 2] in the file and f32 [5, 3] in this program`.
  public func text(_ first: String, _ second: String) -> String {
    "\(what) is \(left ?? "missing") in \(first) and \(right ?? "missing") in \(second)"
  }
}
