import EbbMarkup
import Foundation
import Testing

/// The gradient through time in the commands that train.
@Suite struct TrainingGradientTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
  private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

  @Test(arguments: SmallTraining.all)
  func everyTrainingShowsIt(training: SmallTraining) throws {
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      let train = training.arguments(folder, steps: 45)
      let plain = ebb(train + ["--save", folder + "/plain"])
      #expect(plain.status == 0, "\(plain.messages)")
      let page = folder + "/page.html"
      let watched = ebb(
        train + [
          "--save", folder + "/watched", "--report", page, "--watch", "--tensorboard", folder + "/run", "--direct",
          "--gradients-every", "9", "--json", folder + "/all.json",
        ])
      #expect(watched.status == 0, "\(watched.messages)")
      // Nothing of it changes the training, and the same lines are in the terminal.
      #expect(try bytes(folder + "/plain") == bytes(folder + "/watched"))
      let lines = [plain, watched].map { $0.output.split(separator: "\n").filter { $0.contains("gradient") } }
      #expect(lines[0] == lines[1] && (1...2).contains(lines[0].count), "\(lines)")
      #expect(lines[0][0].hasPrefix("gradient a step back, after 0 and 45 steps: "), "\(lines)")
      #expect(plain.output.hasSuffix("\n") && lines[0][0].contains("h × "))

      let html = try text(page)
      #expect(watched.messages.contains("\(page) shows the training as it goes"))
      #expect(!html.contains("location.reload") && !html.contains("class=\"running\""))
      for part in ["Gradient of the parameters", "h</code> through time", "direct gradient", "Growth over training"] {
        #expect(html.contains(part), "\(part)")
      }
      #expect(html.contains("at the first step and at the last, and every 9 steps"))
      let json = try JSONValue(parsing: text(folder + "/all.json"))
      let history = try #require(json["gradientsThroughTime"])
      let measured = try #require(history["measurements"]?.array)
      #expect(measured.compactMap { $0["step"]?.integer } == [0, 9, 18, 27, 36, 45])
      #expect(measured.allSatisfy { $0["states"]?.array?[0]["directNorms"]?.array?.isEmpty == false })
      #expect(history["gradientNorms"]?.array?.count == json["losses"]?.array?.count && history["losses"] == nil)

      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/run")
      let events = try bytes(folder + "/run/" + files[0])
      for tag in [
        "h at t = 1", "h at t = T", "a step back", "gradient through time/log10 of ", "saturation/", "loss/training",
        "direct gradient/log10 of ", "held out",
      ] {
        #expect(events.range(of: Data(tag.utf8)) != nil, "\(tag)")
      }
    }
  }

  /// What the default interval measures, and what an interrupted and resumed training shows.
  @Test func theDefaultIntervalIsOfSteps() throws {
    try withTemporaryFolder { folder in
      func train(_ steps: Int, _ more: String...) throws -> JSONValue {
        let outcome = ebb(
          ["train", "--task", "copy", "--length", "4", "--hidden", "2", "--batch", "2", "--steps", "\(steps)"] + more)
        return try #require(outcome.json()["gradientsThroughTime"])
      }
      func steps(_ history: JSONValue) -> [Int] {
        (history["measurements"]?.array ?? []).compactMap { $0["step"]?.integer }
      }
      #expect(try steps(train(50, "--json")) == [0, 30, 50])
      #expect(try steps(train(50, "--json", "--direct")) == [0, 40, 50])
      _ = try train(30, "--json", "--checkpoint", folder + "/c")
      let resumed = try train(50, "--json", "--checkpoint", folder + "/c", "--resume")
      #expect(steps(resumed) == [0, 30, 50] && resumed["firstStep"]?.integer == 1)
    }
  }

  @Test func aPictureOfForecastsStaysAPicture() throws {
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      let forecast = try #require(SmallTraining.all.first { $0.name == "forecast" }).arguments(folder, steps: 5)
      #expect(ebb(forecast + ["--report", folder + "/picture.svg"]).status == 0)
      #expect(try text(folder + "/picture.svg").hasPrefix("<svg"))
      #expect(ebb(forecast + ["--report", folder + "/page.html"]).status == 0)
      let page = try text(folder + "/page.html")
      #expect(
        page.contains("<h1>Forecasts of wave</h1>") && page.contains("Every forecast reads only what lies before"))
      #expect(page.contains("The gradient of <code>h</code> through time"))
      let watched = ebb(forecast + ["--report", folder + "/picture.svg", "--watch"])
      #expect(watched.status == 2 && watched.messages.contains("--watch needs a page"))
    }
  }

  /// What led to it is on the page.
  @Test func aTrainingThatFailsLeavesItsPage() throws {
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      let forecast = try #require(SmallTraining.all.first { $0.name == "forecast" }).arguments(folder, steps: 9)
      let outcome = ebb(forecast + ["--rate", "1e30", "--optimizer", "sgd", "--report", folder + "/page.html"])
      #expect(outcome.status == 1, "\(outcome.messages)")
      let page = try text(folder + "/page.html")
      #expect(page.contains("Training ended early: ") && page.contains("The gradient of <code>"))
      #expect(page.contains("not finite") && !page.contains("location.reload"))
    }
  }

  @Test(arguments: [
    (["--watch"], "--watch needs a page that a browser can load again: --report FILE.html"),
    (["--watch", "--report", "-"], "--watch needs a page that a browser can load again: --report FILE.html"),
    (["--direct"], "--direct is about what is recorded; give --report, --tensorboard or --json too"),
    (["--gradients-every", "5"], "--gradients-every is about what is recorded; give --report"),
    (["--gradients-every", "0", "--json"], "--gradients-every takes a whole number of at least 1, not '0'"),
    (["--report", "page.png"], "--report cannot write 'page.png'"),
    (["--report", "page.svg"], "--report cannot write 'page.svg'"),
  ])
  func wrongArgumentsSayWhatIsRight(arguments: [String], message: String) {
    let outcome = ebb(["train", "--task", "copy", "--length", "4", "--hidden", "2", "--steps", "2"] + arguments)
    #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
  }
}
