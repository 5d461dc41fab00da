import EbbMarkup
import Foundation
import Testing

/// `--seeds`: several runs are the single ones, with what they have in common.
@Suite struct SeedsCommandTests {
  @Test func flowsAreThoseOfTheSingleSeeds() throws {
    let options = ["flow", "--cell", "gru", "--hidden", "3", "--length", "7", "--batch", "2"]
    let several = try ebb(options + ["--seed", "4", "--seeds", "3", "--json"]).json()
    #expect(several["seeds"]?.array?.compactMap(\.integer) == [4, 5, 6])
    let runs = try #require(several["runs"]?.array)
    for (seed, run) in zip(4..., runs) {
      let single = try ebb(options + ["--seed", "\(seed)", "--json"]).json()
      #expect(run == single["profile"], "seed \(seed)")
    }
    let factors = runs.compactMap { $0["states"]?.array?[0]["total"]?["decay"]?["factor"]?.double }
    let summary = several["summary"]?["states"]?.array?[0]["factor"]
    #expect(summary?["values"]?.array?.compactMap(\.double) == factors)
    #expect(summary?["median"]?.double == factors.sorted()[1])
  }

  @Test func studiesCountWhatWasSolvedAndCompareByPairs() throws {
    try withTemporaryFolder { folder in
      let options = [
        "study", "--hidden", "2", "--length", "8", "--batch", "2", "--task-length", "5", "--training-batch", "2",
        "--steps", "3", "--seconds", "0", "--cells", "rnn,gru",
      ]
      let several = ebb(
        options + ["--seeds", "3", "--html", folder + "/s.html", "--json", folder + "/s.json"])
      #expect(several.status == 0, "\(several.messages)")
      #expect(several.output.contains("solved in 0 of 3"))
      #expect(several.output.contains("3 seeds are too few for 1 comparison"))
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/s.json", encoding: .utf8))
      let single = ebb(options + ["--seed", "2", "--html", folder + "/1.html", "--json", folder + "/1.json"])
      #expect(single.status == 0)
      let alone = try JSONValue(parsing: String(contentsOfFile: folder + "/1.json", encoding: .utf8))
      for cell in 0..<2 {
        let together = json["runs"]?.array?[1]["cells"]?.array?[cell]
        let other = alone["cells"]?.array?[cell]
        #expect(together?["initial"] == other?["initial"])
        #expect(together?["training"]?["losses"] == other?["training"]?["losses"])
      }
      let page = try String(contentsOfFile: folder + "/s.html", encoding: .utf8)
      for text in ["the middle half of 3 seeds", "Which differences are beyond chance", "Seed 1: At initialisation"] {
        #expect(page.contains(text), "\(text)")
      }
    }
  }

  @Test func trainingsAreThoseOfTheSingleSeeds() throws {
    let options = ["train", "--task", "copy", "--length", "4", "--hidden", "3", "--batch", "4", "--steps", "12"]
    let several = try ebb(options + ["--seeds", "2", "--json"]).json()
    for (seed, run) in zip(1..., several["runs"]?.array ?? []) {
      let single = try ebb(options + ["--seed", "\(seed)", "--json"]).json()
      for name in ["evaluations", "losses", "gradientsThroughTime"] where name != "gradientsThroughTime" {
        #expect(run[name] == single[name], "\(name) of seed \(seed)")
      }
      #expect(
        run["gradientsThroughTime"]?["measurements"] == single["gradientsThroughTime"]?["measurements"])
    }
    #expect(several["summary"]?["solved"]?["trials"]?.integer == 2)
  }

  @Test(arguments: [
    ["train", "--task", "copy", "--save", "x.safetensors"],
    ["train", "--task", "copy", "--checkpoint", "x.safetensors"],
    ["flow", "--theory"], ["flow", "--watch", "x.html"], ["study", "--watch"],
  ])
  func whatBelongsToOneRunIsRefused(arguments: [String]) {
    let outcome = ebb(arguments + ["--seeds", "2"])
    #expect(outcome.status == 2)
    #expect(outcome.messages.contains("belongs to one run, and --seeds 2 are several"), "\(outcome.messages)")
  }
}
