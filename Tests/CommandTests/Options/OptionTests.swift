import EbbCommand
import Foundation
import Testing

@Suite struct OptionTests {
  static let commands = ["study", "flow", "train", "check", "graph", "bench"]

  @Test func withoutACommandItTellsWhatThereIs() {
    for outcome in [ebb(), ebb("--help"), ebb("help")] {
      #expect(outcome.status == 0)
      for command in Self.commands { #expect(outcome.output.contains("\n  \(command) ")) }
      #expect(outcome.output.contains("lnlstm"))
    }
  }

  @Test(arguments: commands)
  func eachCommandHasHelpWithAllItsOptions(command: String) {
    let help = ebb(command, "--help")
    #expect(help.status == 0)
    #expect(help.messages.isEmpty)
    // What the help names is what an unknown option's message names.
    let message = ebb(command, "--no-such-option").messages
    let known = message.split(separator: " ").filter { $0.hasPrefix("--") && $0.hasSuffix(",") }.map { $0.dropLast() }
    #expect(known.count >= 3)
    for option in known { #expect(help.output.contains("  \(option)")) }
  }

  @Test func valuesThatHaveAPlaceAreInTheUsage() {
    let help = ebb("help", "weights").output
    #expect(help.contains("Usage: ebb weights FILE [OPTIONS]"))
    #expect(help.contains("\n  FILE "))
  }

  @Test(arguments: [
    (["fly"], "there is no command fly; the commands are study, sweep, flow"),
    (["flow", "--lenght", "3"], "there is no option --lenght; the options are --cell, --let, --length"),
    (["flow", "lstm"], "'lstm' is no option"),
    (["flow", "--length"], "--length takes a value: --length STEPS"),
    (["flow", "--length", "--batch", "3"], "--length takes a value"),
    (["flow", "--length", "0"], "--length takes a whole number of at least 1, not '0'"),
    (["flow", "--length", "many"], "not 'many'"),
    (["flow", "--length", "3", "--length", "4"], "--length is given twice"),
    (["flow", "--seed", "-1"], "--seed takes a whole number of at least 0"),
    (["flow", "--gain", "nan"], "--gain takes a number, not 'nan'"),
    (["flow", "--clip", "0"], "--clip takes a number greater than 0"),
    (
      ["flow", "--loss", "first"],
      "--loss takes one of last, all, ends, mse, mae, huber, binary, cross-entropy, not 'first'"
    ),
    (["flow", "--loss", "all,mse"], "--loss mse compares with targets, which need --weights and --data"),
    (["flow", "--data", "x.npz"], "--data is for a trained network; give its file too: --weights FILE"),
    (["flow", "--weights", "w.npz", "--hidden", "3"], "--hidden and --weights exclude each other"),
    (["flow", "--weights", "w.npz", "--targets", "y.npy"], "--targets belongs to data; give --data FILE too"),
    (["flow", "--precision", "16"], "--precision takes one of 32, 64"),
    (["flow", "--cell", "lstn"], "there is no cell lstn; the cells are rnn, lstm"),
    (["graph", "--pass", "magic"], "there is no pass magic; the passes are"),
    (["graph", "--emit", "recorded", "--pass", "FoldConstants"], "went through no pass"),
    (["graph", "--emit", "plan", "--format", "svg"], "a plan is written as text"),
    (["bench", "--sizes", "XXL"], "there is no size XXL; the sizes are XS, S, M, L, LONG"),
    (["bench", "--shape", "1,2,3"], "--shape takes four whole numbers"),
    (["bench", "--cells", "rnn,,gru"], "--cells takes words with commas between them"),
    (["weights"], "FILE is missing: the file to read"),
    (["weights", "a.npz", "b.npz"], "'b.npz' is no option"),
    (["weights", "--file", "a.npz"], "there is no option --file"),
  ])
  func wrongArgumentsSayWhatIsRight(arguments: [String], message: String) {
    let outcome = run(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.messages.contains(message), "\(outcome.messages)")
    #expect(outcome.output.isEmpty)
  }

  private func run(_ arguments: [String]) -> Outcome {
    var (output, messages) = ("", "")
    let status = EbbProgram.run(
      arguments: arguments, output: CommandOutput(write: { output += $0 }, writeError: { messages += $0 }))
    return Outcome(status: status, output: output, messages: messages)
  }

  @Test func libraryKeepsItsOrderAndTakesOthers() {
    let cells = CellLibrary.standard.adding(["elman": Elman.init, "rnn": Elman.init])
    #expect(CellLibrary.standard.names.first == "rnn")
    #expect(cells.names == CellLibrary.standard.names.dropFirst() + ["elman", "rnn"])
    #expect(cells["rnn"]?(3) is Elman)
  }

  @Test(arguments: [
    ["flow", "--hidden", "2147483647"], ["flow", "--batch", "2147483647"], ["check", "--length", "2147483647"],
    ["graph", "--hidden", "100000"], ["bench", "--shape", "1,1,1,9000000000000000000"],
    ["study", "--training-batch", "2147483647"],
    ["forecast", "train", "x.csv", "--target", "1", "--window", "2147483647"],
  ])
  func sizesThatFitInNoMemoryAreRejected(arguments: [String]) {
    let outcome = ebb(arguments)
    #expect(outcome.status == 2 && outcome.output.isEmpty)
    #expect(outcome.messages.contains("are too much: a value may have 2³¹ elements"), "\(outcome.messages)")
  }

  @Test func aCellIsNamedOnce() {
    let outcome = ebb("bench", "--cells", "rnn,lstm,rnn")
    #expect(outcome.status == 2 && outcome.messages.contains("--cells names rnn twice"))
  }

  @Test func helpOfACommandIsItsHelp() {
    #expect(ebb("help", "flow").output == ebb("flow", "--help").output)
    #expect(ebb("help", "fly").status == 2)
  }

  @Test(arguments: [
    ["study", "--json"], ["study", "--html"], ["flow", "--json"], ["check", "--json"], ["graph", "--output"],
  ])
  func aFileThatCannotBeWrittenIsToldBeforeTheWork(arguments: [String]) {
    for (path, reason) in [("/no/such/file", "No such file or directory"), ("/tmp", "Is a directory"), ("", "empty")] {
      let outcome = ebb(arguments + [path])
      #expect(outcome.status == 1 && outcome.output.isEmpty)
      #expect(outcome.messages.contains(reason), "\(outcome.messages)")
    }
  }

  @Test func anOutputThatTakesNothingIsAnErrorAndNoCrash() async {
    await #expect(processExitsWith: .exitCode(1)) {
      close(STDOUT_FILENO)
      CommandOutput.standard.write("text")
    }
  }
}
