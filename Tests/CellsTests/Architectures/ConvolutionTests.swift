import EbbCells
import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Foundation
import Testing

/// Convolutional LSTMs: the program against the interpreter, lengths, and refusals. Their numbers are Keras's:
/// SettingPeerTests.
@Suite struct ConvolutionTests {
  private func image(_ lengths: [Int], _ cell: ConvLSTM, _ element: ElementType = .float64) throws -> Recording {
    try Recording(element: element) { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      let y = scope.run(cell, scope.input("x", lengths + [2], over: [time, batch]))
      scope.output("y", y)
      scope.output("loss", sum(square(y)))
    }
  }

  /// The program that runs in steps, with its gradients, against the interpreter.
  @Test(arguments: [([5], [3]), ([3, 4], [2, 3]), ([2, 3, 2], [2, 1, 2])], ConvLSTM.Padding.allCases)
  func convolutions(_ sizes: ([Int], [Int]), _ padding: ConvLSTM.Padding) throws {
    let model = try image(sizes.0, ConvLSTM(filters: 3, kernel: sizes.1, padding: padding))
    let lengths = zip(sizes.0, sizes.1).map { padding == .same ? $0 : $0 - $1 + 1 }
    #expect(model.states.map { model.graph.type($0.value).shape.array } == [lengths + [3], lengths + [3]])
    var graph = model.graph
    let loss = try #require(graph.output(named: "loss"))
    let names = model.parameters.map(\.name)
    for (name, gradient) in zip(names, try graph.gradient(of: loss, withRespectTo: model.parameters.map(\.node))) {
      graph.setOutput("d/" + name, gradient)
    }
    var values = model.initialValues(seed: 3)
    let count = 4 * 2 * sizes.0.reduce(2, *)
    values["x"] = Tensor([4, 2] + sizes.0 + [2], (0..<count).map { sin(Double($0 * $0)) })
    let expected = try Interpreter.run(graph, Bindings(values))
    let found = try Executable(try Passes.optimized(graph)).run(Bindings(values))
    for (name, value) in expected {
      #expect(distance(found[name]?.doubles ?? [], value.doubles) < 1e-12, "\(name)")
    }
  }

  @Test func inputsThatAConvolutionCannotTakeAreErrors() {
    func message(_ lengths: [Int], _ cell: ConvLSTM) -> String? {
      let error = #expect(throws: RecordingError.self) { try image(lengths, cell) }
      return error?.problems.first?.message
    }
    func message(_ lengths: [Int], _ kernel: [Int]) -> String? {
      message(lengths, ConvLSTM(filters: 3, kernel: kernel))
    }
    #expect(message([5], [3, 3])?.contains("a kernel of 2 lengths takes as many spatial dimensions") == true)
    #expect(message([2, 5], [3, 3])?.contains("the kernel [3, 3] is longer than the input [2, 5, 2]") == true)
    var cell = ConvLSTM(filters: 3, kernel: [3], dilation: [2], layout: .channelsFirst)
    #expect(message([], cell)?.contains("a kernel of 1 lengths takes channels, then as many spatial") == true)
    #expect(message([5], cell)?.contains("the kernel [3], dilated by [2], is longer than the input [5, 2]") == true)
    cell.strides = [0]
    #expect(message([5], cell)?.contains("the strides [0] and the dilation [2] are not as many numbers") == true)
    cell.strides = [1, 1]
    #expect(message([5], cell)?.contains("the strides [1, 1] and the dilation [2] are not as many") == true)
  }

  /// Lengths of the output and the states: ⌊(n − r) / s⌋ + 1 or ⌈n / s⌉, in both layouts.
  @Test(arguments: ConvLSTM.Padding.allCases, ConvLSTM.Layout.allCases)
  func lengthsOfConvolutions(_ padding: ConvLSTM.Padding, _ layout: ConvLSTM.Layout) throws {
    let cases = [(7, 2, 1, 3, 4), (8, 3, 1, 2, 3), (7, 1, 3, 1, 7), (9, 4, 2, 2, 3)]
    for (length, stride, dilation, valid, same) in cases {
      let cell = ConvLSTM(
        filters: 3, kernel: [3, 1], strides: [stride, 1], padding: padding, dilation: [dilation, 1], layout: layout)
      let model = try Recording { scope in
        let shape = layout == .channelsLast ? [length, 2, 5] : [5, length, 2]
        scope.output("y", scope.run(cell, scope.input("x", shape, over: [scope.time("t")])))
      }
      let count = padding == .valid ? valid : same
      let expected = layout == .channelsLast ? [count, 2, 3] : [3, count, 2]
      let y = try #require(model.graph.output(named: "y"))
      #expect(model.graph.type(y).shape.array == expected)
      #expect(model.states.map { model.graph.type($0.value).shape.array } == [expected, expected])
    }
  }
}
