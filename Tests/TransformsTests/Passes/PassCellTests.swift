import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

/// What the passes make of the gradient graphs of cells: how many products, where, and the same numbers.
struct PassCellTests {
  enum Cell: CaseIterable {
    case simple, lstm, joinedLSTM, peepholeLSTM, gru, minimalGatedUnit, stackedLSTM
  }

  /// The loss and its gradient with respect to every parameter of a cell.
  private func gradientGraph(_ kind: Cell, _ style: CellWriter.Style) throws -> CellWriter {
    var cell = CellWriter(inputs: 3, units: 2, style: style)
    let h =
      switch kind {
      case .simple: try cell.simple(cell.x)
      case .lstm: try cell.lstm(cell.x)
      case .joinedLSTM: try cell.joinedLSTM(cell.x)
      case .peepholeLSTM: try cell.lstm(cell.x, peepholes: true)
      case .gru: try cell.gru(cell.x)
      case .minimalGatedUnit: try cell.minimalGatedUnit(cell.x)
      case .stackedLSTM: try cell.lstm(try cell.lstm(cell.x), prefix: "second.")
      }
    let loss = cell.loss(h)
    let parameters = cell.parameters
    for (parameter, gradient) in zip(parameters, try cell.graph.gradient(of: loss, withRespectTo: parameters)) {
      cell.graph.setOutput("d" + (cell.graph.name(parameter) ?? ""), gradient)
    }
    return cell
  }

  /// However the gates are written, a step has one product forward and one backward for each product that has to wait
  /// for another, and the whole sequence one for the input and one for each kind of weight gradient.
  @Test(arguments: CellWriter.Style.allCases)
  func productsPerStepAndPerSequence(style: CellWriter.Style) throws {
    let expected: [Cell: ProductCount] = [
      .simple: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      .lstm: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      .joinedLSTM: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      .peepholeLSTM: ProductCount(perSweep: [1, 1], wholeSequence: 3),
      // The candidate reads r ⊙ h, so it waits for the gates; its weights have a gradient of their own.
      .gru: ProductCount(perSweep: [2, 2], wholeSequence: 4),
      .minimalGatedUnit: ProductCount(perSweep: [2, 2], wholeSequence: 4),
      // The second layer also sends an adjoint to its input.
      .stackedLSTM: ProductCount(perSweep: [1, 1, 1, 1], wholeSequence: 7),
    ]
    for kind in Cell.allCases {
      let optimized = try Passes.optimized(try gradientGraph(kind, style).graph)
      #expect(ProductCount(optimized) == expected[kind], "\(kind)\n\(optimized)")
    }
  }

  @Test(arguments: Cell.allCases)
  func gradientsAreThoseOfTheUnoptimizedGraph(kind: Cell) throws {
    for style in CellWriter.Style.allCases {
      let cell = try gradientGraph(kind, style)
      let bindings = cell.bindings(steps: 4, rows: 2)
      let expected = try Interpreter.run(cell.graph, bindings)
      let found = try Interpreter.run(try Passes.optimized(cell.graph), bindings)
      for (name, tensor) in expected {
        #expect(maximumRelativeError(tensor, try #require(found[name])) < 1e-12, "\(kind) \(style) \(name)")
      }
    }
  }

  /// Forward and backward read the weights from one concatenation, in the order of their gates, also where inputs and
  /// states were declared in different orders.
  @Test func forwardAndBackwardShareTheWeights() throws {
    var cell = CellWriter(inputs: 3, units: 2, style: .separate)
    let time = cell.time
    let h = try cell.state("h")
    let weights = ["b", "a"].map { cell.parameter("W" + $0, [3, 2]) }
    let recurrent = ["a", "b"].map { cell.parameter("U" + $0, [2, 2]) }
    let a = cell.add(cell.product(h, recurrent[0]), cell.product(cell.x, weights[1]))
    let b = cell.add(cell.product(h, recurrent[1]), cell.product(cell.x, weights[0]))
    let next = cell.times(cell.unary(.sigmoid, a), cell.unary(.tanh, b))
    try cell.graph.close(h, with: next)
    try cell.graph.inferDomains()
    let loss = cell.loss(next)
    let nodes = cell.parameters + [cell.x]
    for (index, gradient) in try cell.graph.gradient(of: loss, withRespectTo: nodes).enumerated() {
      cell.graph.setOutput("gradient\(index)", gradient)
    }
    let optimized = try Passes.optimized(cell.graph)
    let concatenations = optimized.nodes.filter {
      if case .concatenate = optimized.operation($0) { true } else { false }
    }
    // R, W and the adjoints of the gates.
    #expect(concatenations.count == 3, "\(optimized)")
    #expect(ProductCount(optimized) == ProductCount(perSweep: [1, 1], wholeSequence: 4))
    #expect(optimized.axes[time.index].name == "t")
  }

  /// Gradients for each sample and derivatives of gradients are optimized like any other graph.
  @Test(arguments: Cell.allCases)
  func otherDerivativesKeepTheirValues(kind: Cell) throws {
    var cell = try gradientGraph(kind, .concatenated)
    let parameter = try #require(cell.parameters.first)
    let gradient = try #require(cell.graph.outputs.last).node
    var sum = cell.unary(.square, gradient)
    while cell.graph.type(sum).shape.rank > 0 {
      sum = cell.graph.append(.reduceFeatures(.sum, dimension: 0), [sum])
    }
    cell.graph.setOutput("second", try cell.graph.gradient(of: sum, withRespectTo: [parameter])[0])
    let h = try #require(cell.graph.node(named: kind == .stackedLSTM ? "second.hBefore" : "hBefore"))
    let perSample = cell.graph.append(
      .reduceAxes(.sum, over: [cell.time]), [cell.graph.append(.reduceFeatures(.sum, dimension: 0), [h])])
    let separate = try cell.graph.gradient(of: perSample, withRespectTo: [parameter], keeping: [cell.batch])
    cell.graph.setOutput("perSample", separate[0])

    let bindings = cell.bindings(steps: 3, rows: 2)
    let expected = try Interpreter.run(cell.graph, bindings)
    let found = try Interpreter.run(try Passes.optimized(cell.graph), bindings)
    for (name, tensor) in expected {
      #expect(maximumRelativeError(tensor, try #require(found[name])) < 1e-11, "\(kind) \(name)")
    }
  }

  /// Unrolled, the gates of each step fuse. A step has as many products as rolled, those that were over the whole
  /// sequence included; one is left out, because no adjoint is sent to the state before the first step. Where h and x
  /// were written as one vector they stay one, since there is no recurrence that x could leave.
  @Test(arguments: Cell.allCases)
  func unrolledGatesFusePerStep(kind: Cell) throws {
    let steps = 4
    for style in CellWriter.Style.allCases {
      let cell = try gradientGraph(kind, style)
      let unrolled = try cell.graph.unrolled(cell.time, steps: steps)
      let optimized = try Passes.optimized(unrolled)
      let perStep: Int? =
        switch kind {
        case .simple, .lstm, .peepholeLSTM: style == .concatenated ? 3 : 5
        case .joinedLSTM: 3
        case .gru, .minimalGatedUnit: style == .concatenated ? 6 : 8
        case .stackedLSTM: nil
        }
      if let perStep {
        let expected = ProductCount(perSweep: [], wholeSequence: perStep * steps - 1)
        #expect(ProductCount(optimized) == expected, "\(kind) \(style)")
      }
      let bindings = cell.bindings(steps: steps, rows: 2)
      let expected = try Interpreter.run(cell.graph, bindings)
      let unrolledBindings = try cell.graph.unrolledBindings(bindings, over: cell.time, steps: steps)
      let found = try Interpreter.run(optimized, unrolledBindings)
      for (name, tensor) in expected {
        #expect(maximumRelativeError(tensor, try #require(found[name])) < 1e-12, "\(kind) \(style) \(name)")
      }
    }
  }
}
