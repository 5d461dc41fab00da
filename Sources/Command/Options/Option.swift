internal import EbbApplications
internal import EbbExecution

/// An option of a command: `--name VALUE`, or `--name` alone; or a positional value.
struct Option: Sendable {
  var name: String
  /// Other names that users may expect, such as `lr` for the rate.
  var aliases: [String] = []
  /// The letter of its short form, as in `-o FILE`.
  var letter: Character?
  /// The placeholder for the value in the help; nil for an option without a value.
  var placeholder: String?
  var help: String
  /// The default value, as it would be typed; nil if there is none.
  var standard: String?
  /// The value of the option if given without one; nil if it needs a value.
  var bare: String?
  /// Whether it is positional, without `--name`, in the order of the options.
  var isPositional = false
  /// Whether it can be given several times; the values are lines of one value.
  var isRepeatable = false
  var values = Values.any

  /// The possible values: for completion, names in any case, and files to write.
  enum Values: Sendable {
    case any
    /// One of these words.
    case words([String])
    /// Some of these words, separated by commas.
    case list([String])
    /// A cell of the program, or several separated by commas.
    case cell, cells
    /// A file that is read, and a folder.
    case file, folder
    /// A file that is written in one of these formats.
    case written([FileFormat])

    /// Whether it is a file or a folder.
    var areFiles: Bool {
      switch self {
      case .file, .folder, .written: true
      case .any, .words, .list, .cell, .cells: false
      }
    }
  }

  init(_ name: String, _ placeholder: String, _ help: String, standard: String? = nil) {
    self.name = name
    self.placeholder = placeholder
    self.help = help
    self.standard = standard
    values = Self.values(placeholder)
  }

  /// An option without a value.
  init(flag name: String, _ help: String) {
    self.name = name
    self.help = help
  }

  /// A positional value; one with a default may be left out.
  init(positional name: String, _ placeholder: String, _ help: String, standard: String? = nil) {
    self.init(name, placeholder, help, standard: standard)
    isPositional = true
  }

  /// One of a few words, the cases of a type.
  init<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ placeholder: String, _ choice: Choice.Type, _ help: String, standard: Choice? = nil
  ) {
    self.init(name, placeholder, help, standard: standard?.rawValue)
    values = .words(choice.allCases.map(\.rawValue))
  }

  /// The option with a short form, other names, or a kind of values.
  func with(letter: Character? = nil, aliases: [String] = [], values: Values? = nil) -> Option {
    var option = self
    option.letter = letter ?? self.letter
    option.aliases += aliases
    option.values = values ?? self.values
    return option
  }

  /// The kind of values according to the placeholder: `FILE`, `FOLDER`, `last|all`.
  private static func values(_ placeholder: String) -> Values {
    if placeholder.contains("FILE") { return .file }
    if ["DIR", "FOLDER"].contains(placeholder) { return .folder }
    let words = placeholder.split(separator: "|").map(String.init)
    return words.count > 1 ? .words(words.map { $0.lowercased() }) : .any
  }

  /// Every long name, the first one first.
  var names: [String] { [name] + aliases }

  /// The names as they are typed: `--output`, `-o`.
  var forms: [String] { names.map { "--" + $0 } + (letter.map { ["-\($0)"] } ?? []) }

  /// The option in messages: `--output`, or `FILE` for a positional one.
  var label: String { isPositional ? usage : "--" + name }

  /// Its usage: `--output, -o FILE`, `--json [FILE]`, or `FILE` for a positional option.
  var usage: String {
    guard !isPositional else { return placeholder ?? name }
    let value = placeholder.map { bare == nil ? " " + $0 : " [\($0)]" } ?? ""
    return forms.joined(separator: ", ") + value
  }
}

/// Options that several commands share.
extension Option {
  static let cell = Option(
    "cell", "NAME",
    "the cell: one of those below (lstm, or the first), equations such as 'h_t = tanh(W [h_{t-1}, x_t] + b)', or a file "
      + "of them, FILE or FILE#HEADING"
  ).with(values: .cell)
  /// What equations leave open.
  static let given: Option = {
    var option = Option(
      "let", "LINE",
      "what equations leave open: 'f = relu', 'ε = 0.01', 'W_c: diagonal', 'Θ: arctangent(2)', 'b ~ constant(1)'; "
        + "repeatable"
    )
    option.isRepeatable = true
    return option
  }()
  static func cells(_ standard: String) -> Option {
    Option("cells", "NAMES", "the cells or files of equations, with commas between them", standard: standard).with(
      values: .cells)
  }
  static func length(_ standard: Int) -> Option {
    Option("length", "STEPS", "steps of the sequence", standard: "\(standard)")
  }
  static func hidden(_ standard: Int) -> Option {
    Option("hidden", "UNITS", "units of the cell", standard: "\(standard)").with(aliases: ["hidden-size"])
  }
  static func input(_ standard: Int) -> Option {
    Option("input", "FEATURES", "features of the input", standard: "\(standard)").with(aliases: ["input-size"])
  }
  static func batch(_ standard: Int) -> Option {
    Option("batch", "SAMPLES", "samples of a batch", standard: "\(standard)").with(aliases: ["batch-size"])
  }
  static let seed = Option("seed", "NUMBER", "draws inputs and parameters", standard: "1")
  static let device = Option(
    "device", "DEVICE",
    "runs through XLA: pjrt:PLUGIN with the file of a PJRT plugin, and after another colon its own options NAME=VALUE with commas between them; cpu for Ebb's kernels",
    standard: "cpu")
  static let devices = Option(
    "devices", "COUNT",
    "of the plugin's devices, so many divide the samples of each batch; with node_id=N, num_nodes=N and coordinator=HOST:PORT of host 0 among the plugin's options, those of all hosts, each of which runs the same command (not tried on hardware)",
    standard: "1")
  static let threads = Option("threads", "COUNT", "threads; they change no bit of a result", standard: "2")
  static let underflow = Option(
    "underflow", "KIND",
    "what is below the normal range, 10⁻³⁸ in 32 bits: abrupt, it is 0; gradual, it is kept with fewer digits, which many processors compute a hundred times slower. A device has its own rule",
    standard: Underflow.abrupt.rawValue
  ).with(values: .words(Underflow.allCases.map(\.rawValue)))
  /// Every number of a result. `--json` alone writes to standard output.
  static func json(
    _ what: String = "writes every number as JSON", _ formats: [FileFormat] = [.json], standard: String? = nil
  ) -> Option {
    var option = Option(
      "json", "FILE", "\(what); without FILE, or with -, to standard output and nothing else there", standard: standard)
    option.bare = "-"
    return option.with(values: .written(formats))
  }
  /// The learning rate, with its names elsewhere.
  static func rate(_ help: String, standard: String? = nil) -> Option {
    Option("rate", "RATE", help, standard: standard).with(aliases: ["lr", "learning-rate"])
  }

  /// The options of every command.
  static let common = [
    Option(flag: "quiet", "no progress and no notes; warnings and errors are told").with(letter: "q"),
    Option(flag: "help", "tells the options").with(letter: "h"),
    Option(flag: "version", "tells the version").with(letter: "v"),
  ]
}

/// An error in the arguments: what is wrong and what would be right.
struct UsageError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }

  /// A name that is none of these.
  init(unknown name: String, _ kind: String, plural: String, among names: [String]) {
    let list = names.joined(separator: ", ")
    self.init("there is no \(kind) \(name); the \(plural) are \(list)" + Spelling.question(name, among: names))
  }
}
