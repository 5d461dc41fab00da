public import EbbMarkup
public import EbbReport

extension CreditMatrix {
  /// The matrix of a state as colours on a logarithmic scale: the loss of step s is a row, the state of step t a column.
  public func chart(of state: State) -> Chart {
    let rows = isExact ? "loss at step s" : "loss at \(block) steps"
    return .heatMap(
      HeatMap(
        "Credit ‖∂Lₛ/∂hₜ‖ of \(state.name)", x: ChartAxis("state at step t"), y: ChartAxis(rows),
        value: ChartAxis("‖∂Lₛ/∂hₜ‖", scale: .log10), rows: state.norms.count, columns: length,
        values: state.norms.flatMap { $0 }, rowNames: isExact ? [] : state.norms.indices.map(rowName), firstRow: 1,
        firstColumn: 1))
  }

  /// The steps of a block, from 1.
  private func rowName(_ row: Int) -> String { "\(row * block + 1)–\(min((row + 1) * block, length))" }

  /// Every number, for files and other programs.
  public var json: JSONValue {
    [
      "length": .integer(length), "block": .integer(block),
      "states": .array(
        states.map { state in
          [
            "name": .string(state.name), "norms": .array(state.norms.map(JSONValue.numbers)),
            "standardErrors": .array(state.standardErrors.map(JSONValue.numbers)),
            "meansByLag": .numbers(state.meansByLag),
          ]
        }),
    ]
  }
}
