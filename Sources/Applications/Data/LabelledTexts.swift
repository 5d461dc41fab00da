public import EbbFiles
internal import EbbTensors
internal import EbbTraining

/// Texts, each of one of a few classes.
public struct LabelledTexts: Hashable, Sendable {
  /// The file, or another name of the data, for messages.
  public var source: String
  /// The texts.
  public var texts: [String]
  /// The class of each text, from 0.
  public var labels: [Int]

  /// Texts and their classes; traps unless their counts are equal.
  public init(_ texts: [String], labels: [Int], source: String = "texts") {
    precondition(texts.count == labels.count, "\(texts.count) texts have \(labels.count) labels")
    self.source = source
    self.texts = texts
    self.labels = labels
  }

  /// Reads a file with a text, a tab and a class in each line, the format of SST-2 (Socher et al. 2013).
  ///
  /// - Parameters:
  ///   - path: The path of the file; `-` is standard input.
  ///   - classes: The labels are 0 ..< classes.
  public init(contentsOf path: String, classes: Int = 2) throws(FileError) {
    try self.init(TSVTable(contentsOf: path, columns: Self.columns), classes: classes)
  }

  /// Reads rows of a text and a class.
  public init(_ table: TSVTable, classes: Int = 2) throws(FileError) {
    var labels: [Int] = []
    for (row, line) in zip(table.rows, table.lines) {
      guard row[0].contains(where: { !$0.isWhitespace }) else {
        throw FileError(table.source, line: line, column: "text", "the text is empty; at least one word is expected")
      }
      guard let label = Int(row[1]), (0..<classes).contains(label) else {
        let shown = row[1].count > 40 ? row[1].prefix(40) + "…" : row[1][...]
        let expected = classes == 2 ? "0 or 1" : "a whole number in 0 ..< \(classes)"
        throw FileError(table.source, line: line, column: "label", "\"\(shown)\" is no label; \(expected) is expected")
      }
      labels.append(label)
    }
    self.init(table.rows.map { $0[0] }, labels: labels, source: table.source)
  }

  /// Throws unless there are texts, and each has one of these classes.
  func check(classes: Int) throws(FileError) {
    if texts.isEmpty { throw FileError(source, "there is no text; at least one is expected") }
    if let (place, label) = labels.enumerated().first(where: { !(0..<classes).contains($0.element) }) {
      throw FileError(
        source, column: "label", "text \(place) has the label \(label); the classes are 0 ... \(classes - 1)")
    }
  }

  static let columns = ["text", "label"]

  /// How many texts there are.
  public var count: Int { texts.count }

  /// Throws at the first text without words, whose label could not be learned.
  func checkWords() throws(FileError) {
    guard let row = texts.firstIndex(where: { !$0.contains { !$0.isWhitespace } }) else { return }
    throw FileError(source, "text \(row + 1) is empty; at least one word is expected")
  }

  /// Those at these places.
  public subscript(places: [Int]) -> LabelledTexts {
    LabelledTexts(places.map { texts[$0] }, labels: places.map { labels[$0] }, source: source)
  }

  /// Splits off a random part, of this fraction of the texts and at least one: a function of the seed.
  ///
  /// - Throws: `FileError` if a part would be empty.
  public func split(
    heldOut fraction: Double, seed: UInt64
  ) throws(FileError) -> (training: LabelledTexts, heldOut: LabelledTexts) {
    guard fraction > 0, fraction < 1 else {
      throw FileError(source, "the fraction to hold out is between 0 and 1, not \(fraction)")
    }
    let heldOutCount = max(1, Int((Double(count) * fraction).rounded()))
    guard heldOutCount < count else {
      throw FileError(source, "\(count) texts are too few to train on a part and hold out \(fraction) of them")
    }
    let order = BatchOrder(count: count, batchSize: count, seed: seed).samples(ofBatch: 0)
    return (self[order.dropLast(heldOutCount).sorted()], self[order.suffix(heldOutCount).sorted()])
  }
}

extension LabelledTexts {
  /// Identifies the data in a checkpoint: their number, and a checksum.
  public var fingerprint: String {
    var sum = Fingerprint()
    for (text, label) in zip(texts, labels) {
      sum.add(text)
      sum.add(UInt64(bitPattern: Int64(label)))
    }
    return "\(count) texts (\(sum.text))"
  }
}
