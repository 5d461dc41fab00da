public import EbbGraph
public import EbbTensors

/// A well-formed random graph with values to run it on: the same for the same seed and options.
///
/// Its values stay of the order of one. Numbers given outside a ragged index set are NaN, since none may be read.
public struct RandomGraph: Sendable, CustomStringConvertible {
  public struct Options: Sendable {
    /// The element type of all parameters and float inputs.
    public var element = ElementType.float64
    /// Time axes whose lengths differ from row to row.
    public var allowsRagged = true
    /// Rows of these that have no step at all, in graphs that take no step of each row.
    public var allowsEmptyRows = false
    /// `stopGradient`, `clipGradient` and truncated delays, whose adjoints are not those of their values.
    public var allowsGradientCuts = true
    /// `stopGradient` and declared gradients among them. They hold in every derivative, which no difference knows.
    public var allowsStops = true
    /// Functions of floats that are not smooth: relu, absolute, max, floor, comparisons, argmax, conversions to Int32.
    public var allowsKinks = true
    /// Functions of matrices that are not parameters.
    public var allowsVaryingMatrices = true
    /// Random numbers drawn by the graph.
    public var allowsRandomNodes = true
    /// Recurrences; without them there are still delays of given values.
    public var allowsRecurrences = true
    /// Recurrences over two axes among them.
    public var allowsGrids = false
    /// Own pasts of values, as axes.
    public var allowsHistories = false
    /// How many recurrences follow one another.
    public var recurrences = 0...3
    /// How many recurrences run side by side after these, none of which reads another; what they compute is multiplied
    /// and summed over all indices.
    public var branches = 0...0
    /// How many operations are drawn before, between and after the recurrences, and inside each.
    public var operations = 5...12
    /// Whether most reductions of features are of a product that nothing else reads.
    public var reducesProducts = false
    /// How many rows are picked of values that all rows of a ragged axis share.
    public var sharedRows = 0...0

    public init() {}
  }

  public let seed: UInt64
  public let graph: Graph
  /// Values for all parameters and inputs.
  public let bindings: Bindings
  /// A scalar to which every float of the graph contributes: the output `loss`. The other outputs are `result0`, ….
  public let loss: NodeID
  /// The parameters, each a float.
  public let parameters: [NodeID]
  /// The float inputs.
  public let inputs: [NodeID]

  public static func make(seed: UInt64, options: Options = Options()) -> RandomGraph {
    guard options.allowsEmptyRows else { return grown(seed, seed, options) }
    // What takes a step of each row is refused with its reason, so another one is grown; most are not refused. A few more
    // are tried for one that has such a row.
    var other: RandomGraph?
    for attempt in 0..<200 {
      let sample = grown(seed &+ UInt64(attempt) << 32, seed, options)
      guard (try? sample.graph.lengths(for: sample.bindings)) != nil else { continue }
      if sample.hasEmptyRow { return sample }
      other = other ?? sample
      if attempt >= 8, let other { return other }
    }
    preconditionFailure("no graph of seed \(seed) takes rows without a step")
  }

  /// Whether a row of a ragged axis has no step.
  public var hasEmptyRow: Bool {
    graph.axes.contains { axis in
      axis.lengths.flatMap { graph.name($0) }.flatMap { bindings.values[$0] }?.doubles.contains(0) == true
    }
  }

  private static func grown(_ start: UInt64, _ seed: UInt64, _ options: Options) -> RandomGraph {
    var grower = Grower(seed: start, options: options)
    grower.declareAxes()
    grower.declareInputs()
    grower.grow()
    let recurrences = options.allowsRecurrences ? grower.random.integer(in: options.recurrences) : 0
    for _ in 0..<recurrences {
      grower.appendRecurrence()
      grower.grow()
    }
    if options.sharedRows.upperBound > 0 {
      for _ in 0..<grower.random.integer(in: options.sharedRows) { grower.appendRowOfShared() }
    }
    if options.branches.upperBound > 0 { grower.appendBranches(grower.random.integer(in: options.branches)) }
    let loss = grower.appendLoss()
    grower.chooseOutputs()
    return RandomGraph(
      seed: seed, graph: grower.graph, bindings: grower.bindings, loss: loss, parameters: grower.parameters,
      inputs: grower.inputs)
  }

  /// The axes with their lengths and the equations: what to print when a seed fails.
  public var description: String {
    let lengths = (try? graph.lengths(for: bindings)) ?? []
    let axes = zip(graph.axes, lengths).map { axis, length in
      "\(axis.name): \(axis.kind), length \(length)" + (axis.length == nil ? "" : " (fixed)")
        + (axis.lengths.map { ", rows \(bindings.values[graph.name($0) ?? ""]?.doubles ?? [])" } ?? "")
    }
    return "random graph of seed \(seed)\n" + (axes + [graph.description]).joined(separator: "\n")
  }
}
