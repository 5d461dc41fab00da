internal import EbbGraph
internal import EbbTensors

/// The lines of the stages: headings, phases, instructions.
extension PlanParser {
  mutating func stages() throws(ParseError) {
    try scanner.skipEmptyLines()
    while scanner.token == .word("stage") { parts.stages.append(try stage()) }
    guard scanner.token == .word("memory") else {
      throw scanner.error("expected a line that begins with stage or memory, found \(scanner.found)")
    }
  }

  /// `stage 1, level 1: step by step forward along t, slices of b on their own`
  private mutating func stage() throws(ParseError) -> Stage {
    try scanner.words("stage")
    guard try scanner.natural("the stage's number") == parts.stages.count else {
      throw scanner.error("this is stage \(parts.stages.count)")
    }
    try scanner.symbol(",")
    try scanner.words("level")
    let level = try scanner.natural("a level")
    try scanner.symbol(":")
    var stage = Stage(sweep: try sweep(), prologue: [], instructions: [], level: level)
    if try scanner.hasSymbol(",") {
      try scanner.words("slices", "of")
      stage.sliced = try axis()
      try scanner.words("on", "their", "own")
    }
    try scanner.endLine()
    var phase = Phase.first
    while scanner.token != .word("stage"), scanner.token != .word("memory") {
      if try scanner.word("phase") {
        phase = Phase(try scanner.natural("a phase"))
        try scanner.endLine()
        continue
      }
      let isOnce = try scanner.word("before")
      if isOnce {
        try scanner.words("the", "steps")
        try scanner.symbol(":")
      }
      let instruction = Instruction(kernel: try kernel(), phase: phase)
      if isOnce { stage.prologue.append(instruction) } else { stage.instructions.append(instruction) }
    }
    return stage
  }

  /// Nil for the whole sequence at once.
  private mutating func sweep() throws(ParseError) -> Stage.Sweep? {
    if try scanner.word("the") {
      try scanner.words("whole", "sequence", "at", "once")
      return nil
    }
    try scanner.words("step", "by", "step")
    let inner = try direction()
    var outer: [SweepDirection] = []
    while try scanner.word("within") { outer.insert(try direction(), at: 0) }
    return Stage.Sweep(axis: inner.axis, isBackward: inner.isBackward, outer: outer)
  }

  private mutating func direction() throws(ParseError) -> SweepDirection {
    let isBackward = try scanner.word("backward")
    if !isBackward { try scanner.words("forward") }
    try scanner.words("along")
    return SweepDirection(axis: try axis(), isBackward: isBackward)
  }

  // MARK: Instructions

  private mutating func kernel() throws(ParseError) -> KernelCall {
    let kernel: KernelCall
    if try scanner.word("program") { return .program(try program()) }
    if try scanner.word("pack") {
      kernel = .pack(try index("w", parts.weights.count, "packed weights"))
    } else if try scanner.word("boundary") {
      try scanner.words("of")
      let node = try node()
      guard graph.operation(node).shift != nil else { throw scanner.error("%\(node.index) is no delay") }
      try scanner.symbol("=")
      kernel = .boundary(try equation(node, [graph.operand(node, 1)]))
    } else if case .word = scanner.token {
      kernel = try copy()
    } else {
      let node = try node()
      try scanner.symbol("=")
      kernel = try result(node)
    }
    try scanner.endLine()
    return kernel
  }

  /// `v2 from panel 1 × 5 = copy of %27, zeros outside ragged sequences`
  private mutating func copy() throws(ParseError) -> KernelCall {
    let value = try index("v", parts.values.count, "an instruction or a value")
    var panel = 0
    if try scanner.word("from") {
      try scanner.words("panel")
      panel = try scanner.natural("a panel")
    }
    try scanner.words("×")
    let target = View(value: value, panel: panel, features: try layout())
    try scanner.symbol("=")
    try scanner.words("copy", "of")
    let source = try source()
    var outside: OutsideNumber?
    if try scanner.hasSymbol(",") {
      let number: OutsideNumber = scanner.token == .word("minus") ? .leastNumber : .zero
      for word in number.words + ["outside", "ragged", "sequences"] { try scanner.words(word) }
      outside = number
    }
    return .copy(from: source, to: target, outside: outside)
  }

  /// The right-hand side of `%5 =`.
  private mutating func result(_ node: NodeID) throws(ParseError) -> KernelCall {
    guard let result = parts.views[node] else { throw scanner.error("the memory has no line for %\(node.index)") }
    if try scanner.word("Σ") {
      let over = try domain()
      let left = try view()
      guard try scanner.word("⊗") else { return .sumColumns(result: result, from: left, over: over) }
      return .outer(result: result, left: left, right: try view(), over: over)
    }
    if try scanner.word("rows") {
      try scanner.words("of")
      let columns = try scanner.natural("a number of columns", from: 1)
      try scanner.words("from")
      return .assemble(result: result, columns: columns, try matrixParts())
    }
    if case .word(let word) = scanner.token, let reduction = FeatureReduction.allCases.first(where: { "\($0)" == word })
    {
      try scanner.words(word, "over", "the", "features", "of")
      let from = try view()
      let factor = try scanner.word("⊙") ? try view() : nil
      return .reduceRows(result: result, from: from, times: factor, reduction)
    }
    if try scanner.word(graph.operation(node).keyword) {
      var equation = GeneralCall(
        operation: graph.operation(node), type: graph.type(node), result: result, operands: [])
      let rest = try scanner.word("over") ? try domain() : nil
      if try scanner.word("of") { equation = try self.equation(node, Array(graph.operands(node))) }
      if let rest, let view = equation.operands.first?.source.view {
        equation.operation = .reduceAxes(.sum, over: rest)
        equation.operands[0].type.domain = Domain(parts.values[view.value].axes)
      }
      try scanner.symbol(",")
      if try scanner.word("in") {
        try scanner.words("strides")
        return .strided(equation)
      }
      if try scanner.word("row") {
        try scanner.words("by", "row")
      } else {
        try scanner.words("one", "number", "at", "a", "time")
      }
      return .general(equation)
    }
    let rows = try view()
    try scanner.symbol("·")
    let weights = try index("w", parts.weights.count, "packed weights")
    let hasAddend = scanner.token == .number("+")
    if hasAddend { try scanner.advance() }
    return .product(result: result, rows: rows, weights: weights, addend: hasAddend ? try view() : nil)
  }

  /// The operands of a node's equation.
  private mutating func equation(_ node: NodeID, _ operands: [NodeID]) throws(ParseError) -> GeneralCall {
    guard let result = parts.views[node] else { throw scanner.error("the memory has no line for %\(node.index)") }
    var sources: [GeneralCall.Operand] = []
    for operand in operands {
      if !sources.isEmpty { try scanner.symbol(",") }
      sources.append(GeneralCall.Operand(source: try source(), type: graph.type(operand)))
    }
    return GeneralCall(operation: graph.operation(node), type: graph.type(node), result: result, operands: sources)
  }

  // MARK: Programs

  /// ` over {t, b} × 16, 32 bits, 1 operation on %5, result %6`, and a line for each operation.
  private mutating func program() throws(ParseError) -> ElementwiseProgram {
    try scanner.words("over")
    let domain = try domain()
    try scanner.words("×")
    let features = try layout()
    try scanner.symbol(",")
    let storage = try storage()
    try scanner.symbol(",")
    let count = try counted("operation")
    try scanner.words("on")
    var operands = [try programOperand()]
    while try scanner.hasSymbol(",") { operands.append(try programOperand()) }
    try scanner.endLine()
    var program = ElementwiseProgram(
      storage: storage, domain: domain, features: features, steps: [], operands: operands, temporaries: 0)
    for _ in 0..<count {
      program.steps.append(try step(&program))
      try scanner.endLine()
    }
    return program
  }

  private mutating func programOperand() throws(ParseError) -> ElementwiseProgram.Operand {
    if try scanner.word("result") { return .init(source: .view(try view()), reads: false, writes: true) }
    if try scanner.word("sum") { return .init(source: .view(try view()), reads: true, writes: true) }
    return .init(source: try source(), reads: true, writes: false)
  }

  /// `t0 = sigmoid(%9)`
  private mutating func step(_ program: inout ElementwiseProgram) throws(ParseError) -> ElementwiseProgram.Step {
    let destination = try register(&program)
    try scanner.symbol("=")
    let place = scanner.place
    let name = try scanner.name("an operation")
    guard let opcode = Self.opcodes[name] else {
      throw TextScanner.error("a program has no operation \(quoted(name))", at: place)
    }
    try scanner.symbol("(")
    var arguments = [try register(&program)]
    while arguments.count < opcode.argumentCount {
      try scanner.symbol(",")
      arguments.append(try register(&program))
    }
    try scanner.symbol(")")
    let a = arguments[0]
    return .init(
      opcode: opcode, destination: destination, a: a, b: arguments.count > 1 ? arguments[1] : a,
      c: arguments.count > 2 ? arguments[2] : a)
  }

  private static let opcodes: [String: Opcode] = {
    let functions =
      UnaryFunction.allCases.map { Opcode.unary($0) } + BinaryFunction.allCases.map { .binary($0) }
      + Comparison.allCases.map { .compare($0) } + Opcode.Special.allCases.map { .special($0) }
    return Dictionary(uniqueKeysWithValues: functions.map { ("\($0)", $0) })
  }()

  /// An operand by its name, or a temporary such as `t0`.
  private mutating func register(_ program: inout ElementwiseProgram) throws(ParseError) -> Int {
    if case .word(let word) = scanner.token, word.first == "t", let index = Int(word.dropFirst()), (0..<64) ~= index {
      try scanner.advance()
      program.temporaries = max(program.temporaries, index + 1)
      return program.operands.count + index
    }
    let place = scanner.place
    let source = try source()
    guard let index = program.operands.firstIndex(where: { Self.isSame($0.source, source) }) else {
      throw TextScanner.error("the program has no such operand", at: place)
    }
    return index
  }

  /// Numbers are the same if their bits are: NaN equals NaN, and −0 is not 0.
  private static func isSame(_ left: Source, _ right: Source) -> Bool {
    if case .constant(let a) = left, case .constant(let b) = right { return a.bitPattern == b.bitPattern }
    return left == right
  }
}
