/// An option of a command: `--name VALUE`, or `--name` alone; or a value that is told by its place.
struct Option: Sendable {
  var name: String
  /// What stands for the value in the help; nil for an option without a value.
  var placeholder: String?
  var help: String
  /// The value where the option is not given, as it would be typed; nil if there is none.
  var standard: String?
  /// Whether it stands without `--name`, in the order of the options.
  var isPositional = false

  init(_ name: String, _ placeholder: String, _ help: String, standard: String? = nil) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.standard = standard
  }

  /// An option without a value.
  init(flag name: String, _ help: String) {
    self.name = name
    self.help = help
  }

  /// A value without a name before it; one that has a standard value may be left out.
  init(positional name: String, _ placeholder: String, _ help: String, standard: String? = nil) {
    self.init(name, placeholder, help, standard: standard)
    isPositional = true
  }

  var usage: String { isPositional ? placeholder ?? name : "--" + name + (placeholder.map { " " + $0 } ?? "") }
}

/// Options that several commands share.
extension Option {
  static let cell = Option("cell", "NAME", "the cell: one of those below (lstm, or the first)")
  static func cells(_ standard: String) -> Option {
    Option("cells", "NAMES", "the cells, with commas between them", standard: standard)
  }
  static func length(_ standard: Int) -> Option {
    Option("length", "STEPS", "steps of the sequence", standard: "\(standard)")
  }
  static func hidden(_ standard: Int) -> Option {
    Option("hidden", "UNITS", "units of the cell", standard: "\(standard)")
  }
  static func input(_ standard: Int) -> Option {
    Option("input", "FEATURES", "features of the input", standard: "\(standard)")
  }
  static func batch(_ standard: Int) -> Option {
    Option("batch", "SAMPLES", "samples of a batch", standard: "\(standard)")
  }
  static let seed = Option("seed", "NUMBER", "draws inputs and parameters", standard: "1")
  static let threads = Option("threads", "COUNT", "threads; they change no bit of a result", standard: "2")
}

/// Why arguments cannot be understood: what is wrong and what would be right.
struct UsageError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
