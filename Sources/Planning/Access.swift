public import EbbGraph

/// What an instruction does to a piece of memory: whether it writes it, and at which indices.
///
/// An instruction runs for some indices of its axes, a slice of rows or a segment of steps; unless said otherwise it
/// touches a value at those same indices.
public struct Access: Hashable, Sendable {
  public enum Place: Hashable, Sendable {
    /// A value of the plan.
    case value(Int)
    /// A packed weight matrix of the plan.
    case weights(Int)
  }

  public var place: Place
  public var isWrite: Bool
  /// Steps added to the index of the value's outermost axis.
  public var shift = 0
  /// An axis of which one index is read.
  public var fixed: View.FixedAxis?
  /// Axes of which any index may be touched.
  public var everywhere: Domain = .empty
  /// The places outside the outermost axis's indices, for the boundary of a delay (negative: that many before index 0)
  /// or of an advance (positive: that many after the last).
  public var boundary = 0
}

extension Plan {
  /// The values that the user gives: parameters and inputs.
  var givenValues: [Int] {
    views.compactMap { node, view in
      switch graph.operation(node) {
      case .parameter, .input: view.value
      case .constant, .axisIndex, .axisLength, .iota, .random, .unary, .binary, .compare, .select, .convert, .product,
        .transpose, .reshape, .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures,
        .argmaxFeatures, .reduceAxes, .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay,
        .advance, .stopGradient, .clipGradient:
        nil
      }
    }
  }

  /// Everything that an instruction reads or writes.
  public func accesses(of instruction: Instruction) -> [Access] {
    switch instruction {
    case .program(let program):
      return program.operands.flatMap { operand in
        (operand.reads ? access(operand.source) : []) + (operand.writes ? access(operand.source, isWrite: true) : [])
      }
    case .product(let node, let rows, let weights, let addend):
      return access(.node(node), isWrite: true) + access(rows) + (addend.map { access($0) } ?? [])
        + [Access(place: .weights(weights), isWrite: false)]
    case .outer(let node, let left, let right):
      return access(.node(node), isWrite: true) + access(left) + access(right)
    case .reduceRows(let node, let from, let factor, _):
      return access(.node(node), isWrite: true) + access(from) + (factor.map { access($0) } ?? [])
    case .sumColumns(let node, let from):
      return access(.node(node), isWrite: true) + access(from)
    case .pack(let index):
      return weights[index].pieces.map { Access(place: .value($0.value), isWrite: false) }
        + [Access(place: .weights(index), isWrite: true)]
    case .assemble(let node, let pieces):
      return pieces.map { Access(place: .value($0.value), isWrite: false) } + access(.node(node), isWrite: true)
    case .copy(let from, let to, _, _, let masked):
      return access(from) + access(.value(to), isWrite: true) + (masked ? lengths : [])
    case .boundary(let node):
      return boundary(node)
    case .general(let node):
      let mixed = graph.operation(node).mixedAxes
      return access(.node(node), isWrite: true) + lengths
        + graph.operands(node).flatMap { access(.node($0), everywhere: mixed) }
    }
  }

  private func access(_ source: Source, isWrite: Bool = false, everywhere: Domain = .empty) -> [Access] {
    switch source {
    case .constant:
      return []
    case .value(let index):
      return [Access(place: .value(index), isWrite: isWrite, everywhere: everywhere)]
    case .node(let node):
      guard let view = views[canonical[node.index]] else { return [] }
      return [
        Access(
          place: .value(view.value), isWrite: isWrite, shift: view.shift, fixed: view.fixed, everywhere: everywhere)
      ]
    }
  }

  /// A carrier's boundary values lie in the places before or after its value's steps; where rows end at steps of their
  /// own, an advance's lie among the steps.
  private func boundary(_ node: NodeID) -> [Access] {
    let carrier = graph.operation(node).carrier!
    let isRagged = graph.description(of: carrier.axis).lengths != nil
    let written = access(.node(node), isWrite: true).map { access in
      var access = access
      if carrier.isAdvance && isRagged {
        access.everywhere = [carrier.axis]
      } else {
        access.boundary = carrier.isAdvance ? carrier.by : -carrier.by
      }
      return access
    }
    return written + access(.node(graph.operand(node, 1))) + (isRagged ? lengths : [])
  }

  /// The lengths of ragged axes.
  private var lengths: [Access] { graph.axes.compactMap(\.lengths).flatMap { access(.node($0)) } }
}
