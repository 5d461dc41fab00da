internal import EbbApplications
internal import EbbExecution
internal import EbbRecording

/// The options as given, with typed access.
struct ParsedOptions {
  private var values: [String: String]
  private let declared: [String: Option]

  /// - Parameter values: The typed values, by option name.
  init(_ values: [String: String], of command: any Command) {
    self.values = values
    declared = Dictionary(uniqueKeysWithValues: (command.options + Option.common).map { ($0.name, $0) })
  }

  /// The same options without some of them.
  func without(_ names: [String]) -> ParsedOptions {
    var options = self
    for name in names { options.values[name] = nil }
    return options
  }

  /// Gives an option another value.
  mutating func replace(_ name: String, with value: String) {
    precondition(declared[name] != nil, "a command sets an option that it does not declare: \(name)")
    values[name] = value
  }

  /// Whether the option was given.
  func isGiven(_ name: String) -> Bool {
    precondition(declared[name] != nil, "a command reads an option that it does not declare: \(name)")
    return values[name] != nil
  }

  /// Whether the command has the option.
  func isDeclared(_ name: String) -> Bool { declared[name] != nil }

  /// The value as typed, or the default; nil if there is neither.
  func text(_ name: String) -> String? { isGiven(name) ? values[name] : declared[name]?.standard }

  /// The default value; nil if there is none.
  func standard(_ name: String) -> String? { declared[name]?.standard }

  /// The value of a required option.
  func required(_ name: String) throws(UsageError) -> String {
    guard let text = text(name) else { throw missing(name) }
    return text
  }

  /// A whole number in a range.
  func integer(_ name: String, _ range: ClosedRange<Int> = 1...Int(Int32.max)) throws(UsageError) -> Int {
    guard let number = try optionalInteger(name, range) else { throw missing(name) }
    return number
  }

  func optionalInteger(_ name: String, _ range: ClosedRange<Int> = 1...Int(Int32.max)) throws(UsageError) -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      let upper = range.upperBound >= Int(Int32.max) ? "" : " and at most \(range.upperBound)"
      throw UsageError("\(label(name)) takes a whole number of at least \(range.lowerBound)\(upper), not '\(text)'")
    }
    return number
  }

  /// The requested epochs instead of steps; nil if there are none.
  func epochs() throws(UsageError) -> Int? {
    guard let epochs = try optionalInteger("epochs") else { return nil }
    guard !isGiven("steps") else {
      throw UsageError("--steps and --epochs exclude each other: an epoch is as many steps as read every window once")
    }
    return epochs
  }

  /// A seed: any whole number from 0 to 2⁶⁴ − 1.
  func seed(_ name: String = "seed") throws(UsageError) -> UInt64 {
    let text = try required(name)
    guard let number = UInt64(text) else {
      throw UsageError("\(label(name)) takes a whole number of at least 0, not '\(text)'")
    }
    return number
  }

  /// A finite number that meets the condition.
  func number(
    _ name: String, _ condition: String = "a number", where holds: (Double) -> Bool = { _ in true }
  ) throws(UsageError) -> Double? {
    guard let text = text(name) else { return nil }
    guard let number = Double(text), number.isFinite, holds(number) else {
      throw UsageError("\(label(name)) takes \(condition), not '\(text)'")
    }
    return number
  }

  func positive(_ name: String) throws(UsageError) -> Double? {
    try number(name, "a number greater than 0") { $0 > 0 }
  }

  /// One of a few words.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String) throws(UsageError) -> Choice {
    let text = try required(name)
    guard let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      let hint = Spelling.question(text, among: Choice.allCases.map(\.rawValue))
      throw UsageError("\(label(name)) takes one of \(words), not '\(text)'" + hint)
    }
    return choice
  }

  /// A number of bytes.
  func bytes(_ name: String) throws(UsageError) -> Int? {
    guard let text = text(name) else { return nil }
    guard let bytes = ByteCount(text), bytes.count >= 1 else {
      throw UsageError("\(label(name)) takes \(ByteCount.wording), not '\(text)'")
    }
    return bytes.count
  }

  /// The number of threads and, if the command supports them, underflow, the memory limit and the device.
  func execution() throws(UsageError) -> ExecutionOptions {
    let options = ExecutionOptions(
      threads: try integer("threads", 1...256),
      underflow: declared["underflow"] == nil ? .abrupt : try choice("underflow"),
      memoryBudget: declared["memory-budget"] == nil ? nil : try bytes("memory-budget"),
      device: declared["device"] == nil ? nil : try device())
    if let problem = options.problem { throw UsageError("--memory-budget: " + problem) }
    return options
  }

  /// Rejects sizes for which a single value, such as all gates of all steps, would have more than 2³¹ elements.
  func check(_ sizes: WorkSizes) throws(UsageError) {
    let (length, batch, features, units) = (sizes.length, sizes.batch, sizes.features, sizes.units)
    let limit = 1 << 31
    func exceeds(_ factors: Int...) -> Bool {
      var product = 1
      for factor in factors {
        let (next, overflows) = product.multipliedReportingOverflow(by: factor)
        if overflows || next > limit { return true }
        product = next
      }
      return false
    }
    let (width, overflows) = features.addingReportingOverflow(units)
    guard !overflows, !exceeds(4, length, batch, width), !exceeds(4, width, units) else {
      throw UsageError(
        "\(length) steps of \(batch) samples with \(features) features and \(units) units are too much: "
          + "a value may have 2³¹ elements")
    }
  }

  /// Words with commas between them.
  func list(_ name: String) throws(UsageError) -> [String] {
    let text = try required(name)
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard words.allSatisfy({ !$0.isEmpty }) else {
      throw UsageError("\(label(name)) takes words with commas between them, not '\(text)'")
    }
    return words
  }

  private func missing(_ name: String) -> UsageError {
    UsageError("--\(name) is needed" + (declared[name].map { ": \($0.usage), \($0.help)" } ?? ""))
  }

  /// The user's name of an option.
  func label(_ name: String) -> String {
    declared[name]?.label ?? "--" + name
  }
}

extension ParsedOptions {
  /// The requested cell; otherwise the LSTM, or the first cell of a program without one.
  func cellName(of cells: CellLibrary) -> String {
    text("cell") ?? (cells["lstm"] == nil ? cells.names.first ?? "" : "lstm")
  }

  /// The requested cells; otherwise the standard ones that the program has, or all of its cells.
  func cellNames(of cells: CellLibrary) throws(UsageError) -> [String] {
    let names = try list("cells")
    for (position, name) in names.enumerated() where names[..<position].contains(name) {
      throw UsageError("--cells names \(name) twice")
    }
    if isGiven("cells") { return names }
    let found = names.filter { cells[$0] != nil }
    return found.isEmpty ? cells.names : found
  }
}

extension CellLibrary {
  /// The factory of the cell with this name.
  func factory(_ name: String) throws(UsageError) -> Factory {
    guard let make = self[name] else { throw UsageError(unknown: name, "cell", plural: "cells", among: names) }
    return make
  }

  /// The cell of this name with this number of units.
  func cell(_ name: String, units: Int) throws(UsageError) -> any RecurrentCell { try factory(name)(units) }
}
