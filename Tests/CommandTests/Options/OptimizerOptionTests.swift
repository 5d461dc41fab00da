import EbbMarkup
import Foundation
import Testing

@Suite struct OptimizerOptionTests {
  /// A short training on a small file, with a constant rate unless the options say otherwise.
  private func train(_ more: [String]) throws -> Outcome {
    try withTemporaryFolder { folder in
      let path = folder + "/wave.csv"
      let values = (0..<40).map { "\(sin(Double($0)))" }.joined(separator: "\n")
      try values.write(toFile: path, atomically: true, encoding: .utf8)
      return ebb(
        ["forecast", "train", path, "--hidden", "2", "--window", "3", "--batch", "2", "--steps", "3"] + more)
    }
  }

  private func losses(_ more: String...) throws -> [Double] {
    let outcome = try train(more + ["--json", "-"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    return try outcome.json()["losses"]?.array?.compactMap(\.double) ?? []
  }

  @Test func everyOptimizerTrainsInItsOwnWay() throws {
    let names = ["adam", "adamw", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion"]
    let all = try names.map { try losses("--optimizer", $0, "--rate", "0.1", "--weight-decay", "0.5") }
    // The first loss is before any update.
    #expect(all.allSatisfy { $0.count == 3 && $0[0] == all[0][0] })
    // Momentum begins as plain descent does; all others differ from the second step on.
    #expect(Set(all.map { $0[1] }).count >= 6 && Set(all.map { $0[2] }).count == names.count)
  }

  /// Each setting changes the second step or the third; so does each way to clip.
  @Test func settingsAndClippingChangeTheSteps() throws {
    func differs(_ optimizer: String, _ setting: String...) throws {
      let plain = try losses("--optimizer", optimizer, "--rate", "0.1", "--clip", "none")
      let all = ["--optimizer", optimizer, "--rate", "0.1", "--clip", "none"] + setting + ["--json", "-"]
      let outcome = try train(all)
      let changed = try outcome.json()["losses"]?.array?.compactMap(\.double) ?? []
      #expect(changed.count == 3 && changed[0] == plain[0], "\(optimizer) \(setting)")
      #expect(changed != plain, "\(optimizer) \(setting)")
    }
    for optimizer in ["adam", "adamw"] {
      try differs(optimizer, "--betas", "0.5,0.6")
      try differs(optimizer, "--epsilon", "0.1")
    }
    try differs("lion", "--betas", "0.99,0")
    for optimizer in ["momentum", "nesterov", "rmsprop"] { try differs(optimizer, "--momentum", "0.5") }
    for optimizer in ["rmsprop", "adagrad"] { try differs(optimizer, "--epsilon", "0.1") }
    try differs("adagrad", "--initial-accumulator", "0.1")
    for way in ["global", "parameter", "value", "adaptive"] {
      let clipped = try losses("--optimizer", "sgd", "--rate", "0.1", "--clip", "0.001", "--clip-by", way)
      let plain = try losses("--optimizer", "sgd", "--rate", "0.1", "--clip", "none")
      #expect(clipped[0] == plain[0] && clipped[1] != plain[1], "\(way)")
    }
    let norms = try ["1", "2", "inf"].map { p in
      try losses("--optimizer", "sgd", "--rate", "0.1", "--clip", "0.001", "--clip-norm", p)[1]
    }
    #expect(Set(norms).count == 3)
    #expect(try train(["--amsgrad"]).status == 0)
  }

  /// The commands that train with Adam or AdamW alone take the settings of it; a training on one line of text each.
  @Test(arguments: ["text", "sentiment"])
  func adamHasItsSettingsInOtherCommands(command: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/text.txt"
      let lines = (0..<40).map { command == "text" ? "to be or not to be" : "it is \($0 % 3)\t\($0 % 2)" }
      try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      let size = command == "text" ? ["--steps", "8", "--window", "4"] : ["--epochs", "4"]
      func losses(_ more: String...) throws -> [Double] {
        let files = ["--save", folder + "/model.safetensors", "--json", "-"]
        let outcome = ebb(
          [command, "train", path, "--hidden", "3", "--batch", "4", "--rate", "0.3"] + size + files + more)
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try outcome.json()["losses"]?.array?.compactMap(\.double) ?? []
      }
      let plain = try losses()
      #expect(try plain.count > 2 && losses("--betas", "0.9,0.999", "--epsilon", "1e-8") == plain)
      for setting in [["--betas", "0.5,0.6"], ["--epsilon", "0.5"]] {
        #expect(try losses(setting[0], setting[1]) != plain, "\(setting)")
      }
      #expect(try losses("--amsgrad") != plain)
    }
  }

  /// Weights of classes change the steps and not the measure; equal weights change nothing.
  @Test func classesHaveWeightsAndTextsAnOrder() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/text.txt"
      // The first texts are negative, and one of two is long.
      let lines = (0..<40).map { "it is \($0 % 3)\($0 % 2 == 0 ? "" : " and \($0 % 7)")\t\($0 < 14 ? 0 : 1)" }
      try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
      func outcome(_ more: [String]) -> Outcome {
        ebb(
          [
            "sentiment", "train", path, "--hidden", "3", "--batch", "4",
            "--dropout", "0", "--word-dropout", "0", "--embedding-dropout", "0", "--recurrent-dropout", "0",
            "--held-out", "0.1", "--save", folder + "/model.safetensors", "--json", "-",
          ] + more)
      }
      func losses(_ more: String..., rate: String = "0.01", epochs: Int = 1) throws -> [Double] {
        let outcome = outcome(more + ["--rate", rate, "--epochs", "\(epochs)"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        return try outcome.json()["losses"]?.array?.compactMap(\.double) ?? []
      }
      let plain = try losses()
      #expect(try plain.count == 9 && losses("--class-weights", "1,1") == plain)
      #expect(try losses("--class-weights", "balanced") != plain)
      // All texts of a class without weight: the loss is that of the others.
      let (negative, positive) = try (
        losses("--class-weights", "1,0", rate: "1e-30"), losses("--class-weights", "0,1", rate: "1e-30")
      )
      let still = try losses(rate: "1e-30")
      for step in still.indices { #expect(abs(negative[step] + positive[step] - still[step]) < 1e-6) }
      #expect(zip(negative, positive).contains { $0 > 0.05 && $1 > 0.05 })
      let ordered = try losses("--no-shuffle", rate: "1e-30", epochs: 2)
      #expect(ordered.count == 18 && Array(ordered[..<9]) == Array(ordered[9...]))
      #expect(try losses(rate: "1e-30", epochs: 2) != ordered)
      // In the order of the file, the last batches have texts without weight alone.
      let weighted = try losses("--no-shuffle", "--class-weights", "1,0", rate: "1e-30")
      #expect(weighted[..<2].allSatisfy { $0 > 0.5 } && weighted[5...].allSatisfy { $0 == 0 })
      for (weights, message) in [
        ("0.3", "each class has a weight: 2 for negative, positive, and not 1"),
        ("1,-1", "--class-weights takes a number of at least 0 for each class, as 0.3,0.7, or balanced, not '1,-1'"),
        ("0,0", "one of them above 0"), ("equal", "or balanced, not 'equal'"),
      ] {
        let outcome = outcome(["--class-weights", weights])
        #expect(outcome.status != 0 && outcome.messages.contains(message), "\(outcome.messages)")
      }
    }
  }

  /// Windows in the order of time: each epoch has the same losses if nothing is learned.
  @Test func windowsOfEpochsHaveAnOrder() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/wave.csv"
      try (0..<30).map { "\(sin(Double($0)))" }.joined(separator: "\n").write(
        toFile: path, atomically: true, encoding: .utf8)
      let common = [
        "forecast", "train", path, "--hidden", "2", "--window", "3", "--batch", "4", "--rate", "1e-30", "--epochs", "2",
        "--json", "-",
      ]
      func losses(_ more: String...) throws -> [Double] {
        try ebb(common + more).json()["losses"]?.array?.compactMap(\.double) ?? []
      }
      let (ordered, shuffled) = try (losses("--no-shuffle"), losses())
      #expect(ordered.count == shuffled.count && ordered.count > 6)
      #expect(Array(ordered[..<(ordered.count / 2)]) == Array(ordered[(ordered.count / 2)...]))
      #expect(shuffled != ordered && Array(shuffled[..<(ordered.count / 2)]) != Array(ordered[(ordered.count / 2)...]))
    }
    let outcome = try train(["--no-shuffle"])
    #expect(outcome.status == 2 && outcome.messages.contains("--no-shuffle is for the windows of --epochs"))
    for command in [["train"], ["text", "train", "x"], ["forecast", "train", "x"]] {
      let outcome = ebb(command + ["--class-weights", "1,2"])
      #expect(outcome.status == 2 && outcome.messages.contains("there is no option --class-weights: "))
    }
  }

  @Test func schedulesAndRatesDiffer() throws {
    let constant = try losses("--schedule", "constant")
    for schedule in ["linear", "cosine", "step", "exponential", "one-cycle"] {
      let other = try losses("--schedule", schedule)
      #expect(other.count == 3 && other[0] == constant[0] && other[2] != constant[2], "\(schedule)")
    }
    #expect(try losses("--schedule", "constant", "--warm-up", "2")[1] != constant[1])
    #expect(try losses("--schedule", "constant", "--rate", "0.1")[1] != constant[1])
    #expect(try losses("--schedule", "constant", "--rate", "0.003") == constant)
    #expect(try losses() == losses("--schedule", "cosine"))
  }

  @Test(arguments: [
    (["--optimizer", "newton"], "--optimizer takes one of adam, adamw, sgd, momentum, nesterov"),
    (["--schedule", "sine"], "--schedule takes one of constant, linear, cosine, step, exponential, one-cycle"),
    (["--rate", "0"], "--rate takes a number greater than 0"),
    (["--weight-decay", "-1"], "--weight-decay takes a number of at least 0"),
    (["--betas", "0.9"], "--betas takes two numbers of at least 0 and below 1, as 0.9,0.999, not '0.9'"),
    (["--betas", "0.9,1"], "--betas takes two numbers"),
    (["--optimizer", "sgd", "--amsgrad"], "--amsgrad is a setting of adam, adamw, and the optimizer is sgd"),
    (["--initial-accumulator", "1"], "--initial-accumulator is a setting of adagrad, and the optimizer is adam"),
    (["--optimizer", "momentum", "--momentum", "1"], "--momentum takes a number of at least 0 and below 1"),
    (["--clip", "0"], "--clip takes a number greater than 0, or none, not '0'"),
    (["--clip-by", "layer"], "--clip-by takes one of global, parameter, value, adaptive"),
    (["--clip-norm", "0.5"], "--clip-norm takes a number of at least 1, or inf, not '0.5'"),
    (["--clip-by", "value", "--clip-norm", "1"], "--clip-norm is the norm of --clip-by global and parameter"),
    (["--warm-up", "-1"], "--warm-up takes a whole number of at least 0"),
  ])
  func wrongChoicesSayWhatIsRight(arguments: [String], message: String) throws {
    let outcome = try train(arguments)
    #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
  }
}
