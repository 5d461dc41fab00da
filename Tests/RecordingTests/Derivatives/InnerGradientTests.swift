import EbbCells
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import EbbTransforms
import Testing

@Suite struct InnerGradientTests {
  /// Test-time training: at each step M descends the loss ½‖tanh(k M) − v‖² of its own sample.
  private func memory(clip: GradientClip? = nil, truncation: Int = 0) throws -> Recording {
    try Recording(element: .float64) { scope in
      let (time, batch) = (scope.time("t", truncation: truncation), scope.batch("b"))
      let x = scope.input("x", [2], over: [time, batch])
      let read = scope.input("read", [2], over: [time, batch])
      let k = matmul(x, scope.parameter("key", [2, 2], .zeros))
      let v = matmul(x, scope.parameter("value", [2, 2], .zeros))
      let m = scope.state("m", shape: [2, 2], clip: clip)
      let error = 0.5 * sumOverFeatures(square(tanh(matmul(k, m)) - v))
      let y = matmul(k, m.next(m - 0.3 * gradient(of: error, withRespectTo: [m])[0]))
      scope.output("loss", sum(read * y))
    }
  }

  /// Values, gradients and a derivative of a gradient, beside jax.grad inside lax.scan.
  @Test func aMemoryThatLearnsHasTheGradientsOfJAX() throws {
    let expected = try JAXGradients()
    var graph = try memory().graph
    let loss = try #require(graph.output(named: "loss"))
    let parameters = try ["key", "value"].map { try #require(graph.node(named: $0)) }
    let gradients = try graph.gradient(of: loss, withRespectTo: parameters)
    let norm = graph.append(
      .reduceFeatures(.sum, dimension: 0),
      [graph.append(.reshape([4]), [graph.append(.unary(.square), [gradients[0]])])])
    let second = try graph.gradient(of: norm, withRespectTo: parameters)
    for (index, name) in ["key", "value"].enumerated() {
      graph.setOutput("first/" + name, gradients[index])
      graph.setOutput("second/" + name, second[index])
    }
    var values = ["x": Tensor([5, 2, 2], expected.spikes.x), "read": Tensor([5, 2, 2], expected.spikes.read)]
    for (name, numbers) in expected.memory.parameters { values[name] = Tensor([2, 2], numbers) }
    for form in [graph, try Passes.optimized(graph), try graph.unrolled(Axis(0), steps: 5)] {
      var bindings = Bindings(values)
      if form.node(named: "x") == nil { bindings = try graph.unrolledBindings(bindings, over: Axis(0), steps: 5) }
      let found = try Interpreter.run(form, bindings)
      #expect(agree(found["loss"]?.doubles, expected.memory.loss))
      for name in ["key", "value"] {
        #expect(agree(found["first/" + name]?.doubles, expected.memory.gradients[name]), "\(name)")
        #expect(agree(found["second/" + name]?.doubles, expected.memory.second[name]), "\(name)")
      }
    }
  }

  /// Clips and truncation act on the outer gradient, not on the memory's own steps.
  @Test func marksLeaveTheInnerGradientAsItIs() throws {
    let expected = try JAXGradients()
    var values = ["x": Tensor([5, 2, 2], expected.spikes.x), "read": Tensor([5, 2, 2], expected.spikes.read)]
    for (name, numbers) in expected.memory.parameters { values[name] = Tensor([2, 2], numbers) }
    for recording in [try memory(clip: .norm(1e-3)), try memory(truncation: 1)] {
      var graph = recording.graph
      let loss = try #require(graph.output(named: "loss"))
      let key = try #require(graph.node(named: "key"))
      graph.setOutput("key'", try graph.gradient(of: loss, withRespectTo: [key])[0])
      let found = try Interpreter.run(graph, Bindings(values))
      #expect(agree(found["loss"]?.doubles, expected.memory.loss))
      #expect(!agree(found["key'"]?.doubles, expected.memory.gradients["key"]))
    }
  }

  /// After a recurrence the gradient of a loss without the time axis is the total one; at each step earlier steps are held.
  @Test func afterARecurrence() throws {
    let recording = try Recording(element: .float64) { scope in
      let time = scope.time("t")
      let x = scope.input("x", [], over: [time])
      let h = scope.state("h", shape: [])
      let y = h.next(0.5 * h + x)
      scope.output("total", gradient(of: sum(square(y), over: [time]), withRespectTo: [x])[0])
      scope.output("own", gradient(of: square(y), withRespectTo: [x])[0])
      scope.output("none", gradient(of: square(x), withRespectTo: [y])[0])
    }
    let found = try Interpreter.run(recording.graph, Bindings(["x": Tensor([3], [1.0, 0, 2])]))
    // y = 1, ½, 2¼
    #expect(found["total"]?.doubles == [2 + 0.5 + 0.25 * 4.5, 1 + 0.5 * 4.5, 4.5])
    #expect(found["own"]?.doubles == [2, 1, 4.5])
    #expect(found["none"]?.doubles == [0, 0, 0])
  }

  @Test func errorsNameTheMistake() throws {
    let error = #expect(throws: RecordingError.self) {
      try Recording { scope in
        let x = scope.input("x", [3], over: [scope.time("t")])
        scope.output("y", gradient(of: x, withRespectTo: [x])[0])
      }
    }
    let message = try #require(error?.description)
    #expect(message.contains("near gradient"))
    #expect(message.contains("has features [3]: reduce them to a scalar first"))
  }
}
