internal import EbbApplications

extension CSVFormat {
  /// How a table is written, for the commands that read one.
  static let options: [Option] = [
    Option("separator", "comma|semicolon|tab", "what is between fields (found)"),
    Option("decimal", "point|comma", "what is before decimals (found)"),
    Option(flag: "header", "the first row names the columns, whatever it looks like"),
    Option(flag: "no-header", "the first row is data, whatever it looks like"),
  ]

  /// What the options say; the rest is found out.
  init(_ options: ParsedOptions) throws(UsageError) {
    let (isPresent, isAbsent) = (options.isGiven("header"), options.isGiven("no-header"))
    if isPresent, isAbsent { throw UsageError("--header and --no-header exclude each other") }
    self.init(
      separator: options.isGiven("separator") ? try options.choice("separator") : nil,
      decimalMark: options.isGiven("decimal") ? try options.choice("decimal") : nil,
      header: isPresent ? .present : isAbsent ? .absent : .automatic)
  }
}
