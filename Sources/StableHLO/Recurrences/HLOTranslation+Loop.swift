internal import EbbGraph

extension HLOTranslation {
  /// A `while` that counts: values are carried from one round to the next, of the same types.
  ///
  /// - Parameters:
  ///   - count: How many rounds there are.
  ///   - carried: The values before the first round, each with its name inside.
  ///   - body: Receives the number of the round and the carried values; returns them for the next round.
  /// - Returns: The values after the last round.
  mutating func loop(
    _ count: HLOValue, named name: String, _ carried: [(name: String, start: HLOValue)],
    _ body: (inout HLOTranslation, HLOValue, [HLOValue]) -> [HLOValue]
  ) -> [HLOValue] {
    let (zero, one) = (writer.number(0, .i32), writer.number(1, .i32))
    let counter = HLOValue(name: writer.unique("step"), element: .i32, axes: .empty, dims: [])
    let arguments = carried.map { entry -> HLOValue in
      var argument = entry.start
      argument.name = writer.unique(entry.name)
      return argument
    }
    writer.open()
    var results = body(&self, counter, arguments)
    results.insert(writer.apply("add", counter, one, named: "step.next"), at: 0)
    let types = ([counter] + arguments).map(\.type).joined(separator: ", ")
    let found = results.map(\.type).joined(separator: ", ")
    precondition(types == found, "a loop that carries \(types) returns \(found)")
    writer.line("stablehlo.return \(results.map(\.name).joined(separator: ", ")) : \(types)")
    let lines = writer.close()

    let name = writer.unique(name)
    let bindings = zip([counter] + arguments, [zero] + carried.map(\.start)).map { "\($0.name) = \($1.name)" }
    writer.line("\(name):\(results.count) = stablehlo.while(\(bindings.joined(separator: ", "))) : \(types)")
    writer.line("cond {")
    writer.open()
    let condition = writer.compare("LT", counter, count, named: "continues")
    writer.line("stablehlo.return \(condition.name) : \(condition.type)")
    writer.append(writer.close())
    writer.line("} do {")
    writer.append(lines)
    writer.line("}")
    return arguments.enumerated().map { position, argument in
      var result = argument
      result.name = "\(name)#\(position + 1)"
      return result
    }
  }

  /// A `while` with a fixed number of rounds.
  mutating func loop(
    _ count: Int, named name: String, _ carried: [(name: String, start: HLOValue)],
    _ body: (inout HLOTranslation, HLOValue, [HLOValue]) -> [HLOValue]
  ) -> [HLOValue] {
    loop(writer.number(Double(count), .i32), named: name, carried, body)
  }
}
