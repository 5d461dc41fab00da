/// What a plugin takes when it opens its devices: names with values.
struct PJRTOptions {
  private var names: [[UInt8]] = []
  private var texts: [[UInt8]] = []
  private var kinds: [Kind] = []

  private enum Kind {
    case text
    case integer(Int64)
    case truth(Bool)
  }

  init(_ options: [String: String]) {
    for (name, value) in options.sorted(by: { $0.key < $1.key }) {
      names.append(Array(name.utf8))
      texts.append(Array(value.utf8))
      if let number = Int64(value) {
        kinds.append(.integer(number))
      } else if let truth = Bool(value) {
        kinds.append(.truth(truth))
      } else {
        kinds.append(.text)
      }
    }
  }

  /// Calls `body` with the address of the list of PJRT_NamedValue and its length.
  func withValues<Result>(_ body: (UInt, UInt) throws(PJRTError) -> Result) throws(PJRTError) -> Result {
    // The texts lie in one array, which does not move during the call.
    var bytes = Array(names.joined()) + Array(texts.joined()) + [0]
    let nameCount = names.reduce(0) { $0 + $1.count }
    return try withAddress(of: &bytes) { start, _ throws(PJRTError) in
      var (name, text) = (start, start + UInt(nameCount))
      var words: [UInt] = []
      for index in names.indices {
        let count = UInt(names[index].count)
        // size, extensions, name, its size, type, value, its size
        switch kinds[index] {
        case .text: words += PJRTWords([name, count, 0, text, UInt(texts[index].count)]).words
        case .integer(let number): words += PJRTWords([name, count, 1, UInt(bitPattern: Int(number)), 1]).words
        case .truth(let truth): words += PJRTWords([name, count, 4, truth ? 1 : 0, 1]).words
        }
        name += count
        text += UInt(texts[index].count)
      }
      return try withAddress(of: &words) { list, _ throws(PJRTError) in
        try body(names.isEmpty ? 0 : list, UInt(names.count))
      }
    }
  }
}
