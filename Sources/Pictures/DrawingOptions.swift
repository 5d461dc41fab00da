/// How a graph is drawn.
public struct DrawingOptions: Hashable, Sendable {
  /// Above this number of drawn boxes the picture is a sentence that says so: it could not be read.
  public var maximumNodes: Int
  /// Whether each box shows the axes and features of its value, as `[t, b, 16]`.
  public var showsTypes: Bool
  /// Whether a parameter is written into the operation that uses it, as `· W` and `+ b`, rather than drawn as a box.
  public var inlinesParameters: Bool

  /// Options; by default everything is shown, of up to 400 boxes.
  public init(maximumNodes: Int = 400, showsTypes: Bool = true, inlinesParameters: Bool = true) {
    self.maximumNodes = maximumNodes
    self.showsTypes = showsTypes
    self.inlinesParameters = inlinesParameters
  }
}
