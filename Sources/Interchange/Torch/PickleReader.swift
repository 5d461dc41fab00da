internal import EbbFiles

/// Reads the values of a pickle, and runs nothing.
///
/// A pickle is a program for a machine with a stack and a memo, which calls functions by name. Here the names of
/// PyTorch's tensors and of Python's containers have a meaning (`PickleReader+Calls`); what any other name would have
/// made is an opaque object. Work and memory grow with the pickle's bytes, never with the numbers that it claims.
struct PickleReader {
  /// The longest pickle that is read; that of a model of 60,000 tensors has 10 MB.
  static let maximumLength = 100_000_000
  /// The maximum number of containers, names and tensors; a tensor takes seven.
  static let maximumObjects = 4_000_000
  /// The maximum number of values on the stack; Python writes lists a thousand items at a time.
  static let maximumStack = 10_000_000
  /// The length of a name, or of a storage's key.
  static let maximumName = 1000

  var values: PickleValues
  private let source: String
  /// The next byte, and that of the present instruction.
  private(set) var position: Int
  private var start = 0
  private var stack: [PickleValue] = []
  /// The heights of the stack at the marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  /// Items that calls have copied.
  private var copied = 0

  var bytes: [UInt8] { values.bytes }

  init(_ bytes: [UInt8], from position: Int = 0, source: String) {
    values = PickleValues(bytes: bytes)
    self.position = position
    self.source = source
  }

  /// Runs to the end of the pickle that begins at `position`; its value.
  mutating func read() throws(FileError) -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      start = position
      guard position < bytes.count else { throw failure("the pickle is cut off") }
      guard let opcode = PickleOpcode(rawValue: bytes[position]) else {
        throw failure("no instruction of pickles begins with the byte \(bytes[position])")
      }
      position += 1
      if opcode == .stop { return try pop() }
      try run(opcode)
    }
  }

  private mutating func run(_ opcode: PickleOpcode) throws(FileError) {
    switch opcode {
    case .proto:
      let version = try number(1)
      guard version <= 5 else { throw failure("it has protocol \(version), and 5 is the last that is known here") }
    case .frame: _ = try part(count: number(8), isTaken: false)
    case .stop: break

    case .mark: marks.append(stack.count)
    case .pop: if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .duplicate: try push(top())

    case .none: try push(.none)
    case .newTrue: try push(.truth(true))
    case .newFalse: try push(.truth(false))
    case .int: try push(integerOfLine())
    case .long: try push(integerOfLine())
    case .float: try push(floatOfLine())
    case .binInt: try push(.integer(Int(Int32(truncatingIfNeeded: number(4)))))
    case .binInt1: try push(.integer(number(1)))
    case .binInt2: try push(.integer(number(2)))
    case .long1: try push(long(part(count: number(1))))
    case .long4: try push(long(part(count: number(4))))
    case .binFloat:
      let bits = try part(count: 8).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
      try push(.number(Double(bitPattern: bits)))

    case .string: try push(text(quotedLine()))
    case .unicode: try push(text(plainLine()))
    // Python 2 has one type for texts and bytes.
    case .binString: try push(text(part(count: number(4))))
    case .shortBinString: try push(text(part(count: number(1))))
    case .binUnicode: try push(text(part(count: number(4))))
    case .shortBinUnicode: try push(text(part(count: number(1))))
    case .binUnicode8: try push(text(part(count: number(8))))
    case .binBytes: try push(.bytes(part(count: number(4))))
    case .shortBinBytes: try push(.bytes(part(count: number(1))))
    case .binBytes8: try push(.bytes(part(count: number(8))))
    case .byteArray8: try push(.bytes(part(count: number(8))))

    case .emptyList: try make(.list)
    case .emptyTuple: try make(.tuple)
    case .emptyDict: try make(.dict)
    case .emptySet: try make(.set)
    case .list: try make(.list, popToMark())
    case .tuple: try make(.tuple, popToMark())
    case .tuple1: try make(.tuple, pop(1))
    case .tuple2: try make(.tuple, pop(2))
    case .tuple3: try make(.tuple, pop(3))
    case .dict: try make(.dict, pairs(popToMark()))
    case .frozenSet: try make(.set, popToMark())
    case .append: try extend(pop(1), .append)
    case .appends: try extend(popToMark(), .append)
    case .setItem: try extend(pop(2), .setItem)
    case .setItems: try extend(pairs(popToMark()), .setItem)
    case .addItems: try extend(popToMark(), .addItems)

    case .put: memo[try place()] = try top()
    case .binPut: memo[try number(1)] = try top()
    case .longBinPut: memo[try number(4)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .get: try recall(place())
    case .binGet: try recall(number(1))
    case .longBinGet: try recall(number(4))

    case .global: try make(.name(nameOfLines()))
    case .stackGlobal:
      let parts = try pop(2)
      try make(.name(name(parts[0], parts[1])))
    case .reduce:
      let parts = try pop(2)
      guard let arguments = values.tuple(parts[1]) else {
        throw failure("\(values.described(parts[0])) is called with \(values.described(parts[1])) for its arguments")
      }
      try push(call(parts[0], arguments))
    case .newObj:
      let parts = try pop(2)
      guard let arguments = values.tuple(parts[1]) else { throw failure("an object is made of no tuple") }
      try push(call(parts[0], arguments))
    case .newObjEx:
      let parts = try pop(3)
      guard let arguments = values.tuple(parts[1]) else { throw failure("an object is made of no tuple") }
      try push(call(parts[0], arguments))
    case .inst:
      let callee = try object(.name(nameOfLines()))
      try push(call(callee, popToMark()))
    case .obj:
      let parts = try popToMark()
      guard let callee = parts.first else { throw failure("an object is made of nothing") }
      try push(call(callee, Array(parts.dropFirst())))
    case .build:
      let state = try pop()
      try setState(state, of: top())
    case .binPersID: try push(storage(pop()))

    case .persID: throw failure("protocol 0 cannot name a storage; torch.save writes protocol 2")
    case .ext1, .ext2, .ext4: throw failure("it names a class by a number of copyreg, which the file does not explain")
    case .nextBuffer, .readOnlyBuffer: throw failure("it has a buffer outside of the file")
    }
  }

  // MARK: The stack

  private mutating func push(_ value: PickleValue) throws(FileError) {
    guard stack.count < Self.maximumStack else { throw failure("there are more than \(Self.maximumStack) open values") }
    stack.append(value)
  }

  private func top() throws(FileError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw failure("the stack is empty") }
    return value
  }

  private mutating func pop() throws(FileError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws(FileError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw failure("the stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(FileError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw failure("there is no mark on the stack") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  private mutating func recall(_ place: Int) throws(FileError) {
    guard let value = memo[place] else { throw failure("nothing was remembered as \(place)") }
    try push(value)
  }

  // MARK: Objects

  /// Adds an object; its reference.
  mutating func object(_ kind: PickleObject.Kind, _ items: [PickleValue] = []) throws(FileError) -> PickleValue {
    guard values.objects.count < Self.maximumObjects else {
      throw failure("there are more than \(Self.maximumObjects) objects")
    }
    values.objects.append(PickleObject(kind: kind, items: items, position: start))
    return .object(values.objects.count - 1)
  }

  private mutating func make(_ kind: PickleObject.Kind, _ items: [PickleValue] = []) throws(FileError) {
    try push(object(kind, items))
  }

  private func pairs(_ items: [PickleValue]) throws(FileError) -> [PickleValue] {
    guard items.count.isMultiple(of: 2) else { throw failure("a dict's last key has no value") }
    return items
  }

  /// Adds items to the container on top of the stack.
  private mutating func extend(_ items: [PickleValue], _ opcode: PickleOpcode) throws(FileError) {
    let value = try top()
    guard case .object(let place) = value else { throw notExtended(value) }
    let expected: PickleOpcode? =
      switch values.objects[place].kind {
      case .list: .append
      case .dict: .setItem
      case .set: .addItems
      // A list or a dict of a class of its own, which is not looked into.
      case .foreign: nil
      case .tuple, .name, .storage, .tensor, .unread, .array, .numpyType, .data: throw notExtended(value)
      }
    guard let expected else { return }
    guard expected == opcode else { throw notExtended(value) }
    values.objects[place].items += items
  }

  private func notExtended(_ value: PickleValue) -> FileError {
    failure("\(values.described(value)) takes no items of this kind")
  }

  /// Counts items that a call copies: what the memo repeats could otherwise be copied without end.
  mutating func charge(_ count: Int) throws(FileError) {
    copied += count
    guard copied <= bytes.count else { throw failure("its calls copy more items than it has bytes") }
  }

  // MARK: Arguments

  /// The next bytes.
  private mutating func part(count: Int, isTaken: Bool = true) throws(FileError) -> Range<Int> {
    guard count >= 0, count <= bytes.count - position else {
      throw failure(
        "\(UInt(bitPattern: count)) bytes are said to follow, and \(bytes.count - position) do; the file is cut off or "
          + "damaged")
    }
    defer { if isTaken { position += count } }
    return position..<position + count
  }

  /// The next bytes as a number, little-endian; one of 8 bytes may be negative, which no length is.
  private mutating func number(_ size: Int) throws(FileError) -> Int {
    try part(count: size).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
  }

  /// The bytes up to the end of the line.
  private mutating func line() throws(FileError) -> Range<Int> {
    guard let end = bytes[position...].firstIndex(of: 0x0A) else { throw failure("a line does not end") }
    defer { position = end + 1 }
    return position..<end
  }

  private mutating func lineText() throws(FileError) -> String {
    let range = try line()
    guard range.count <= Self.maximumName else { throw failure("a number or name has \(range.count) characters") }
    return String(decoding: bytes[range], as: UTF8.self)
  }

  private mutating func place() throws(FileError) -> Int {
    guard let place = Int(try lineText()), place >= 0 else { throw failure("a place in the memo is no number") }
    return place
  }

  private mutating func integerOfLine() throws(FileError) -> PickleValue {
    let range = position
    let text = try lineText()
    // Before protocol 2 truth values are these.
    if text == "00" || text == "01" { return .truth(text == "01") }
    let digits = text.hasSuffix("L") ? String(text.dropLast()) : text
    if let value = Int(digits) { return .integer(value) }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }) else {
      throw failure("an integer has other characters than digits")
    }
    return .bytes(range..<range + digits.utf8.count)
  }

  private mutating func floatOfLine() throws(FileError) -> PickleValue {
    guard let value = Double(try lineText()) else { throw failure("a number is none") }
    return .number(value)
  }

  /// An integer in two's complement.
  private func long(_ range: Range<Int>) -> PickleValue {
    guard range.count <= 8 else { return .long(range) }
    let isNegative = range.last.map { bytes[$0] >= 128 } ?? false
    return .integer(range.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int(bytes[$1]) })
  }

  /// Texts that are not UTF-8, such as the bytes of Python 2, are bytes.
  private func text(_ range: Range<Int>) -> PickleValue {
    String(validating: bytes[range], as: UTF8.self) == nil ? .bytes(range) : .text(range)
  }

  private mutating func plainLine() throws(FileError) -> Range<Int> {
    let range = try line()
    guard !bytes[range].contains(0x5C) else { throw failure("a text of protocol 0 has escapes; write protocol 2") }
    return range
  }

  private mutating func quotedLine() throws(FileError) -> Range<Int> {
    let range = try plainLine()
    guard range.count >= 2, let quote = range.first.map({ bytes[$0] }), quote == 0x27 || quote == 0x22,
      bytes[range.upperBound - 1] == quote
    else { throw failure("a text has no quotes") }
    return range.lowerBound + 1..<range.upperBound - 1
  }

  private mutating func nameOfLines() throws(FileError) -> String {
    let (module, name) = (try lineText(), try lineText())
    return Self.name(module, name)
  }

  private func name(_ module: PickleValue, _ name: PickleValue) throws(FileError) -> String {
    for case .text(let range) in [module, name] where range.count > Self.maximumName {
      throw failure("a name has \(range.count) characters")
    }
    guard let module = values.text(module), let name = values.text(name) else { throw failure("a name is no text") }
    return Self.name(module, name)
  }

  /// An error at the present instruction.
  func failure(_ message: String) -> FileError { FileError(source, "the pickle, at byte \(start): \(message)") }
}
