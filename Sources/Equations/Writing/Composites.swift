internal import EbbGraph
internal import EbbRecording
internal import EbbTensors

/// Functions that are recorded as several operations and that equations write as one: LN, softmax.
///
/// A template is the function recorded of an input; a value matches it if it unfolds to the same operations of some other
/// value.
struct Composites {
  private struct Template {
    var function: NamedFunction
    var graph: Graph
    var input: NodeID
    var output: NodeID
    var shape: Shape
  }

  private var templates: [Template] = []
  let past: WrittenPast?

  /// The templates for vectors and matrices of these shapes, and what is written of the past.
  init(element: ElementType, shapes: Set<Shape>, past: WrittenPast?) {
    self.past = past
    for function in [NamedFunction.layerNorm, .softmax, .cumprod] {
      for shape in shapes where function != .cumprod || shape.rank == 1 {
        let recording = try? Recording(element: element) { scope in
          let batch = scope.batch("b")
          scope.output("y", function.applied(to: scope.input("x", shape.array, over: [batch])))
        }
        guard let graph = recording?.graph, let input = graph.node(named: "x"), let output = graph.output(named: "y")
        else { continue }
        templates.append(Template(function: function, graph: graph, input: input, output: output, shape: shape))
      }
    }
  }

  /// The function whose value the node is, and its argument.
  func match(_ node: NodeID, in graph: Graph) -> (NamedFunction, NodeID)? {
    if let (function, argument, _) = past?.match(node, in: graph) { return (function, argument) }
    for template in templates where graph.type(node).shape == template.shape {
      var argument: NodeID?
      if matches(template.output, template, node, graph, &argument), let argument {
        return (template.function, argument)
      }
    }
    return nil
  }

  /// What a value's function is applied to, if it is written as one: what that consists of is not.
  func argument(of node: NodeID, in graph: Graph) -> NodeID? {
    match(node, in: graph)?.1 ?? graph.declaredFunction(node)?.argument
  }

  private func matches(
    _ pattern: NodeID, _ template: Template, _ node: NodeID, _ graph: Graph, _ argument: inout NodeID?
  ) -> Bool {
    if pattern == template.input {
      if let known = argument { return known == node }
      argument = node
      return true
    }
    guard template.graph.operation(pattern).isIdentical(to: graph.operation(node)),
      graph.type(node).shape == template.graph.type(pattern).shape
    else { return false }
    guard template.graph.operands(pattern).count == graph.operands(node).count else { return false }
    return zip(template.graph.operands(pattern), graph.operands(node)).allSatisfy {
      matches($0, template, $1, graph, &argument)
    }
  }
}
