internal import EbbGraph
internal import EbbTensors

/// Elementwise nodes of one group as a program of registers.
extension Planner {
  mutating func buildProgram(
    _ nodes: [NodeID], _ stage: Int, _ prologue: inout [Instruction], _ body: inout [Instruction]
  ) -> ElementwiseProgram {
    var builder = ProgramBuilder(planner: self, nodes: nodes)
    let storage = roles.programStorage(nodes[0])
    let domain = roles.domain(nodes[0])
    let features = domain.isEmpty ? FeatureLayout(pieces: [roles.features(nodes[0])]) : layouts.layout(nodes[0])
    // Operands in another shape or width are copied first.
    var sources: [NodeID: Source] = [:]
    for node in builder.external {
      if case .constant = roles[node] { continue }
      let isVector = roles.features(node) > 1
      if !roles.hasRows(node) && !domain.isEmpty && isVector {
        let isSweep = staging.stages[stage].sweep != nil
        sources[node] = padded(node, storage, features, isSweep, &prologue, &body)
      } else if isVector && roles.storage[node.index] != storage {
        sources[node] = converted(node, to: storage, stage: stage, &body)
      }
    }
    builder.build(sources)
    precondition(
      builder.operands.count <= 64 && builder.temporaries <= 64,
      "a program of \(builder.operands.count) operands and \(builder.temporaries) temporaries: the kernels take 64 of each"
    )
    return ElementwiseProgram(
      storage: storage, domain: domain, features: features, steps: builder.steps, operands: builder.operands,
      temporaries: builder.temporaries, nodes: nodes)
  }
}

/// Chooses opcodes and registers.
private struct ProgramBuilder {
  let planner: Planner
  let nodes: [NodeID]
  private let members: Set<NodeID>
  /// Nodes that an opcode of their only reader computes on the way.
  private var absorbed: Set<NodeID> = []
  private(set) var operands: [ElementwiseProgram.Operand] = []
  private(set) var steps: [ElementwiseProgram.Step] = []
  private(set) var temporaries = 0
  /// Register numbers while building: operands count up from 0, virtual temporaries down from −1.
  private var register: [NodeID: Int] = [:]
  private var constants: [UInt64: Int] = [:]
  private var virtuals = 0

  init(planner: Planner, nodes: [NodeID]) {
    self.planner = planner
    self.nodes = nodes
    members = Set(nodes)
  }

  /// What the program reads from outside.
  var external: [NodeID] {
    var seen: Set<NodeID> = []
    return nodes.flatMap { planner.roles.operands($0) }.filter { !members.contains($0) && seen.insert($0).inserted }
  }

  mutating func build(_ sources: [NodeID: Source]) {
    for node in nodes.reversed() where !absorbed.contains(node) { _ = match(node, absorb: true) }
    for node in external {
      if case .constant = planner.roles[node] { continue }
      register[node] = addOperand(sources[node] ?? .node(node), reads: true, writes: false)
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

  private func operation(_ node: NodeID) -> EbbGraph.Operation { planner.graph.operation(node) }
  private func operands(_ node: NodeID) -> [NodeID] { planner.roles.operands(node) }
  private func isOne(_ node: NodeID) -> Bool { planner.roles[node] == .constant(1) }

  /// A node that only this program and only one reader in it needs.
  private func isInner(_ node: NodeID) -> Bool {
    members.contains(node) && planner.roles.users[node.index].count == 1 && !planner.needsStorage(node)
  }

  /// Recognises the opcodes that do the work of several nodes.
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
            return .binary(.tanhGradient, g, operands(y[1])[0])
          }
        }
        // g · (y · (1 − y))
        if operation(inner) == .binary(.multiply) {
          for (value, rest) in [(y[0], y[1]), (y[1], y[0])] where isInner(rest) {
            if operation(rest) == .binary(.subtract), isOne(operands(rest)[0]), operands(rest)[1] == value {
              take([inner, rest])
              return .binary(.sigmoidGradient, g, value)
            }
          }
        }
      }
    } else if function == .add {
      for (inner, rest) in [(x[0], x[1]), (x[1], x[0])] where inner != rest && isPlainProduct(inner) {
        take([inner])
        return .ternary(.multiplyAdd, operands(inner)[0], operands(inner)[1], rest)
      }
    } else if function == .subtract {
      if x[0] != x[1], isPlainProduct(x[0]) {
        take([x[0]])
        return .ternary(.multiplySubtract, operands(x[0])[0], operands(x[0])[1], x[1])
      }
      if x[0] != x[1], isPlainProduct(x[1]) {
        take([x[1]])
        return .ternary(.negateMultiplyAdd, operands(x[1])[0], operands(x[1])[1], x[0])
      }
      if isOne(x[0]) { return .unary(.oneMinus, x[1]) }
    }
    return .plain
  }

  private mutating func isPlainProduct(_ node: NodeID) -> Bool {
    guard isInner(node), operation(node) == .binary(.multiply) else { return false }
    if case .plain = match(node, absorb: false) { return true }
    return false
  }

  private mutating func emit(_ node: NodeID) {
    if let value = planner.runningValue[node] {
      addUp(node, value)
    } else {
      compute(node)
    }
  }

  /// a = a + x, where x may be a product.
  private mutating func addUp(_ node: NodeID, _ value: Int) {
    let sum = addOperand(.value(value), reads: true, writes: true)
    if isPlainProduct(node) {
      let x = operands(node).map { self.value($0) }
      steps.append(.init(opcode: .multiplyAdd, destination: sum, a: x[0], b: x[1], c: sum))
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
    switch operation(node) {
    case .unary(let function): step(.unary(function), node, x)
    case .binary(let function):
      if function == .floorDivide || function == .remainder {
        // By zero gives 0: the quotient's NaN is not selected.
        let isZero = step(.compare(.equal), nil, [x[1], constant(0)])
        let quotient = step(.binary(function), nil, x)
        step(.select, node, [isZero, constant(0), quotient])
      } else {
        step(.binary(function), node, x)
      }
    case .compare(let comparison): step(.compare(comparison), node, x)
    case .select: step(.select, node, x)
    case .convert(let element):
      let from = planner.graph.type(planner.graph.operand(node, 0)).element
      if element == .bool {
        step(.compare(.notEqual), node, [x[0], constant(0)])
      } else {
        step(element == .int32 && from.isFloat ? .truncate : .copy, node, x)
      }
    case .stopGradient, .clipGradient: step(.copy, node, x)
    case .parameter, .input, .constant, .axisIndex, .axisLength, .iota, .random, .product, .transpose, .reshape,
      .broadcast, .concatenate, .slice, .pad, .gather, .scatterAdd, .reduceFeatures, .argmaxFeatures, .reduceAxes,
      .argmaxAxis, .pick, .place, .spread, .axisToFeature, .featureToAxis, .delay, .advance:
      preconditionFailure("\(operation(node).keyword) is not elementwise")
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
    if case .constant(let number) = planner.roles[node] { return constant(number) }
    guard let found = register[node] else {
      preconditionFailure("%\(node.index) is read before it is computed in its program")
    }
    return found
  }

  @discardableResult
  private mutating func step(_ opcode: Opcode, _ node: NodeID?, _ arguments: [Int]) -> Int {
    let destination: Int
    if let node, planner.needsStorage(node) {
      destination = addOperand(.node(node), reads: false, writes: true)
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
    var lastUse: [Int: Int] = [:]
    for (index, step) in steps.enumerated() {
      for register in [step.destination, step.a, step.b, step.c] where register < 0 { lastUse[register] = index }
    }
    var free: [Int] = []
    var assigned: [Int: Int] = [:]
    for index in steps.indices {
      func physical(_ register: Int) -> Int { register < 0 ? operands.count + assigned[register]! : register }
      let step = steps[index]
      let (a, b, c) = (physical(step.a), physical(step.b), physical(step.c))
      // An argument's last use may give its register to the result: kernels read before they write.
      for register in Set([step.a, step.b, step.c]) where register < 0 && lastUse[register] == index {
        free.append(assigned[register]!)
      }
      if step.destination < 0 {
        free.sort(by: >)
        if let reused = free.popLast() {
          assigned[step.destination] = reused
        } else {
          assigned[step.destination] = temporaries
          temporaries += 1
        }
        if lastUse[step.destination] == index { free.append(assigned[step.destination]!) }
      }
      steps[index] = .init(opcode: step.opcode, destination: physical(step.destination), a: a, b: b, c: c)
    }
  }
}
