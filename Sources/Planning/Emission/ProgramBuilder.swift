internal import EbbGraph
internal import EbbTensors

/// Elementwise nodes of one group as a program: chooses opcodes and registers.
struct ProgramBuilder {
  private let storage: Storage
  private let schedules: Schedules
  private let kernels: KernelSelection
  private let nodes: [NodeID]
  private let members: Set<NodeID>
  /// The nodes that the program reads from outside.
  let external: [NodeID]
  /// Nodes that an opcode of their only reader includes.
  private var absorbed: Set<NodeID> = []
  private var operands: [ElementwiseProgram.Operand] = []
  private var steps: [ElementwiseProgram.Step] = []
  private var temporaries = 0
  /// Register numbers while building: operands count up from 0, virtual temporaries down from −1.
  private var register: [NodeID: Int] = [:]
  private var constants: [UInt64: Int] = [:]
  private var virtuals = 0

  init(_ storage: Storage, _ nodes: [NodeID]) {
    self.storage = storage
    self.nodes = nodes
    schedules = storage.schedules
    kernels = storage.placement.kernels
    let members = Set(nodes)
    self.members = members
    var seen: Set<NodeID> = []
    external = nodes.flatMap { [kernels] in kernels.operands($0) }
      .filter { !members.contains($0) && seen.insert($0).inserted }
  }

  /// The program over these indices and features, with its outside operands in `sources`.
  func program(
    _ sources: [NodeID: Source], storage width: StorageType, domain: Domain, features: FeatureLayout
  ) -> ElementwiseProgram {
    var builder = self
    builder.build(sources)
    precondition(
      builder.operands.count <= 64 && builder.temporaries <= 64,
      "a program of \(builder.operands.count) operands and \(builder.temporaries) temporaries: the kernels take 64 of each"
    )
    return ElementwiseProgram(
      storage: width, domain: domain, features: features, steps: builder.steps, operands: builder.operands,
      temporaries: builder.temporaries)
  }

  private mutating func build(_ sources: [NodeID: Source]) {
    for node in nodes.reversed() where !absorbed.contains(node) { _ = match(node, absorb: true) }
    for node in external {
      // Constants get their registers where they are used.
      guard case .view(let view) = sources[node] ?? storage.source(node) else { continue }
      register[node] = addOperand(.view(view), reads: true, writes: false)
    }
    for node in nodes where !absorbed.contains(node) { emit(node) }
    assignTemporaries()
  }

  // MARK: Opcodes

  private enum Form {
    case plain
    case ternary(Opcode, NodeID, NodeID, NodeID)
    case binary(Opcode, NodeID, NodeID)
    case unary(Opcode, NodeID)
  }

  private func operation(_ node: NodeID) -> EbbGraph.Operation { kernels.graph.operation(node) }
  private func operands(_ node: NodeID) -> [NodeID] { kernels.operands(node) }
  private func isOne(_ node: NodeID) -> Bool { kernels[node] == .constant(1) }

  /// A node that only this program and only one reader in it needs.
  private func isInner(_ node: NodeID) -> Bool {
    members.contains(node) && kernels.users(node).count == 1 && !schedules.needsStorage(node)
  }

  /// Recognises opcodes that combine several nodes.
  private mutating func match(_ node: NodeID, absorb: Bool) -> Form {
    func take(_ nodes: [NodeID]) { if absorb { absorbed.formUnion(nodes) } }
    guard case .binary(let function) = operation(node) else { return .plain }
    let x = operands(node)
    if function == .multiply {
      for (g, inner) in [(x[0], x[1]), (x[1], x[0])] where isInner(inner) && g != inner {
        let y = operands(inner)
        // g · (1 − y²)
        if operation(inner) == .binary(.subtract), isOne(y[0]), isInner(y[1]) {
          if operation(y[1]) == .unary(.square) {
            take([inner, y[1]])
            return .binary(.special(.tanhGradient), g, operands(y[1])[0])
          }
        }
        // g · (y · (1 − y))
        if operation(inner) == .binary(.multiply) {
          for (value, rest) in [(y[0], y[1]), (y[1], y[0])] where isInner(rest) {
            if operation(rest) == .binary(.subtract), isOne(operands(rest)[0]), operands(rest)[1] == value {
              take([inner, rest])
              return .binary(.special(.sigmoidGradient), g, value)
            }
          }
        }
      }
    } else if function == .add {
      for (inner, rest) in [(x[0], x[1]), (x[1], x[0])] where inner != rest && isPlainProduct(inner) {
        take([inner])
        return .ternary(.special(.multiplyAdd), operands(inner)[0], operands(inner)[1], rest)
      }
    } else if function == .subtract {
      if x[0] != x[1], isPlainProduct(x[0]) {
        take([x[0]])
        return .ternary(.special(.multiplySubtract), operands(x[0])[0], operands(x[0])[1], x[1])
      }
      if x[0] != x[1], isPlainProduct(x[1]) {
        take([x[1]])
        return .ternary(.special(.negateMultiplyAdd), operands(x[1])[0], operands(x[1])[1], x[0])
      }
      if isOne(x[0]) { return .unary(.special(.oneMinus), x[1]) }
    }
    return .plain
  }

  private mutating func isPlainProduct(_ node: NodeID) -> Bool {
    guard isInner(node), operation(node) == .binary(.multiply) else { return false }
    if case .plain = match(node, absorb: false) { return true }
    return false
  }

  private mutating func emit(_ node: NodeID) {
    if let value = storage.runningSums[node] {
      addUp(node, value)
    } else {
      compute(node)
    }
  }

  /// a = a + x, where x may be a product.
  private mutating func addUp(_ node: NodeID, _ value: Int) {
    let sum = addOperand(.view(View(value: value, features: storage.values[value].features)), reads: true, writes: true)
    if isPlainProduct(node) {
      let x = operands(node).map { self.value($0) }
      steps.append(.init(opcode: .special(.multiplyAdd), destination: sum, a: x[0], b: x[1], c: sum))
    } else {
      compute(node)
      let x = self.value(node)
      steps.append(.init(opcode: .binary(.add), destination: sum, a: sum, b: x, c: sum))
    }
  }

  private mutating func compute(_ node: NodeID) {
    switch match(node, absorb: false) {
    case .ternary(let opcode, let a, let b, let c):
      step(opcode, node, [value(a), value(b), value(c)])
      return
    case .binary(let opcode, let a, let b):
      step(opcode, node, [value(a), value(b)])
      return
    case .unary(let opcode, let a):
      step(opcode, node, [value(a)])
      return
    case .plain: break
    }
    let x = operands(node).map { value($0) }
    let operation = operation(node)
    if case .unary(let function) = operation {
      step(.unary(function), node, x)
    } else if case .binary(let function) = operation, function.dividesIntegers {
      // Division by zero gives 0: the NaN of the quotient is not selected.
      let isZero = step(.compare(.equal), nil, [x[1], constant(0)])
      let quotient = step(.binary(function), nil, x)
      step(.special(.select), node, [isZero, constant(0), quotient])
    } else if case .binary(let function) = operation {
      step(.binary(function), node, x)
    } else if case .compare(let comparison) = operation {
      step(.compare(comparison), node, x)
    } else if case .convert(let element) = operation {
      let from = kernels.graph.type(kernels.graph.operand(node, 0)).element
      if element == .bool {
        step(.compare(.notEqual), node, [x[0], constant(0)])
      } else {
        step(.special(element == .int32 && from.isFloat ? .truncate : .copy), node, x)
      }
    } else if operation == .select {
      step(.special(.select), node, x)
    } else if operation.kind == .identity {
      step(.special(.copy), node, x)
    } else {
      preconditionFailure("\(operation.keyword) is not elementwise")
    }
  }

  // MARK: Registers

  private mutating func addOperand(_ source: Source, reads: Bool, writes: Bool) -> Int {
    operands.append(.init(source: source, reads: reads, writes: writes))
    return operands.count - 1
  }

  private mutating func constant(_ number: Double) -> Int {
    if let known = constants[number.bitPattern] { return known }
    let register = addOperand(.constant(number), reads: true, writes: false)
    constants[number.bitPattern] = register
    return register
  }

  private mutating func value(_ node: NodeID) -> Int {
    if case .constant(let number) = kernels.graph.operation(node) { return constant(number) }
    guard let found = register[node] else {
      preconditionFailure("%\(node.index) is read before it is computed in its program")
    }
    return found
  }

  @discardableResult
  private mutating func step(_ opcode: Opcode, _ node: NodeID?, _ arguments: [Int]) -> Int {
    let destination: Int
    if let node, schedules.needsStorage(node) {
      destination = addOperand(.view(storage.view(node)), reads: false, writes: true)
    } else {
      virtuals += 1
      destination = -virtuals
    }
    if let node { register[node] = destination }
    let a = arguments[0]
    let b = arguments.count > 1 ? arguments[1] : a
    steps.append(.init(opcode: opcode, destination: destination, a: a, b: b, c: arguments.count > 2 ? arguments[2] : a))
    return destination
  }

  /// Linear scan: a temporary is free again after its last reader.
  private mutating func assignTemporaries() {
    // By the number of a virtual temporary: −1 is the first.
    func number(_ register: Int) -> Int? { register < 0 ? -1 - register : nil }
    var lastUse = Array(repeating: 0, count: virtuals)
    for (index, step) in steps.enumerated() {
      for virtual in [step.destination, step.a, step.b, step.c].compactMap(number) { lastUse[virtual] = index }
    }
    var free: [Int] = []
    var assigned = Array(repeating: 0, count: virtuals)
    func physical(_ register: Int) -> Int { number(register).map { operands.count + assigned[$0] } ?? register }
    for index in steps.indices {
      let step = steps[index]
      let (a, b, c) = (physical(step.a), physical(step.b), physical(step.c))
      // An argument's last use may give its register to the result: kernels read before they write.
      for virtual in Set([step.a, step.b, step.c].compactMap(number)) where lastUse[virtual] == index {
        free.append(assigned[virtual])
      }
      if let virtual = number(step.destination) {
        free.sort(by: >)
        assigned[virtual] = free.popLast() ?? temporaries
        temporaries = max(temporaries, assigned[virtual] + 1)
        if lastUse[virtual] == index { free.append(assigned[virtual]) }
      }
      steps[index] = .init(opcode: step.opcode, destination: physical(step.destination), a: a, b: b, c: c)
    }
  }
}

extension BinaryFunction {
  fileprivate var dividesIntegers: Bool { self == .floorDivide || self == .remainder }
}
