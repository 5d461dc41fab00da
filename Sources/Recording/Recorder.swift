internal import EbbGraph
internal import EbbTensors

/// Builds the graph while cells run, and collects problems instead of throwing them.
///
/// A class without `Sendable`, so that a recording stays on the task that began it.
final class Recorder {
  /// The element type of states and parameters.
  let element: ElementType
  var graph = Graph()
  var problems: [RecordingProblem] = []

  var parameters: [ParameterDescription] = []
  var parametersByName: [String: Int] = [:]
  /// The positions of the buffers among the parameters, by their nodes.
  var buffers: [NodeID: Int] = [:]
  /// The products whose weights take default initialisers, which depend on the cycles that the recording closes later.
  var undecidedWeights: [UndecidedWeight] = []
  /// The literals by their numbers, so that equal ones are one node.
  var literals: [LiteralKey: NodeID] = [:]
  var inputs: [NamedNode] = []
  var intermediates: [NamedNode] = []
  /// In the order in which they began; nil while one is being recorded, or if its output could not be.
  var layers: [LayerDescription?] = []
  /// The nesting depth of the cells that are being recorded.
  var layerDepth = 0
  /// The nodes that losses interpret as probabilities.
  var probabilities: [NodeID] = []
  var states: [StateRecord] = []
  var stateOfNode: [NodeID: Int] = [:]
  /// The number of states when the last masked cell with states had been run.
  var statesOfRunCells = 0
  /// The states with an initial value given by name that are not declared yet.
  var awaitedStates: [String: CallSite] = [:]
  /// Every name in the graph, with the place where it was given.
  private var placesOfNames: [String: CallSite] = [:]
  /// For each axis the number of steps after which the adjoint is cut.
  var truncations: [Axis: Int] = [:]
  /// For each axis over the past, the time axis whose steps it has, and whether they lie after the present one.
  var pasts: [Axis: SweepDirection] = [:]
  /// For each axis over the past, the values that are 0 where it has no steps.
  var absentAsZero: [Axis: Set<NodeID>] = [:]
  var streams: UInt32 = 0
  /// The difference between training and evaluation; nil if there is none.
  var modes: Modes?

  /// The scopes of the cells that are being recorded, the innermost last.
  private(set) var frames = [Frame(path: "", cell: "Recording")]
  /// The call that was noted last.
  private(set) var site: CallSite
  private var sites: [CallSite] = []
  private var siteOfNode: [Int] = []
  private var siteOfAxis: [Axis: CallSite] = [:]
  private var domainsAreSettled = true

  struct Frame {
    var path: String
    var cell: String
    var callers: [CallSite.Caller] = []
    var description: String { path.isEmpty ? cell : "\(cell) (\(path))" }
  }

  struct StateRecord {
    var name: String
    var previous: NodeID
    /// Where it is read along further axes.
    var neighbours: [NodeID] = []
    var initial: NodeID?
    var value: NodeID?
    /// Whether `next` was called, even with a value that could not be recorded.
    var isClosed = false
    /// Whether it only repeats a masked cell's output: no state of the cell, and nothing that another run starts from.
    var isHeldOutput = false
    var axis: Axis
    var direction: Direction
    var clip: GradientClip?
    /// Where the clip was requested.
    var clipped: CallSite
    var zoneout: Zoneout.Setting?
    var mask: Masked.Setting?
    var declared: CallSite
    var closed: CallSite?
  }

  struct LiteralKey: Hashable {
    var numbers: Literal
    var type: NodeType
  }

  struct UndecidedWeight {
    var parameter: Int
    var blocks: [(rows: Int, operand: NodeID)]
    var product: NodeID
  }

  init(element: ElementType, file: String, line: Int) {
    self.element = element
    site = CallSite(file: file, line: line, call: "Recording", cell: "Recording")
    sites = [site]
  }

  var isAnyStateOpen: Bool { states.contains { !$0.isClosed } }

  // MARK: Places

  /// Notes a call as the place of everything recorded after it.
  func note(_ call: String, _ file: String, _ line: Int) {
    let frame = frames[frames.count - 1]
    site = CallSite(file: file, line: line, call: call, cell: frame.description, callers: frame.callers)
    sites.append(site)
  }

  /// The nearest call when a node was recorded.
  func place(of node: NodeID) -> CallSite {
    node.index < siteOfNode.count ? sites[siteOfNode[node.index]] : site
  }

  /// Runs `body` with an earlier call as its place.
  func at<Result>(_ earlier: CallSite, _ body: () -> Result) -> Result {
    let own = site
    defer {
      site = own
      sites.append(own)
    }
    site = earlier
    sites.append(earlier)
    return body()
  }

  func noteAxis(_ axis: Axis) { siteOfAxis[axis] = site }

  /// All places, for the recording.
  var places: RecordedPlaces { RecordedPlaces(sites: sites, siteOfNode: siteOfNode, siteOfAxis: siteOfAxis) }

  /// Runs `body` inside a cell; afterwards the call that ran the cell is the nearest again.
  func inside<Result>(path: String, cell: String, _ body: () -> Result) -> Result {
    let outer = site
    frames.append(
      Frame(
        path: path, cell: cell,
        callers: [CallSite.Caller(call: outer.call, file: outer.file, line: outer.line)] + outer.callers))
    defer {
      frames.removeLast()
      note(outer.call, outer.file, outer.line)
    }
    return body()
  }

  // MARK: Equations

  func signal(_ node: NodeID?) -> Signal { Signal(recorder: self, node: node) }

  /// Appends a leaf and places it.
  func leaf(_ operation: Operation, _ type: NodeType, name: String? = nil) -> NodeID {
    placed(graph.appendLeaf(operation, type, name: name))
  }

  /// Appends an equation, or collects a problem if the operands do not fit. A signal without a node is ignored: its
  /// problem is already known.
  func record(_ operation: Operation, _ operands: [Signal]) -> Signal {
    guard let nodes = nodes(of: operands, in: operation.keyword) else { return signal(nil) }
    do {
      return signal(placed(try graph.tryAppend(operation, nodes)))
    } catch {
      report(error.message, operands: nodes)
      return signal(nil)
    }
  }

  /// The operands' nodes; nil if one is missing or belongs to another recording.
  func nodes(of operands: [Signal], in what: String) -> [NodeID]? {
    guard operands.allSatisfy({ $0.recorder === self }) else {
      report("\(what): an operand belongs to another recording; record both in one")
      return nil
    }
    let nodes = operands.compactMap(\.node)
    return nodes.count == operands.count ? nodes : nil
  }

  /// Appends a delay or an advance that is closed later; nil, with a problem, if its boundary does not fit.
  func open(_ operation: Operation, boundary: NodeID) -> NodeID? {
    do {
      return placed(try graph.appendOpen(operation, boundary: boundary))
    } catch {
      report(error.message, operands: [boundary])
      return nil
    }
  }

  /// Gives a state its next value.
  func close(_ shift: NodeID, with value: NodeID) {
    domainsAreSettled = false
    do {
      try graph.close(shift, with: value)
    } catch {
      report(error.message, operands: [value])
    }
  }

  /// A node that can take a name: the node itself, or a copy of its value if it has a name already.
  func nameable(_ node: NodeID) -> NodeID {
    guard graph.name(node) != nil || graph.operation(node).isGiven else { return node }
    return placed(graph.append(.reshape(graph.type(node).shape), [node]))
  }

  /// Gives nodes that were appended the nearest call as their place.
  func placed(_ node: NodeID) -> NodeID {
    while siteOfNode.count < graph.count { siteOfNode.append(sites.count - 1) }
    return node
  }

  // MARK: Names

  /// Reserves a name for a node; false, with a problem, if it is taken or not a valid name.
  func claim(_ name: String) -> Bool {
    let isName =
      !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == "." }
    guard isName else {
      report("\"\(name)\" cannot be a name; letters, digits, '_', '-' and '.' can be in one")
      return false
    }
    if let other = placesOfNames[name] {
      report(
        "the name \(name) is already that of \(other.call) at \(other.place); run each cell under a name of its own: "
          + "scope.run(cell, x, named: \"layer1\")")
      return false
    }
    placesOfNames[name] = site
    return true
  }

  // MARK: Domains

  /// Whether all states are closed, so that every signal's axes are known; infers them if necessary.
  func settleDomains() -> Bool {
    if isAnyStateOpen { return false }
    if !domainsAreSettled {
      do {
        try graph.inferDomains()
        domainsAreSettled = true
      } catch {
        return false
      }
    }
    return true
  }
}
