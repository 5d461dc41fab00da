internal import EbbCells
internal import EbbRecording

/// Layers each of which reads the input, or what other layers before it give: y_k = f_k(y_i) or merge(y_i, y_j, …). The last
/// one gives the output.
///
/// The cells have the scopes `layer0`, `layer1`, …, by their places here.
struct WiredLayers: RecurrentCell {
  /// How the features of several layers become one vector, as Keras's layers of these names do.
  enum Merge: String {
    case concatenate = "Concatenate"
    case sum = "Add"
    case average = "Average"
    case product = "Multiply"
    case difference = "Subtract"
    case maximum = "Maximum"
    case minimum = "Minimum"

    /// The word for it: `sum of …`.
    var word: String {
      switch self {
      case .concatenate: "concatenation"
      case .sum: "sum"
      case .average: "average"
      case .product: "product"
      case .difference: "difference"
      case .maximum: "maximum"
      case .minimum: "minimum"
      }
    }
  }

  enum Layer {
    /// A cell that reads the layer at a place, or the input. Whether the model goes on with its last step alone.
    case cell(any RecurrentCell, of: Int?, givesLastStep: Bool)
    case merge(Merge, of: [Int?])
  }

  /// Each after what it reads.
  var layers: [Layer]

  /// The scope of the cell at a place.
  static func scope(_ place: Int) -> String { "layer\(place)" }

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    var values: [Signal] = []
    func value(_ place: Int?) -> Signal { place.map { values[$0] } ?? x }
    for (place, layer) in layers.enumerated() {
      switch layer {
      case .cell(let cell, let input, _):
        values.append(scope.run(cell, value(input), named: Self.scope(place)))
      case .merge(let merge, let inputs):
        values.append(Self.merged(inputs.map(value), by: merge))
      }
    }
    return values.last ?? x
  }

  private static func merged(_ values: [Signal], by merge: Merge) -> Signal {
    func joined(_ join: (Signal, Signal) -> Signal) -> Signal { values.dropFirst().reduce(values[0], join) }
    return switch merge {
    case .concatenate: EbbRecording.concatenate(values)
    case .sum: joined { $0 + $1 }
    case .average: joined { $0 + $1 } * (1 / Double(values.count))
    case .product: joined { $0 * $1 }
    case .difference: joined { $0 - $1 }
    case .maximum: joined { EbbRecording.maximum($0, $1) }
    case .minimum: joined { EbbRecording.minimum($0, $1) }
    }
  }

  /// The layers with those that give their last step alone ending each in its own direction; nil if all of these run
  /// forward.
  var withFinalStates: WiredLayers? {
    var result = self
    var isChanged = false
    for (place, layer) in layers.enumerated() {
      guard case .cell(let cell, let input, true) = layer, let ended = FinalStates.of(cell) else { continue }
      result.layers[place] = .cell(ended, of: input, givesLastStep: true)
      isChanged = true
    }
    return isChanged ? result : nil
  }
}

/// A function of each feature, as a layer.
struct FunctionLayer: RecurrentCell {
  var function: Activation

  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal { function(x) }
}
