internal import EbbExecution
internal import EbbDiagnostics
internal import EbbPlanning
public import EbbMarkup
public import EbbReport

extension TrainingStepProfile {
  /// One row for each stage, then the rest of all threads' time.
  ///
  /// Rates are for all threads working on a stage: its cost, divided by its threads' work.
  public var stageTable: DataTable {
    let stages = stages
    let whole = 1e-9 * Double(run.duration)
    let available = whole * Double(threads)
    func numbers(
      _ name: String, unit: String, _ places: Int, _ value: (StageTime) -> Double?, rest: Double? = nil, sum: Double?
    ) -> DataTable.Column {
      .numbers(name, unit: unit, format: .fixed(places), stages.map(value) + [rest, sum])
    }
    let total = cost.total
    return DataTable(
      "stages",
      columns: [
        .text("stage", stages.map { name($0.stage) } + ["waiting", "all"]),
        numbers("span", unit: "ms", 3, { 1e3 * $0.elapsed }, sum: 1e3 * whole),
        numbers("work", unit: "ms", 3, { 1e3 * $0.work }, rest: 1e3 * idle, sum: 1e3 * available),
        numbers("GFLOP/s", unit: "", 1, { rate(of: $0.cost, $0.work) }, sum: rate(of: total, available)),
        numbers("of roof", unit: "%", 1, { roofShare(of: $0.cost, $0.work) }, sum: roofShare(of: total, available)),
        numbers("MB", unit: "", 2, { 1e-6 * Double($0.cost.bytes) }, sum: 1e-6 * Double(total.bytes)),
        numbers("jobs", unit: "", 0, { Double($0.jobs) }, sum: Double(run.spans.count)),
      ])
  }

  /// The cost of each instruction of each stage; instructions of one kind and size share a row.
  public var instructionTable: DataTable {
    var rows: [(stage: String, instruction: String, count: Int, cost: InstructionCost)] = []
    for (index, stage) in plan.stages.enumerated() {
      let name = name(index)
      let costs = cost.stages[index].prologue + cost.stages[index].instructions
      for (instruction, cost) in zip(stage.prologue + stage.instructions, costs) {
        let summary = plan.summary(of: instruction)
        if let known = rows.firstIndex(where: { $0.stage == name && $0.instruction == summary }) {
          rows[known].count += 1
          rows[known].cost = rows[known].cost + cost
        } else {
          rows.append((name, summary, 1, cost))
        }
      }
    }
    func column(
      _ name: String, _ format: DataTable.Format, _ value: (InstructionCost) -> Double
    ) -> DataTable.Column { .numbers(name, format: format, rows.map { value($0.cost) }) }
    return DataTable(
      "instructions",
      columns: [
        .text("stage", rows.map(\.stage)),
        .text("instruction", rows.map { $0.instruction + ($0.count > 1 ? ", \($0.count) of them" : "") }),
        column("calls", .fixed(0)) { Double($0.calls) },
        column("MFLOP", .fixed(2)) { 1e-6 * Double($0.products) },
        column("1000 vectors", .fixed(1)) { 1e-3 * Double($0.vectorOperations) },
        column("MB", .fixed(2)) { 1e-6 * Double($0.bytes) },
      ])
  }

  /// All contents of the tables, and every job.
  public func json(cell: String) -> JSONValue {
    var object = size.json(cell: cell)
    object["threads"] = .integer(threads)
    object["ms"] = milliseconds(1e-9 * Double(run.duration))
    object["waiting_ms"] = milliseconds(idle)
    object["roof_gflops"] = rounded(1e-9 * rate.operationsPerSecond)
    object["stages"] = .array(stages.map { stage in json(stage) })
    object["fallbacks"] = .array(plan.fallbacks.map { .string($0.description) })
    object["jobs"] = .array(
      run.spans.map { span in
        [
          "stage": .integer(span.stage), "worker": .integer(span.worker), "begin_ns": .integer(span.begin),
          "end_ns": .integer(span.end), "label": .string(span.label),
        ]
      })
    return .object(object)
  }

  private func json(_ time: StageTime) -> JSONValue {
    let (stage, cost) = (plan.stages[time.stage], cost.stages[time.stage])
    let instructions = zip(stage.prologue + stage.instructions, cost.prologue + cost.instructions).map {
      (instruction, cost) -> JSONValue in
      [
        "instruction": .string(plan.summary(of: instruction)), "calls": .integer(cost.calls),
        "product_flop": .integer(cost.products), "vector_operations": .integer(cost.vectorOperations),
        "bytes_read": .integer(cost.bytesRead), "bytes_written": .integer(cost.bytesWritten),
      ]
    }
    return [
      "stage": .string(name(time.stage)), "elapsed_ms": milliseconds(time.elapsed),
      "work_ms": milliseconds(time.work),
      "gflops": rate(of: time.cost, time.work).map { rounded($0) } ?? .null,
      "share_of_roof": roofShare(of: time.cost, time.work).map { rounded($0 / 100) } ?? .null,
      "bytes": .integer(time.cost.bytes), "instructions": .array(instructions),
    ]
  }

  // MARK: Rates and names

  /// In GFLOP/s, as if all threads had worked all the time; nil without products.
  private func rate(of cost: InstructionCost, _ work: Double) -> Double? {
    cost.products > 0 && work > 0 ? 1e-9 * Double(cost.products) * Double(threads) / work : nil
  }

  /// In percent.
  private func roofShare(of cost: InstructionCost, _ work: Double) -> Double? {
    rate(of: cost, work).map { 1e11 * $0 / rate.operationsPerSecond }
  }

  /// The stage's place in the plan and its kind.
  func name(_ stage: Int) -> String {
    guard let sweep = plan.stages[stage].sweep else { return "\(stage) whole" }
    return "\(stage) \(sweep.isBackward ? "backward" : "forward")"
  }
}
