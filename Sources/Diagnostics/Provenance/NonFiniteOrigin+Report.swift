public import EbbMarkup
public import EbbReport

extension NonFiniteOrigin {
  /// The known facts about the origin, one per row.
  public func table(title: String = "") -> DataTable {
    var facts = [
      ("operation", operation), ("equation", expression),
      ("name in the cell", name ?? leadsTo.map { "towards \($0)" } ?? ""),
      ("pass", pass.rawValue), ("value", "\(value)"),
    ]
    facts += indices.map { ("index of \($0.axis)", "\($0.index)") }
    facts.append(("unit", "\(unit)"))
    facts += operands.compactMap { operand in
      operand.value.map { ("operand \(operand.expression)", readableNumber($0, digits: 6)) }
    }
    facts.append(("not finite in the end", reached.joined(separator: ", ")))
    return DataTable(title, columns: [.text("fact", facts.map(\.0)), .text("value", facts.map(\.1))])
  }

  /// Every fact, for files and other programs.
  public var json: JSONValue {
    var object = JSONObject()
    object["pass"] = .string(pass.rawValue)
    object["operation"] = .string(operation)
    object["name"] = name.map(JSONValue.string) ?? .null
    object["expression"] = .string(expression)
    object["leadsTo"] = leadsTo.map(JSONValue.string) ?? .null
    object["step"] = step.map(JSONValue.integer) ?? .null
    object["sample"] = sample.map(JSONValue.integer) ?? .null
    object["unit"] = .integer(unit)
    object["value"] = .number(value)
    object["operands"] = .array(
      operands.map { ["expression": .string($0.expression), "value": $0.value.map(JSONValue.number) ?? .null] })
    object["reached"] = .strings(reached)
    object["description"] = .string(description)
    return .object(object)
  }
}
