import EbbCommand
import EbbMarkup
import Foundation
import Testing

/// The forms in which options may be typed.
@Suite struct OptionFormTests {
  private static let plain = ebb("flow", "--length", "5", "--hidden", "3", "--cell", "lstm", "--json", "-").output

  @Test(arguments: [
    ["--length=5", "--hidden=3", "--cell=lstm", "--json=-"],
    ["--len", "5", "--hid=3", "--cel", "LSTM", "--js"],
    ["--json", "--hidden-size", "3", "--length", "5", "--cell", "Lstm"],
    ["-q", "--length", "5", "--hidden", "3", "--json"],
  ])
  func everyFormMeansTheSame(arguments: [String]) throws {
    let outcome = ebb(["flow"] + arguments)
    #expect(outcome.status == 0 && outcome.output == Self.plain, "\(outcome.messages)")
  }

  @Test func theRateHasItsOtherNames() throws {
    func losses(_ name: String) throws -> JSONValue? {
      try ebb(
        "train", "--task", "ADDING", "--length", "5", "--steps", "3", "--hidden", "2", "--batch-size", "4", name, "0.1",
        "--json"
      ).json()["losses"]
    }
    let plain = try losses("--rate")
    #expect(plain?.array?.count == 3)
    for name in ["--lr", "--learning-rate"] { #expect(try losses(name) == plain) }
  }

  @Test func lettersStandForNamesAndMayStandTogether() throws {
    try withTemporaryFolder { folder in
      for (number, form) in [["-o", "FILE"], ["-oFILE"], ["-qo", "FILE"], ["--output=FILE"]].enumerated() {
        let path = folder + "/\(number).txt"
        let outcome = ebb(["graph", "--hidden", "2"] + form.map { $0.replacing("FILE", with: path) })
        #expect(outcome.status == 0 && FileManager.default.fileExists(atPath: path), "\(outcome.messages)")
        #expect(outcome.messages.isEmpty == form[0].contains("q"))
      }
    }
    for name in ["-v", "--version", "version"] {
      let version = ebb(name)
      #expect(version.status == 0 && version.output.wholeMatch(of: /ebb \d+\.\d+\.\d+\n/) != nil)
      #expect(name == "version" || ebb("flow", name).output == version.output)
    }
    #expect(ebb("flow", "-h").output == ebb("flow", "--help").output)
  }

  @Test func afterTwoDashesEverythingIsAValue() {
    #expect(ebb("weights", "--", "--x.npz").messages.contains("--x.npz"))
    #expect(ebb("weights", "--", "-q").messages.contains("-q"))
    #expect(ebb("text", "complete", "--model", "/no/model", "--", "--help").messages.contains("/no/model"))
    #expect(ebb("text", "complete", "-- he said").messages.contains("text complete -- '-- he said'"))
    #expect(ebb("forecast", "predict", "/no/model", "-5,3").messages.contains("/no/model"))
  }

  @Test(arguments: [
    (["flow", "--l", "3"], "--l may be --let, --length, --loss, --log-norm, --lags, --lyapunov"),
    (["study", "--norm", "3"], "there is no option --norm"),
    (["flow", "--unrolled=yes"], "--unrolled takes no value"),
    (["flow", "--lenght", "3"], "\nDid you mean --length?"),
    (["flow", "-length", "3"], "\nDid you mean --length?"),
    (["flow", "--Lenght=3"], "\nDid you mean --length?"),
    (["flow", "length", "3"], "\nDid you mean --length?"),
    (["flow", "gru"], "\nDid you mean --cell gru?"),
    (["flow", "-x"], "there is no option -x;"),
    (["flow", "-qx"], "there is no option -x in -qx;"),
    (["flow", "--json", "-", "--js", "-"], "--json is given twice"),
    (["flow", "--loss", "lst"], "\nDid you mean last?"),
    (["flow", "--cell", "lstn"], "\nDid you mean lstm or lstmn?"),
    (["bench", "--cells", "rnn,gro"], "\nDid you mean gru?"),
    (["bench", "--sizes", "LONGG"], "\nDid you mean LONG?"),
    (["graph", "--pass", "FoldConstant"], "\nDid you mean fold-constants?"),
    (["train", "--task", "permuttion"], "\nDid you mean permutation?"),
    (["train", "--task", "adding", "--optimizer", "adma"], "\nDid you mean adam?"),
    (["forcast", "train", "x.csv"], "\nDid you mean forecast train?"),
    (["txt"], "\nDid you mean text?"),
    (["text", "trian"], "\nDid you mean text train?"),
    (["stduy"], "\nDid you mean study?"),
    (["study", "--epochs", "3"], "there is no option --epochs: the adding problem draws new sequences"),
    (["train", "--epochs", "3"], "there is no option --epochs: a task draws new sequences"),
    (
      ["sentiment", "train", "x.tsv", "--steps", "3"],
      "there is no option --steps: training ends after so many --epochs"
    ),
    (["train", "--task", "adding", "--memory-budget", "64XB"], "--memory-budget takes a number of bytes, such as"),
    (["train", "--task", "adding", "--memory-budget", "0"], "--memory-budget takes a number of bytes, such as"),
    (["completion", "tcsh"], "SHELL takes one of bash, zsh, fish"),
  ])
  func whatIsWrongHasAHint(arguments: [String], message: String) {
    let outcome = ebb(arguments)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.messages.contains(message), "\(outcome.messages)")
  }

  @Test func aColumnThatIsMistypedHasAHint() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/x.csv"
      try "month,level\n1,2\n2,3\n".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(ebb("forecast", "train", path, "--target", "levle").messages.contains("\nDid you mean level?"))
    }
  }

  @Test(arguments: ["16000000", "16MB", "16mb", "16MiB", "16M", "16m", " 0.016 GB ", "16_000 kB"])
  func budgetsHaveUnits(budget: String) {
    let outcome = ebb(
      "train", "--task", "adding", "--length", "5", "--steps", "1", "--hidden", "2", "--memory-budget", budget)
    #expect(outcome.status == 0, "\(outcome.messages)")
  }

  // MARK: Files

  @Test(arguments: [
    (["flow", "--report", "x.png"], ".png is not written here; possible is .html, .htm"),
    (["flow", "--report", "x.PDF"], ".pdf is not written here"),
    (["flow", "--report", "x.svg"], ".svg is not written here"),
    (["study", "--html", "x.json"], ".json is not written here"),
    (["flow", "--json", "x.html"], ".html is not written here; possible is .json"),
    (["graph", "-o", "x.png"], ".png is not written here; possible is .txt, .tex, .swift, .dot, .gv, .svg"),
    (["graph", "--format", "dot", "-o", "x.svg"], "--format dot does not go with the name 'x.svg'"),
    (["graph", "--emit", "plan", "-o", "x.svg"], "a plan is written as text, not as svg"),
    (["forecast", "train", "x.csv", "--report", "x.jpg"], ".jpg is not written here; possible is .html, .htm, .svg"),
    (["train", "--task", "copy", "--save", "x.pt"], ".pt is not written here; possible is .safetensors"),
    (
      ["weights", "x.npz", "--output", "x.gguf"],
      ".gguf is not written here; possible is .safetensors, .npz, .npy, .pt"
    ),
  ])
  func aNameThatSaysSomethingElseIsRefused(arguments: [String], message: String) {
    let outcome = ebb(arguments)
    #expect(outcome.status == 2 && outcome.messages.contains(message), "\(outcome.messages)")
  }

  @Test func aGraphIsWhatItsNameSays() throws {
    try withTemporaryFolder { folder in
      for (ending, start) in [("svg", "<svg"), ("dot", "digraph"), ("gv", "digraph"), ("txt", "%0"), ("2", "%0")] {
        let path = folder + "/graph." + ending
        #expect(ebb("graph", "--hidden", "2", "--output", path).status == 0)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix(start) || text.contains(start), "\(ending): \(text.prefix(80))")
      }
    }
  }

  @Test func jsonIsTheSameEverywhere() throws {
    let bench = ["bench", "--cells", "rnn,gru", "--shape", "3,2,2,3", "--runs", "1"]
    let lines = ebb(bench + ["--json"])
    #expect(lines.status == 0 && lines.output.split(separator: "\n").count == 2)
    try withTemporaryFolder { folder in
      let path = folder + "/bench.jsonl"
      let outcome = ebb(bench + ["--json", path])
      #expect(outcome.status == 0 && outcome.output.contains("step (ms)"))
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(text.split(separator: "\n").count == 2)
      #expect(ebb(bench + ["--json", folder + "/bench.json"]).status == 0)
      let array = try JSONValue(parsing: try String(contentsOfFile: folder + "/bench.json", encoding: .utf8)).array
      #expect(array?.compactMap { $0["cell"]?.string } == ["rnn", "gru"])
    }
    for command in [["check", "--length", "2"], ["profile", "--shape", "3,2,2,3", "--runs", "1"]] {
      #expect(try ebb(command + ["--json"]).json().object != nil)
    }
  }

  @Test func aCommandWithoutOptionsSaysSo() {
    #expect(ebb("man", "-o", "x").messages.contains("there is no option -o; man has none\n"))
    #expect(ebb("completion", "bash", "x").messages.contains("'x' is no option; completion has none\n"))
  }
}
