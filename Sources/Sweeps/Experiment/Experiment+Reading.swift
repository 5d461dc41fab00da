public import EbbMarkup

extension Experiment {
  /// The most tasks that an experiment may have.
  public static let taskLimit = 100_000

  /// Reads an experiment.
  ///
  /// A field whose name begins with `//` is a remark.
  ///
  /// - Parameters:
  ///   - json: The contents of the file.
  ///   - file: The file's name, for errors.
  /// - Throws: `SweepError` with the field that is wrong.
  public init(_ json: JSONValue, file: String) throws(SweepError) {
    let top = try Fields(json, file)
    guard let command = try top.text("command") else { throw top.missing("command", "such as \"train\"") }
    self.command = command
    input = try top.text("input")
    options = try top.fields("options").map { fields throws(SweepError) in try fields.values() } ?? []
    grid = try top.fields("grid").map { fields throws(SweepError) in try fields.lists() } ?? []
    draw = try top.fields("draw").map { fields throws(SweepError) in try Draw(fields) }
    seeds = try top.seeds("seeds")
    report = try top.texts("report")
    best = try top.fields("best").map { fields throws(SweepError) in try Best(fields) }
    halving = try top.fields("halving").map { fields throws(SweepError) in try Halving(fields) }
    threads = try top.count("threads", 1...256) ?? 1
    self.json = json
    try top.end([
      "command", "input", "options", "grid", "draw", "seeds", "report", "best", "halving", "threads",
    ])
    try checkNames(file)
  }

  /// Each option has one source; the seed and the threads have fields of their own.
  private func checkNames(_ file: String) throws(SweepError) {
    var sources: [String: String] = ["seed": "seeds", "seeds": "seeds", "threads": "threads"]
    let named =
      options.map { ("options", $0.name) } + grid.map { ("grid", $0.name) }
      + (draw?.options ?? []).map { ("draw.options", $0.name) }
    for (source, name) in named {
      if let other = sources[name] {
        let advice = other == source ? "is there twice" : "is decided by the field \"\(other)\""
        throw SweepError("\(file): \(source).\(name)", "the option \(advice)")
      }
      sources[name] = source
    }
    guard taskCount <= Self.taskLimit else {
      throw SweepError(file, "\(taskCount) tasks are too many; \(Self.taskLimit) are the most")
    }
    if halving != nil, let source = sources["steps"] {
      throw SweepError("\(file): \(source).steps", "the steps are decided by the field \"halving\"")
    }
  }

  /// How many tasks there are, or more than the limit if that is not a number.
  public var taskCount: Int {
    let factors = grid.map(\.value.count) + [draw?.count ?? 1, seeds.count]
    return factors.reduce(1) { product, factor in
      let (next, overflows) = product.multipliedReportingOverflow(by: factor)
      return overflows ? Int.max : next
    }
  }
}

extension Experiment.Draw {
  fileprivate init(_ fields: Fields) throws(SweepError) {
    guard let count = try fields.count("count", 1...Experiment.taskLimit) else {
      throw fields.missing("count", "how many settings are drawn")
    }
    self.count = count
    let method = try fields.text("method") ?? "random"
    guard ["random", "latin-hypercube"].contains(method) else {
      throw fields.error("method", "\"random\" or \"latin-hypercube\", not \"\(method)\"")
    }
    isLatinHypercube = method == "latin-hypercube"
    seed = UInt64(try fields.count("seed", 0...Int.max) ?? 1)
    guard let choices = try fields.fields("options") else {
      throw fields.missing("options", "the options that are drawn, each with a list or with \"from\" and \"to\"")
    }
    options = try choices.choices()
    try fields.end(["count", "method", "seed", "options"])
  }
}

extension Experiment.Best {
  fileprivate init(_ fields: Fields) throws(SweepError) {
    guard let metric = try fields.text("metric") else { throw fields.missing("metric", "one of the reported numbers") }
    self.metric = metric
    let word = try fields.text("is") ?? "smallest"
    guard ["smallest", "largest"].contains(word) else {
      throw fields.error("is", "\"smallest\" or \"largest\", not \"\(word)\"")
    }
    isLargest = word == "largest"
    try fields.end(["metric", "is"])
  }
}

extension Experiment.Halving {
  fileprivate init(_ fields: Fields) throws(SweepError) {
    steps = try fields.counts("steps")
    guard steps.count > 1, zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw fields.error("steps", "at least two numbers of training steps, each larger than the one before")
    }
    factor = try fields.count("factor", 2...1000) ?? 3
    isAsynchronous = try fields.flag("asynchronous") ?? false
    try fields.end(["steps", "factor", "asynchronous"])
  }
}
