/// How a graph is drawn.
public struct DrawingOptions: Hashable, Sendable {
  /// The largest number of boxes that are drawn. A larger picture would be unreadable and is replaced by a sentence.
  public var maximumNodes: Int
  /// Whether each box shows the axes and features of its value, as `[t, b, 16]`.
  public var showsTypes: Bool
  /// Whether a parameter is written into the operation that uses it, as `· W` and `+ b`, instead of drawn as a box.
  public var inlinesParameters: Bool

  /// Options; by default everything is shown, of up to 400 boxes.
  public init(maximumNodes: Int = 400, showsTypes: Bool = true, inlinesParameters: Bool = true) {
    self.maximumNodes = maximumNodes
    self.showsTypes = showsTypes
    self.inlinesParameters = inlinesParameters
  }
}
