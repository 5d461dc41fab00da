import Foundation
import Testing

/// Two results in one place, and a result in the place of what it is made from.
@Suite struct DestinationTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try SmallTraining.writeData(in: folder)
      try body(folder)
    }
  }

  @Test func resultsDoNotReplaceEachOther() throws {
    try inFolder { folder in
      let train = SmallTraining.all[0].arguments(folder, steps: 2)
      let same = folder + "/same"
      for (first, second) in [("save", "json"), ("checkpoint", "save"), ("json", "log")] {
        let outcome = ebb(train + ["--" + first, same, "--" + second, same])
        #expect(outcome.status == 2, "\(first), \(second): \(outcome.messages)")
        #expect(outcome.messages.contains("both are '\(same)'"), "\(outcome.messages)")
      }
      #expect(!FileManager.default.fileExists(atPath: same))
      // By whatever way the two are named.
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder)
      let linked = ebb(train + ["--save", same, "--json", folder + "/link/./same"])
      #expect(linked.status == 2 && linked.messages.contains("--json would write over --save"), "\(linked.messages)")
      let twice = ebb("graph", "--hidden", "2", "--output", "-", "--json", "-")
      #expect(twice.status == 2 && twice.messages.contains("both are standard output"), "\(twice.messages)")
      // What takes everything and keeps nothing may be given twice.
      #expect(ebb(train + ["--json", "/dev/null", "--log", "/dev/null"]).status == 0)
    }
  }

  @Test func resultsDoNotReplaceEquations() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/cell"
      try "h_t = W h_{t-1} + U x_t".write(toFile: path, atomically: true, encoding: .utf8)
      for (command, option) in [("flow", "--cell"), ("study", "--cells")] {
        let outcome = ebb(command, option, path, "--json", path)
        #expect(outcome.status == 2, "\(outcome.messages)")
        #expect(outcome.messages.contains("--json would write over \(option), which is read"), "\(outcome.messages)")
      }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "h_t = W h_{t-1} + U x_t")
    }
  }

  @Test func resultsDoNotReplaceWhatIsRead() throws {
    try inFolder { folder in
      for (training, path) in [(SmallTraining.all[1], "/text.txt"), (SmallTraining.all[3], "/wave.csv")] {
        let before = try Data(contentsOf: URL(fileURLWithPath: folder + path))
        let outcome = ebb(training.arguments(folder, steps: 2) + ["--log", folder + path, "--save", folder + "/m"])
        #expect(outcome.status == 2 && outcome.messages.contains("FILE, which is read"), "\(outcome.messages)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder + path)) == before)
      }
      // Weights are converted in their place where that is asked for.
      let weights = folder + "/w.safetensors"
      #expect(ebb(SmallTraining.all[0].arguments(folder, steps: 2) + ["--save", weights]).status == 0)
      let inPlace = ebb("weights", weights, "-o", weights)
      #expect(inPlace.status == 0, "\(inPlace.messages)")
    }
  }
}
