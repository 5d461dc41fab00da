import EbbDiagnostics
import EbbEquations
import EbbRecording
import Foundation
import Testing

/// The published cells of `Examples/Equations`: each is read, and what it records runs and is differentiated.
@Suite struct PublishedCellTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Examples/Equations").standardizedFileURL

  /// The headings of all files, as `FILE#HEADING`.
  static let cells: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".md") }.sorted().flatMap { file in
      let text = (try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)) ?? ""
      return text.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { "\(file)#\($0.dropFirst(3))" }
    }
  }()

  /// Those that read their own past, through which no gradient is written.
  static let withPast = ["gated.md#LSTMN"]

  @Test func thereAreFortyAndMore() { #expect(Self.cells.count >= 40) }

  static func cell(_ name: String, units: Int) throws -> EquationCell {
    let parts = name.split(separator: "#", maxSplits: 1).map(String.init)
    let text = try String(contentsOf: folder.appendingPathComponent(parts[0]), encoding: .utf8)
    return try EquationCell(text, section: parts[1], units: units)
  }

  @Test(arguments: cells) func publishedCellsHaveTheirDerivatives(_ name: String) throws {
    let settings = GradientCheck.Settings(length: 4, features: 3, batch: 2, seed: 5, elementsPerValue: 6)
    #expect(try GradientCheck.run(Self.cell(name, units: 4), settings).largestError < 1e-6)
  }

  /// Widths that the text does not fix follow the input and the units.
  @Test(arguments: cells) func publishedCellsHaveAnyWidth(_ name: String) throws {
    for (units, features) in [(1, 1), (6, 2), (3, 7)] {
      let model = try Recording(Self.cell(name, units: units), features: features)
      #expect(!model.states.isEmpty && !model.parameters.isEmpty)
    }
  }
}
