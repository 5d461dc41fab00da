internal import EbbExecution
internal import EbbDiagnostics
public import EbbMarkup

extension TrainingStepProfile {
  /// The run in the Trace Event Format, which Perfetto (ui.perfetto.dev) and chrome://tracing open: a track for each
  /// worker, a slice for each job, in microseconds.
  public func trace(cell: String) -> JSONValue {
    // Perfetto takes thread 0 for none.
    func thread(_ worker: Int) -> Int { worker + 1 }
    func label(_ event: String, thread: Int?, _ text: String) -> JSONValue {
      var object = JSONObject()
      object["name"] = .string(event)
      object["ph"] = "M"
      object["pid"] = 1
      object["tid"] = thread.map { .integer($0) }
      object["args"] = ["name": .string(text)]
      return .object(object)
    }
    let workers = Set(run.spans.map(\.worker)).sorted()
    let labels =
      [label("process_name", thread: nil, "\(cell) \(size.name)")]
      + workers.map { label("thread_name", thread: thread($0), "worker \($0)") }
    let slices = run.spans.map { span -> JSONValue in
      [
        "name": .string(span.label), "cat": .string("stage " + name(span.stage)), "ph": "X", "pid": 1,
        "tid": .integer(thread(span.worker)), "ts": rounded(1e-3 * Double(span.begin)),
        "dur": rounded(1e-3 * Double(span.end - span.begin)), "args": ["stage": .string(name(span.stage))],
      ]
    }
    return ["traceEvents": .array(labels + slices), "displayTimeUnit": "ns"]
  }
}
