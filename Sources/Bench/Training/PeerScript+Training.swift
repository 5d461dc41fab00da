internal import EbbMarkup

extension PeerScript {
  /// What the script for training steps answers.
  struct TrainingAnswer {
    /// The losses of the first steps without dropout, of each framework or way.
    var losses: [(peer: String, losses: [Double])] = []
    /// The times of a step.
    var times: [Time] = []
  }

  /// The losses and the time of a task's training step in PyTorch.
  ///
  /// - Parameters:
  ///   - values: A file of tensors that PyTorch reads: the first parameters and the batch.
  func measure(
    _ task: TrainingTask, values: String, runs: Int, minimumTime: Double, threads: Int,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(BenchError) -> TrainingAnswer {
    guard versions.torch != nil else {
      throw .peers("\(interpreter) has no torch, with which training steps are compared")
    }
    let script = String(decoding: PackageResources.bench_training_py, as: UTF8.self)
    let arguments =
      ["-c", Self.withoutFolder + script, "--task", task.kind.rawValue, "--values", values, "--rate", "\(task.rate)"]
      + ["--threads", "\(threads)", "--runs", "\(runs)", "--seconds", "\(minimumTime)"]
      + (task.hasDropout ? ["--dropout"] : [])
    let output = try Self.run(
      interpreter, arguments, as: "the script for training steps could not time \(task.name)", isCancelled)
    var answer = TrainingAnswer()
    for line in output.split(whereSeparator: \.isNewline) {
      let object = try? JSONValue(parsing: String(line)).object
      let peer = object?["peer"]?.string ?? ""
      if let losses = object?["losses"]?.array {
        answer.losses.append((peer, losses.compactMap(\.double)))
      } else if let time = object?["ms"]?.double, time.isFinite, time > 0 {
        answer.times.append(Time(peer: peer, median: time / 1e3))
      } else {
        throw .peers("the script for training steps printed '\(line.prefix(200))', which is no losses and no time")
      }
    }
    return answer
  }
}
