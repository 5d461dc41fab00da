/// What XLA has made of a module, as far as a test asks: the operators of its computations.
struct CompiledModule {
  /// The operators by computation.
  private var computations: [String: [String]] = [:]
  private var entry = ""

  /// - Parameter bytes: A HloModuleProto, or a HloModuleProtoWithConfig, whose first field is one.
  init(_ bytes: [UInt8]) {
    var fields = Self.fields(bytes[...])
    if let inner = fields.first(where: { $0.number == 1 }), !Self.fields(inner.content).isEmpty,
      !fields.contains(where: { $0.number == 3 && $0.content.count > 4 })
    {
      fields = Self.fields(inner.content)
    }
    for field in fields {
      if field.number == 2 { entry = String(decoding: field.content, as: UTF8.self) }
      guard field.number == 3 else { continue }
      var (name, operators) = ("", [String]())
      for part in Self.fields(field.content) {
        if part.number == 1 { name = String(decoding: part.content, as: UTF8.self) }
        guard part.number == 2, let word = Self.fields(part.content).first(where: { $0.number == 2 }) else { continue }
        operators.append(String(decoding: word.content, as: UTF8.self))
      }
      computations[name] = operators
    }
  }

  /// How often an operator stands in the main computation, and in all others.
  func count(of word: String) -> (entry: Int, loops: Int) {
    let words = [word, word + "-start"]
    func count(_ operators: [String]) -> Int { operators.count { words.contains($0) } }
    let all = computations.values.reduce(0) { $0 + count($1) }
    let own = count(computations[entry] ?? [])
    return (own, all - own)
  }

  /// The number of operators.
  var size: Int { computations.values.reduce(0) { $0 + $1.count } }

  /// The fields of a message that have a length; none if it is no message.
  private static func fields(_ bytes: ArraySlice<UInt8>) -> [(number: Int, content: ArraySlice<UInt8>)] {
    var (result, rest) = ([(number: Int, content: ArraySlice<UInt8>)](), bytes)
    func number() -> Int? {
      var (value, shift) = (0, 0)
      while let byte = rest.popFirst(), shift < 63 {
        value |= Int(byte & 127) << shift
        if byte < 128 { return value }
        shift += 7
      }
      return nil
    }
    while !rest.isEmpty {
      guard let tag = number() else { return [] }
      switch tag & 7 {
      case 0: if number() == nil { return [] }
      case 1: rest = rest.dropFirst(8)
      case 5: rest = rest.dropFirst(4)
      case 2:
        guard let count = number(), count <= rest.count else { return [] }
        result.append((tag >> 3, rest.prefix(count)))
        rest = rest.dropFirst(count)
      default: return []
      }
    }
    return result
  }
}
