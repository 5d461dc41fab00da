package import EbbGraph

/// A step of planning, whose result can be inspected: `ebb graph --emit kernels`.
package enum PlanningStep: String, CaseIterable, Sendable {
  /// Which kernel computes each node.
  case kernels
  /// Which stage of a run computes it, and in which phase.
  case stages
  /// The same after cheap work has sunk to its readers, with backward sweeps accumulating running sums.
  case sinking
  /// Where the panels of its features begin.
  case layouts
  /// In which order, and with which others in one program.
  case schedules
  /// Where its numbers lie.
  case storage

  /// The decisions of the step for a verified graph, as readable text.
  package func text(_ graph: Graph) -> String {
    let kernels = KernelSelection(graph)
    let text = PlanningText(kernels)
    if self == .kernels { return text.selection }
    let placed = Placement(kernels)
    if self == .stages { return text.stages(placed) }
    let sunk = placed.sinking().joiningMatrices().keepingRunningSums()
    if self == .sinking { return text.stages(sunk) }
    let layouts = Layouts(sunk)
    if self == .layouts { return text.layouts(layouts) }
    let schedules = Schedules(sunk, layouts)
    if self == .schedules { return text.schedules(schedules) }
    return text.storage(Storage(schedules))
  }
}

/// The lines of each step.
private struct PlanningText {
  private let kernels: KernelSelection
  private var graph: Graph { kernels.graph }
  /// A plan without stages, for its names.
  private let names: Plan

  init(_ kernels: KernelSelection) {
    self.kernels = kernels
    let nowhere = View(value: 0, features: FeatureLayout(pieces: [1]))
    names = Plan(graph: kernels.graph, stages: [], values: [], weights: [], view: { _ in nowhere })
  }

  private func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
  private func list(_ nodes: [NodeID]) -> String { nodes.map { names.name($0) }.joined(separator: ", ") }

  /// `%5 y = tanh: elementwise, 32 bits {t, b} × 16`
  var selection: String {
    text(
      graph.nodes.map { node in
        let name = "\(names.name(node)) = \(graph.operation(node).keyword): "
        guard kernels.isLive(node) else { return name + "nothing needs it" }
        let source = kernels.canonical(node)
        guard source == node else { return name + "the numbers of \(names.name(source))" }
        return name + "\(word(kernels[node])), \(names.text(kernels.storage(node))) "
          + "\(names.text(kernels.domain(node))) × \(kernels.features(node))"
      })
  }

  private func word(_ kind: KernelKind) -> String {
    switch kind {
    case .leaf: "given"
    case .constant(let number): "the number \(number)"
    case .view: "a view"
    case .elementwise: "elementwise"
    case .shift: "a shifted view with a boundary"
    case .join: "a join"
    case .assembled: "parts, never built"
    case .build: "parts, built"
    case .product(let product): "a product of the rows of \(names.name(product.rows)) and \(names.name(product.matrix))"
    case .outer: "a sum of outer products"
    case .reduceRows(let reduction): "\(reduction) over features"
    case .sumColumns: "a sum over all indices"
    case .strided: "a kernel on any strides"
    case .general: "row by row, or one number at a time"
    }
  }

  func stages(_ placement: Placement) -> String {
    var members = placement.stages.list.map { _ in [Phase: [NodeID]]() }
    for node in kernels.computed { members[placement.stage(node)][placement.phase(node), default: []].append(node) }
    var lines: [String] = []
    for (index, entry) in placement.stages.list.enumerated() where !members[index].isEmpty {
      lines.append(heading(index, entry))
      lines += members[index].sorted { $0.key < $1.key }.map { "  phase \($0.key.number): \(list($0.value))" }
    }
    lines += placement.fused.sumOf.sorted { $0.key < $1.key }.map {
      "\(names.name($0.key)) is computed with \(names.name($0.value))"
    }
    lines += placement.runningSums.sorted { $0.key < $1.key }.map {
      "\(names.name($0.key)) is kept as a running sum of \(names.name($0.value))"
    }
    return text(lines)
  }

  private func heading(_ index: Int, _ entry: Stages.Entry) -> String {
    "stage \(index), level \(entry.level): \(names.heading(entry.sweep))"
  }

  /// `%5 y: 16 + 16`
  func layouts(_ layouts: Layouts) -> String {
    text(
      kernels.computed.filter { kernels.hasRows($0) && kernels.features($0) > 1 }
        .map { "\(names.name($0)): \(names.text(layouts.layout($0)))" })
  }

  func schedules(_ schedules: Schedules) -> String {
    var lines: [String] = []
    for (index, schedule) in schedules.ofStage.enumerated() where !schedule.items.isEmpty {
      lines.append(heading(index, schedules.placement.stages.list[index]))
      for item in schedule.items {
        switch item {
        case .single(let node): lines.append("  \(names.name(node)): \(word(kernels[node]))")
        case .group(let nodes): lines.append("  program of \(list(nodes))")
        }
      }
    }
    lines += schedules.factorsOf.sorted { $0.key < $1.key }.map {
      "\(names.name($0.key)) takes the factors \(names.name($0.value.0)) and \(names.name($0.value.1))"
    }
    return text(lines)
  }

  func storage(_ storage: Storage) -> String {
    let plan = Plan(graph: graph, stages: [], values: storage.values, weights: [], view: { storage.view($0) })
    return text(plan.values.indices.map { plan.text(value: $0) } + storage.allViews.map { plan.text(view: $0) })
  }
}
