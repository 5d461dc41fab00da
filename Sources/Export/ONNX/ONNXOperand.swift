internal import EbbGraph
internal import EbbInterchange
internal import EbbTensors

/// A tensor of the model, as one that a graph's value became: its dimensions are those of the axes that it has, in the
/// order of their declaration, then its features.
///
/// It may lack axes of the value: it is then the same along them, and operators broadcast it.
struct ONNXOperand: Hashable {
  var name: String
  var element: ONNXElement
  var axes: Domain
  var shape: [Int]
  /// Whether it is a value of one step, inside the body of a `Scan`.
  var isStep = false

  /// The number of its dimensions.
  var rank: Int { axes.count + shape.count }

  /// The position of an axis among its dimensions.
  func position(of axis: Axis) -> Int { axes.prefix { $0 < axis }.count }

  /// The same with other features, axes or numbers.
  func with(name: String, element: ONNXElement? = nil, axes: Domain? = nil, shape: [Int]? = nil) -> ONNXOperand {
    ONNXOperand(
      name: name, element: element ?? self.element, axes: axes ?? self.axes, shape: shape ?? self.shape,
      isStep: isStep)
  }
}

/// The body of a `Scan` in progress: one step of a recurrence.
struct ONNXStep {
  /// The axis that is run along; values of a step lack it.
  let axis: Axis
  var nodes: [ONNXNode] = []
  /// Each value outside that is read step by step, and its name inside.
  var sequences: [(outside: ONNXOperand, inside: ONNXOperand)] = []

  init(along axis: Axis) { self.axis = axis }
}
