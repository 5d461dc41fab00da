// Results of papers, reproduced in minutes: each prints the paper's statement and the result here.
// Run one with: swift run -c release Reproductions clipping
// or all of them, and with --quick in seconds, to see that they run.
import Ebb
import Foundation

let reproductions = [clipping, identityRNN, copyBaseline, forgetBias, chronoInitialization, lyapunovSpectra, meanField]

let words = CommandLine.arguments.dropFirst()
let effort: Effort = words.contains("--quick") ? .quick : .full
let names = words.filter { $0 != "--quick" }
let chosen = names == ["all"] ? reproductions : reproductions.filter { names.contains($0.name) }

guard !names.isEmpty, names == ["all"] || chosen.count == Set(names).count else {
  print("Reproductions NAME … [--quick], or all:\n")
  for reproduction in reproductions { print("  \(reproduction.name): \(reproduction.paper)") }
  exit(names.isEmpty ? 0 : 2)
}

/// Written immediately, so that a pipe shows each result as soon as it exists.
func show(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

do {
  for reproduction in chosen {
    let start = ContinuousClock.now
    show(try reproduction.text(effort))
    show("\(number((ContinuousClock.now - start) / .seconds(1))) s\n")
  }
} catch {
  print(error)
  exit(1)
}
