import EbbCommand
import EbbMarkup
import Foundation
import Testing

@Suite struct BenchCommandTests {
  @Test func linesHaveTheKeysOfOtherPeers() throws {
    let outcome = ebb("bench", "--cells", "rnn,gru", "--shape", "3,2,2,3", "--runs", "2", "--json")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 2)
    for (line, cell) in zip(lines, ["rnn", "gru"]) {
      let object = try #require(try JSONValue(parsing: String(line)).object)
      let keys = ["cell", "size", "T", "B", "I", "H", "peer", "threads", "ms", "first_s", "gflops", "share"]
      #expect(object.keys == keys)
      #expect(object["cell"]?.string == cell)
      #expect(object["peer"] == "ebb")
    }
  }

  @Test func trainingStepsHaveRows() throws {
    let outcome = ebb("bench", "--training", "--tasks", "forecast", "--runs", "1", "--seconds", "0", "--json")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    try #require(lines.count == 2)
    #expect(lines[0]["machine"] != nil && lines[1]["training"] == "forecast" && lines[1]["ms"]?.double ?? 0 > 0)
    for (options, message) in [
      (["--training", "--cells", "rnn"], "--cells is about cells"), (["--tasks", "forecast"], "rows of --training"),
      (["--training", "--tasks", "words"], "reviews"), (["--training", "--rounds", "2"], "--compare PYTHON"),
    ] {
      let outcome = ebb(["bench"] + options)
      #expect(outcome.status != 0 && outcome.messages.contains(message), "\(options): \(outcome.messages)")
    }
  }

  @Test func tableNamesItsUnits() {
    let outcome = ebb("bench", "--shape", "3,2,2,3", "--runs", "1", cells: ["elman": Elman.init])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("step (ms)") && outcome.output.contains("elman"))
    #expect(outcome.output.contains("1 thread") || outcome.output.contains("2 threads"))
  }
}

/// Comparisons with an interpreter that is a shell script: what it prints is known.
///
/// One after the other: a file that was just written cannot be run while a process that is being started holds it.
@Suite(.serialized) struct BenchComparisonTests {
  /// Runs `ebb bench --compare` of rnn and lstm with a script in the interpreter's place. The script finds its arguments
  /// as variables: cell, shape as `"T":3,"B":2,"I":2,"H":3`, threads and peers.
  private func compare(
    _ script: String, versions: String, _ options: String..., ownScript: Bool = false
  ) throws -> Outcome {
    try withTemporaryFolder { folder in
      let interpreter = folder + "/python"
      let text = """
        #!/bin/sh
        if [ "$1" = "-c" ] && [ $# -eq 2 ]; then printf '%s' '\(versions)'; exit; fi
        if [ "$1" = "-c" ]; then own="$2"; shift; fi
        shift
        while [ $# -gt 1 ]; do
          case "$1" in
            --cells) cell="$2" ;;
            --threads) threads="$2" ;;
            --peers) peers="$2" ;;
            --shape) [ "$2" = 3,2,2,3 ] && shape='"T":3,"B":2,"I":2,"H":3' ;;
          esac
          shift 2
        done
        line() { printf '{"cell":"%s",%s,"threads":%s,"peer":"%s","ms":%s}\\n' "$cell" "$shape" "$threads" "$1" "$2"; }
        \(script)

        """
      try text.write(toFile: interpreter, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: interpreter)
      return ebb(
        ["bench", "--cells", "rnn,lstm", "--shape", "3,2,2,3", "--runs", "1", "--compare", interpreter]
          + (ownScript ? [] : ["--peers", interpreter]) + options)
    }
  }

  private let both = #"{"python":"3.1","torch":"2.0","jax":"0.5"}"#

  /// Times of a step whose losses are others are no comparison.
  @Test func trainingStepsWithOtherLossesAreRefused() throws {
    try withTemporaryFolder { folder in
      let interpreter = folder + "/python"
      let text = """
        #!/bin/sh
        if [ $# -eq 2 ]; then printf '%s' '\(both)'; exit; fi
        echo '{"peer":"torch","losses":[1,2,3]}'
        echo '{"peer":"torch","ms":1}'

        """
      try text.write(toFile: interpreter, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: interpreter)
      let outcome = ebb("bench", "--training", "--tasks", "forecast", "--runs", "1", "--compare", interpreter)
      #expect(outcome.status != 0 && outcome.messages.contains("forecast, torch: the losses of 3 steps"))
    }
  }

  @Test func ratiosAreOfTheBestPeerAndTheSlowerMeasurement() throws {
    let script = """
      [ $cell = lstm ] && line torch 4000
      line jax 2000
      """
    let outcome = try compare(script, versions: both, "--json", "--threads", "1")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    try #require(lines.count == 4)
    let machine = try #require(lines[0]["machine"])
    #expect(machine["torch"] == "2.0" && machine["jax"] == "0.5" && machine["python"] == "3.1")
    #expect(machine["processor"]?.string?.isEmpty == false && machine["cores"]?.integer ?? 0 >= 1)
    for (line, cell) in zip(lines[1...2], ["rnn", "lstm"]) {
      let times = try #require(line["ebb_ms"]?.array?.compactMap { $0.double })
      #expect(line["cell"]?.string == cell && times.count == 2)
      #expect(line["ms"]?.double == times.max())
      #expect(line["best"] == "jax")
      let ratio = try #require(line["ratio"]?.double)
      #expect(abs(ratio * times.max()! / 2000 - 1) < 1e-3)
    }
    #expect(lines[1]["peers_ms"]?.object?.keys == ["jax"])
    #expect(lines[2]["peers_ms"]?.object?.keys == ["torch", "jax"])
    let ratios = lines[1...2].compactMap { $0["ratio"]?.double }
    let mean = try #require(lines[3]["mean_ratio"]?.double)
    #expect(abs(mean * mean / (ratios[0] * ratios[1]) - 1) < 1e-3)
    #expect(lines[3]["rows"] == 2 && lines[3]["roof_gflops"]?.double ?? 0 > 0)
  }

  /// Nothing is looked for in the working directory: neither the script, nor what Python would import from there.
  @Test func theScriptIsTheOneThatWasBuiltIn() throws {
    let script = """
      case "$own" in
        "import sys; sys.path = [folder for folder in sys.path if folder]"*"Times one training step"*) line jax 5 ;;
      esac
      """
    let outcome = try compare(script, versions: both, "--json", ownScript: true)
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(outcome.output.contains(#""peers_ms":{"jax":5"#))
  }

  @Test func roundsAlternate() throws {
    let outcome = try compare("line jax 5", versions: both, "--json", "--rounds", "2", "--seconds", "0")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(lines[1]["ebb_ms"]?.array?.count == 3)
  }

  @Test func tableHasAColumnForEachPeer() throws {
    let outcome = try compare("line torch 7.125; line jax 9", versions: both)
    #expect(outcome.status == 0, "\(outcome.messages)")
    for text in ["torch 2.0", "jax 0.5", "7.125", "9.000", "geometric mean of the ratios"] {
      #expect(outcome.output.contains(text), "\(text)")
    }
  }

  @Test func aMissingFrameworkIsLeftOutAndSaid() throws {
    let outcome = try compare(
      "line $peers 5", versions: #"{"python":"3.1","torch":null,"jax":"0.5"}"#, "--json")
    #expect(outcome.status == 0)
    #expect(outcome.messages.contains("has no torch: it is left out"))
    // The script was asked for nothing else.
    #expect(outcome.output.contains(#""peers_ms":{"jax":5"#))
  }

  @Test func aCellThatOthersDoNotHaveHasNoRatio() throws {
    let outcome = try compare("[ $cell = rnn ] && line jax 5; true", versions: both, "--json")
    #expect(outcome.status == 0)
    let lines = try outcome.output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    try #require(lines.count == 4)
    #expect(lines[2]["ratio"] == .null && lines[2]["best"] == .null)
    let (mean, ratio) = (try #require(lines[3]["mean_ratio"]?.double), try #require(lines[1]["ratio"]?.double))
    #expect(abs(mean / ratio - 1) < 1e-3)
  }

  @Test(arguments: [
    ("echo garbage", "printed 'garbage', which is no object with a peer and its ms"),
    ("line jax 0", "which is no object with a peer and its ms"),
    ("cell=gru; line jax 3", "was asked for rnn with T = 3, B = 2, I = 2, H = 3 on 2 threads, and timed"),
    ("threads=8; line jax 3", "on 2 threads, and timed"),
    ("echo first >&2; echo no memory >&2; exit 3", "could not time rnn with T = 3, B = 2, I = 2, H = 3: no memory"),
    ("exit 3", "it ended with status 3 and no message"),
  ])
  func aScriptThatGoesWrongIsAnError(script: String, message: String) throws {
    let outcome = try compare(script, versions: both)
    #expect(outcome.status == 1 && outcome.output.isEmpty)
    #expect(outcome.messages.contains(message), "\(outcome.messages)")
  }

  @Test func anInterpreterThatCannotCompareIsAnError() throws {
    let none = try compare("", versions: #"{"python":"3.1","torch":null,"jax":null}"#)
    #expect(none.status == 1 && none.messages.contains("has neither torch nor jax"))
    let other = try compare("", versions: "usage: python")
    #expect(other.status == 1 && other.messages.contains("is no Python interpreter"))
    let missing = ebb("bench", "--compare", "/no/such/python", "--peers", #filePath)
    #expect(missing.status == 1 && missing.messages.contains("/no/such/python"))
    let script = ebb("bench", "--compare", "/bin/sh", "--peers", "/no/such/script")
    #expect(script.status == 1 && script.messages.contains("there is no script '/no/such/script'"))
  }

  /// A signal ends the other program with the run, and what was measured before is written.
  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalEndsTheOtherProgram(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let interpreter = folder + "/python"
      let text = """
        #!/bin/sh
        if [ $# -eq 2 ]; then printf '%s' '\(both)'; exit; fi
        case "$*" in
          *"--cells rnn"*) echo '{"cell":"rnn","T":3,"B":2,"I":2,"H":3,"threads":2,"peer":"jax","ms":5}' ;;
          *) echo $$ > '\(folder)/pid'; exec sleep 300 ;;
        esac

        """
      try text.write(toFile: interpreter, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: interpreter)
      let run = try ProgramProcess([
        "bench", "--cells", "rnn,lstm,gru", "--shape", "3,2,2,3", "--runs", "1", "--compare", interpreter, "--peers",
        interpreter, "--json", folder + "/n.jsonl",
      ])
      #expect(run.wait { FileManager.default.contents(atPath: folder + "/pid")?.isEmpty == false })
      run.send(signal)
      let outcome = try run.outcome()
      #expect(outcome.status == 128 + signal, "\(outcome.messages)")
      #expect(outcome.messages.contains("interrupted after 1 of 3 rows"), "\(outcome.messages)")
      let number = try #require(Int32(String(contentsOfFile: folder + "/pid", encoding: .utf8).dropLast()))
      #expect(kill(number, 0) == -1 && errno == ESRCH)
      let lines = try String(contentsOfFile: folder + "/n.jsonl", encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 3 && lines[1].contains("\"rnn\"") && outcome.output.contains("rnn"))
    }
  }

  @Test func optionsThatHaveNoMeaning() {
    #expect(ebb("bench", "--peers", "x").status == 2)
    #expect(ebb("bench", "--norms", "--compare", "python").status == 2)
  }
}
