internal import EbbGraph
public import EbbRecording
internal import EbbTensors

/// The layers of a network as a table, with their outputs and numbers of parameters.
///
/// ```
/// layer   type       output      parameters
/// ──────  ─────────  ──────────  ──────────
/// layer0  SimpleRNN  [t, b, 50]       2,600
/// layer1  LastStep   [b, 50]
/// layer2  Dense      [b, 1]              51
///
/// 2,651 parameters (10.4 KiB): 2,651 trained, 0 frozen
/// ```
public struct ModelSummary: Hashable, Sendable, CustomStringConvertible {
  /// A layer, or parameters outside of layers.
  public struct Row: Hashable, Sendable {
    /// The path of the layer, or of parameters outside of layers.
    public var name: String
    /// The cell's type; empty for parameters outside of cells.
    public var type: String
    /// How many layers it lies within.
    public var depth: Int
    /// The dimensions of its output: names of axes, then sizes; nil for parameters outside of cells.
    public var output: [String]?
    /// The number of its own parameters. Parameters of layers within it count there, and shared ones at their first
    /// use.
    public var parameters: Int
  }

  /// The layers in the order of execution, then parameters outside of cells.
  public var rows: [Row]
  /// The number of trained numbers.
  public var trained: Int
  /// The number of frozen numbers.
  public var frozen: Int
  /// The bytes of one number.
  public var elementSize: Int
  /// The dimensions of the inputs, if the trainer takes samples first; nil for the order of the axes.
  public var batchFirst: [Input]?

  /// An input and its dimensions.
  public struct Input: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The names of its axes in the order in which they are given, then its sizes.
    public var dimensions: [String]
  }

  /// How many numbers the network has.
  public var parameters: Int { trained + frozen }
}

extension Recording {
  /// The layers and their parameters.
  ///
  /// - Parameter groups: The groups of the training, which may freeze parameters.
  public func summary(groups: [ParameterGroup] = []) -> ModelSummary {
    // An inner layer comes after the outer one, so the last layer to claim a parameter owns it.
    var owners = [Int?](repeating: nil, count: parameters.count)
    for (index, layer) in layers.enumerated() {
      for parameter in layer.parameters { owners[parameter] = index }
    }
    var rows = layers.enumerated().map { index, layer in
      let type = graph.type(layer.output)
      return ModelSummary.Row(
        name: layer.name.isEmpty ? layer.type : layer.name, type: layer.type, depth: layer.depth,
        output: type.domain.map { graph.shortName(of: $0) } + type.shape.array.map(String.init),
        parameters: zip(parameters, owners).reduce(0) { $0 + ($1.1 == index ? $1.0.shape.count : 0) })
    }
    // Parameters made by the recording's body itself, grouped by prefix: `readout.weight`, `readout.bias`.
    for (parameter, owner) in zip(parameters, owners) where owner == nil {
      let name = parameter.name.split(separator: ".").dropLast().joined(separator: ".")
      let known = name.isEmpty ? parameter.name : name
      if let row = rows.firstIndex(where: { $0.name == known && $0.output == nil }) {
        rows[row].parameters += parameter.shape.count
      } else {
        rows.append(
          ModelSummary.Row(name: known, type: "", depth: 0, output: nil, parameters: parameter.shape.count))
      }
    }
    let isFrozen = { (parameter: ParameterDescription) in
      !parameter.isTrained || groups.group(of: parameter.name)?.isFrozen == true
    }
    let frozen = parameters.reduce(0) { $0 + (isFrozen($1) ? $1.shape.count : 0) }
    let all = parameters.reduce(0) { $0 + $1.shape.count }
    return ModelSummary(rows: rows, trained: all - frozen, frozen: frozen, elementSize: element == .float64 ? 8 : 4)
  }
}

extension Trainer {
  /// The layers of the network, and which parameters are trained here.
  ///
  /// It names the inputs' dimensions if samples come first; the outputs of layers are in the network's own order.
  public func summary() -> ModelSummary {
    var summary = recording.summary(groups: groups)
    switch layout {
    case .timeFirst: break
    case .batchFirst:
      let graph = recording.graph
      summary.batchFirst = recording.inputs.map { input in
        let type = graph.type(input.node)
        let axes = Array(type.domain)
        let names = layout.order(type.domain, in: graph).map { graph.shortName(of: axes[$0]) }
        return ModelSummary.Input(name: input.name, dimensions: names + type.shape.array.map(String.init))
      }
    }
    return summary
  }
}

// MARK: Printing

extension ModelSummary {
  public var description: String {
    let header = ["layer", "type", "output", "parameters"]
    let cells = rows.map { row in
      [
        String(repeating: "  ", count: row.depth) + row.name, row.type,
        row.output.map { "[\($0.joined(separator: ", "))]" } ?? "",
        row.parameters == 0 ? "" : Self.grouped(row.parameters),
      ]
    }
    let widths = header.indices.map { column in
      ([header] + cells).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        // Numbers are read from their last digit.
        return column == 3 ? space + text : text + space
      }
      let text = padded.joined(separator: "  ")
      return String(text[...(text.lastIndex { $0 != " " } ?? text.startIndex)])
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    let totals =
      "\(Self.grouped(parameters)) parameters (\(Self.size(parameters * elementSize))): "
      + "\(Self.grouped(trained)) trained, \(Self.grouped(frozen)) frozen"
    let inputs = batchFirst.map { inputs in
      "samples come first: "
        + inputs.map { "\($0.name) [\($0.dimensions.joined(separator: ", "))]" }
        .joined(separator: ", ")
    }
    return ([line(header), rule] + cells.map(line) + ["", totals] + (inputs.map { [$0] } ?? []))
      .joined(separator: "\n") + "\n"
  }

  /// With a comma between thousands.
  static func grouped(_ number: Int) -> String {
    let digits = Array(String(number))
    return digits.enumerated().reduce("") { text, digit in
      let left = digits.count - digit.offset
      return text + (digit.offset > 0 && left % 3 == 0 ? "," : "") + String(digit.element)
    }
  }

  /// A size with one decimal, in the largest unit not above it.
  static func size(_ bytes: Int) -> String {
    guard bytes >= 1024 else { return "\(bytes) B" }
    var (value, unit) = (Double(bytes) / 1024, 0)
    let units = ["KiB", "MiB", "GiB", "TiB"]
    while value >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
