// The shapes of sequence models in textbooks, each on synthetic data, in seconds.
// Run one with: swift run -c release Sequences translation
// or all of them, and with --quick in a second or so each, to see that they run.
import Ebb
import Foundation

let examples = [translation, captioning, speech, music]

let words = CommandLine.arguments.dropFirst()
let effort: Effort = words.contains("--quick") ? .quick : .full
let names = words.filter { $0 != "--quick" }
let chosen = names == ["all"] ? examples : examples.filter { names.contains($0.name) }

guard !names.isEmpty, names == ["all"] || chosen.count == Set(names).count else {
  print("Sequences NAME … [--quick], or all:\n")
  for example in examples { print("  \(example.name): \(example.summary)") }
  exit(names.isEmpty ? 0 : 2)
}

do {
  for example in chosen {
    show("\(example.name): \(example.summary)\n")
    try example.run(effort)
  }
} catch {
  print(error)
  exit(1)
}
