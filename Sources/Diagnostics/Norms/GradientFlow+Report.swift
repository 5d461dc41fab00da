internal import EbbExecution
internal import EbbGraph
public import EbbMarkup
public import EbbReport
internal import EbbTensors

extension GradientFlow {
  /// The norms over time on a logarithmic axis: a straight line is exponential decay.
  ///
  /// Direct gradients are drawn if they are nonzero at more than one step; for a loss at the last step they are not.
  /// Sequences of several lengths are aligned at their ends, if the gradient of every state flows back.
  public func chart(title: String = "Gradient magnitude through time") -> Chart {
    let lengths = lengths
    func series(_ name: String, _ curve: NormCurve, _ color: SeriesColor) -> ChartSeries {
      lengths == nil
        ? ChartSeries(name, curve.means, first: 1, color: color)
        : ChartSeries(name, curve.flow.reversed(), first: 1 - Double(curve.flow.count), color: color)
    }
    var drawn: [ChartSeries] = []
    for state in states {
      drawn.append(series("\(state.name), total", state.total, .of(state.name)))
      if let direct = state.direct, reachesBack(direct) {
        drawn.append(series("\(state.name), direct", direct, .of(state.name, shade: 1)))
      }
    }
    let events = Set(clips.map { $0.step - (lengths?[$0.sample] ?? 0) }).sorted().map(Double.init)
    return .line(
      LineChart(
        title, x: ChartAxis(lengths == nil ? "timestep t" : "timestep from the end of the sequence"),
        y: ChartAxis("‖dL/dhₜ‖", scale: .log10), series: drawn,
        events: events.isEmpty ? [] : [ChartEvents("clipped", at: events)]))
  }

  /// Whether the curves are drawn by the steps from the end of each sequence.
  package var isAlignedAtEnds: Bool { lengths != nil }

  /// The number of steps of each sample, where they differ and all gradients flow back from the ends.
  private var lengths: [Int]? {
    states.allSatisfy(\.total.flowsBackward) ? states.lazy.compactMap(\.total.lengths).first : nil
  }

  /// Whether a curve is nonzero at more than one step from its sequence's end.
  private func reachesBack(_ curve: NormCurve) -> Bool { curve.flow.filter { $0 > 0 }.count > 1 }

  /// One row for each state and each of total and direct.
  public func table(title: String = "") -> DataTable {
    let rows = states.flatMap { state in
      [(state.name, "total", state.total)] + (state.direct.map { [(state.name, "direct", $0)] } ?? [])
    }
    return DataTable(
      title,
      columns: [
        .text("state", rows.map(\.0)),
        .text("gradient", rows.map(\.1)),
        .numbers("at t = T", format: .significant(3), rows.map(\.2.flow.first)),
        .numbers("at t = 1", format: .significant(3), rows.map(\.2.flow.last)),
        .numbers("factor a step", format: .significant(4), rows.map(\.2.decay?.factor)),
        DataTable.Column(
          "below 1% after",
          cells: rows.map { row in
            row.2.stepsBack().map { .text($0 == 1 ? "1 step" : "\($0) steps") } ?? .text(row.2.notWithin)
          }),
      ])
  }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    [
      "loss": .number(loss),
      "states": .array(states.map(\.json)),
      "clips": .array(
        clips.map { event in
          [
            "state": .string(event.state), "step": .integer(event.step), "sample": .integer(event.sample),
            "before": .number(event.before), "after": .number(event.after),
          ]
        }),
    ]
  }
}

extension GradientFlow.State {
  var json: JSONValue { ["name": .string(name), "total": total.json, "direct": direct?.json ?? .null] }
}

extension NormCurve {
  /// A sentence about a curve that stays above a fraction of its last value.
  package var notWithin: String {
    let start = flow.first ?? 0
    if let steps = flow.firstIndex(where: \.isNaN), steps > 0, start > 0 {
      return "NaN after \(steps) step\(steps == 1 ? "" : "s")"
    }
    return start > 0 && start.isFinite
      ? "not within \(means.count)" : start == 0 ? "zero at t = T" : start.isNaN ? "NaN at t = T" : "infinite at t = T"
  }

  var json: JSONValue {
    [
      "norms": .numbers(means), "decay": decay?.json ?? .null,
      "stepsBackToOnePercent": stepsBack().map(JSONValue.integer) ?? .null,
      "samples": .array(samples.map(JSONValue.numbers)),
    ]
  }
}

extension DecayFit {
  var json: JSONValue {
    [
      "factor": .number(factor), "scale": .number(scale), "steps": .integer(steps), "deviation": .number(deviation),
    ]
  }
}

extension FlowExperiment {
  /// The settings, for files and other programs.
  public var json: JSONValue {
    var object = JSONObject()
    object["length"] = .integer(length)
    object["features"] = .integer(features)
    object["batch"] = .integer(batch)
    object["seed"] = Int(exactly: seed).map(JSONValue.integer) ?? .string("\(seed)")
    object["loss"] =
      switch loss {
      case .last: "last"
      case .all: "all"
      case .step(let index): .integer(index + 1)
      }
    object["value"] = value.map { .string($0) } ?? .null
    object["gain"] = .number(gain)
    object["clip"] = clip.map(\.json) ?? .null
    object["unrolled"] = .bool(run.isUnrolled)
    object["element"] = .string(element.name)
    object["threads"] = .integer(run.execution.threads)
    return .object(object)
  }
}

extension GradientClip {
  var json: JSONValue {
    switch self {
    case .norm(let limit, let epsilon):
      epsilon == 0 ? ["norm": .number(limit)] : ["norm": .number(limit), "epsilon": .number(epsilon)]
    case .value(let limit): ["value": .number(limit)]
    }
  }
}
