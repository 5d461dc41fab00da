internal import EbbPlanning
public import EbbMarkup
public import EbbReport

extension GradientCheck {
  /// One row for each parameter, input and initial state.
  public var table: DataTable {
    DataTable(
      "",
      columns: [
        .text("value", entries.map(\.name)),
        .text("kind", entries.map(\.kind.rawValue)),
        .numbers("elements", entries.map { Double($0.elements) }),
        .numbers("checked", entries.map { Double($0.checked) }),
        .numbers("largest relative error", format: .significant(2), entries.map(\.largestError)),
      ])
  }

  /// Every number, for files and other programs.
  ///
  /// - Parameters:
  ///   - cell: The cell's name.
  ///   - device: What a device computes, if one is compared.
  public func json(cell: String, device: JSONValue? = nil) -> JSONValue {
    let fields: [(String, JSONValue)] = [
      ("cell", .string(cell)), ("largestError", .number(largestError)),
      ("surrogates", .array(surrogates.map { .string($0) })),
      ("fallbacks", .array(fallbacks.map { .string($0.description) })),
      (
        "values",
        .array(
          entries.map { entry in
            [
              "name": .string(entry.name), "kind": .string(entry.kind.rawValue), "elements": .integer(entry.elements),
              "checked": .integer(entry.checked), "largestError": .number(entry.largestError),
              "index": .integer(entry.index), "analytic": .number(entry.analytic), "numeric": .number(entry.numeric),
            ]
          })
      ),
    ]
    return .object(JSONObject(fields + (device.map { [("device", $0)] } ?? [])))
  }
}
