internal import EbbFiles

/// The destinations of one command's options.
///
/// Two results in one place, or a result in place of its input, would be lost silently.
enum Destinations {
  static func check(
    _ values: [String: String], of command: any Command, _ cells: CellLibrary
  ) throws(UsageError) {
    var taken: [String: String] = [:]
    /// The equations of cells may stand in files.
    func note(_ values: [String], _ label: String) {
      for value in values where cells[value] == nil {
        guard let file = EquationFile(value, given: []), let place = DiskStore().identity(of: file.path) else {
          continue
        }
        taken[place] = "\(label), which is read"
      }
    }
    for option in command.options {
      // Standard output receives text if nothing else goes there.
      let standard = option.standard == "-" ? nil : option.standard
      guard let path = values[option.name] ?? standard else { continue }
      let label = option.label
      switch option.values {
      case .file where !command.replacesItsInput && path != "-":
        if let place = DiskStore().identity(of: path), taken[place] == nil { taken[place] = "\(label), which is read" }
      case .written:
        guard let place = path == "-" ? path : DiskStore().identity(of: path) else { continue }
        if let other = taken[place] {
          let whereabouts = path == "-" ? "standard output" : "'\(path)'"
          throw UsageError("\(label) would write over \(other): both are \(whereabouts)")
        }
        taken[place] = label
      case .cell: note([path], label)
      case .cells: note(path.split(separator: ",").map(String.init), label)
      case .any, .words, .list, .file, .folder: continue
      }
    }
  }
}
