internal import EbbDiagnostics
internal import EbbFiles
internal import Foundation

extension FlowCommand {
  /// Measures the cell of a file, and again at each change of the file, until a signal comes.
  func watch(
    _ name: String, _ units: Int, _ experiment: FlowExperiment, _ options: ParsedOptions, _ context: CommandContext
  ) throws -> Int32 {
    guard let file = context.equationFiles[name] else {
      _ = try context.cells.factory(name)
      let reason =
        name.contains("=") ? "save these in one" : "\(name) is a cell of this program, which nothing changes"
      throw UsageError("--watch follows a file of equations, --cell FILE or FILE#HEADING; \(reason)")
    }
    guard DiskStore().identity(of: file.path) != nil else {
      throw UsageError("--watch follows a file that is saved again, and '\(file.path)' is a pipe or a device")
    }
    let page = try options.required("watch")
    guard page != "-" else { throw UsageError("--watch needs a file that a browser can load again, not '-'") }
    guard !options.isGiven("report") else {
      throw UsageError("--watch writes a page again and again, --report one with all pictures; give one of the two")
    }
    guard options.text("json") != "-" else {
      throw UsageError("--watch writes a line for each measurement; give the numbers a file: --json FILE")
    }
    if let section = FlowSections.options.first(where: { options.isGiven($0.name) }) {
      throw UsageError("--watch measures what is quick; give --\(section.name) without it")
    }
    let text = try file.text()
    try context.checkCanSave(to: page, options.text("json"))
    // Nothing is said while nothing changes.
    context.activity?.end()
    var watcher = FlowWatcher(
      file, experiment, units: units, page: page, numbers: options.text("json"), context)
    Interrupts.listen()
    context.output.writeError("\(page) follows \(file.path): open it in a browser; Ctrl-C ends\n")
    var changes = FileChanges(file.path, read: text) { seconds in
      usleep(UInt32(seconds * 1e6))
      return !Interrupts.isRequested && context.output.delivery.text == .taken
    }
    watcher.show(.text(text))
    while let change = changes.next() { watcher.show(change) }
    watcher.finish()
    return ExitStatus.success
  }
}
