internal import EbbCells
internal import EbbRecording

// MARK: ONNX

extension WeightMapBuilder {
  /// W [D, GH, I], R [D, GH, H], B [D, 2GH] = Wb ‖ Rb, P [D, 3H] with D directions. With coupled gates the forget gate's
  /// rows are there, and are not read.
  ///
  /// - Returns: The prefix of the layer's names.
  mutating func addONNX(_ layer: WeightMap.Layer, _ place: Place, _ cell: inout any RecurrentCell) -> String {
    var layer = layer
    let (kind, features, prefix) = (layer.kind, layer.features, place.prefix)
    let units = kind.units
    let hasBiases = hasBiases([prefix + "B"], prefix, layer.scope, &cell)
    layer.hasBias = cell.hasBiases
    let (directions, direction) = (place.isDirection ? 2 : 1, place.isBackward ? 1 : 0)
    let gates = kind.gates(in: .onnx)
    // i, o, f, c, of which f is 1 − i.
    let isCoupled = kind.family == .coupled
    let places = isCoupled ? [0, 1, 3] : Array(gates.indices)
    let count = isCoupled ? 4 : gates.count
    for (gate, index) in zip(gates, places) {
      let row = (direction * count + index) * units
      for (tensor, affine, width, first) in [
        ("R", gate.overHidden, units, 0), ("W", gate.overInput, features, gate.isSplit ? 0 : units),
      ] {
        let rows = gate.isSplit ? width : units + features
        map.add(
          WeightMap.Block(
            tensor: prefix + tensor, tensorRow: row, isTransposed: true, parameter: layer.parameter(affine, "weight"),
            parameterRow: first, rows: width, columns: units, sign: gate.sign),
          tensorShape: [directions, count * units, width], parameterShape: [rows, units])
      }
      for (affine, half) in [(gate.overInput, 0), (gate.overHidden, 1)] {
        let parameter = layer.parameter(affine, "bias")
        if layer.hasBias { map.parameterShapes[parameter] = [units] }
        guard hasBiases else { continue }
        map.add(
          WeightMap.Block(
            tensor: prefix + "B", tensorRow: direction, tensorColumn: (half * count + index) * units,
            parameter: parameter, rows: 1, columns: units, sign: gate.sign,
            isSecondSummand: half == 1 && !gate.isSplit),
          tensorShape: [directions, 2 * count * units], parameterShape: [units])
      }
    }
    if kind.hasPeepholes {
      // i, o, f are also the first three gates.
      for (gate, index) in zip(gates, places) where index < 3 {
        map.add(
          WeightMap.Block(
            tensor: prefix + "P", tensorRow: direction, tensorColumn: index * units,
            parameter: layer.parameter(gate.overInput, "peephole"), rows: 1, columns: units, sign: gate.sign),
          tensorShape: [directions, 3 * units], parameterShape: [units])
      }
    }
    return prefix
  }
}
