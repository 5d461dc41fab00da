import EbbCells
import EbbExport
import EbbGraph
import EbbInterchange
import EbbRecording
import EbbTensors
import Testing

/// Whole models, as they are listed.
@Suite struct ListingTests {
  @Test func anLSTM() throws {
    #expect(
      try LibraryTests.model(Stack([LSTM(units: 4), LastStep(), Dense(units: 2)])).description == """
        operators of onnx 17
        input x: float [t, b, 3]
        layer2.dense.weight: float [4, 2]
        layer2.dense.bias: float [2]
        layer0.W: float [1, 16, 3]
        layer0.R: float [1, 16, 4]
        layer0.B: float [1, 32]
        [0]: int64 [1] = [0]
        –, layer0.LSTM.Y_h = LSTM(x, layer0.W, layer0.R, layer0.B; hidden_size 4)
        layer0.final = Squeeze(layer0.LSTM.Y_h, [0])
        MatMul = MatMul(layer0.final, layer2.dense.weight)
        y = Add(MatMul, layer2.dense.bias)
        output y: float [b, 2]

        """)
  }

  /// Side by side they are one output; for a sum they are parts of it.
  @Test func bothDirections() throws {
    func layer(_ merge: Bidirectional.Merge) -> Bidirectional {
      Bidirectional(SimpleRNN(units: 4, activation: .relu), SimpleRNN(units: 4, activation: .relu), merge: merge)
    }
    let whole = try LibraryTests.model(layer(.concatenate)).description
    #expect(
      whole == """
        operators of onnx 17
        input x: float [t, b, 3]
        W: float [2, 4, 3]
        R: float [2, 4, 4]
        B: float [2, 8]
        [0,0,8]: int64 [3] = [0, 0, 8]
        RNN.Y = RNN(x, W, R, B; activations [Relu, Relu]; hidden_size 4; direction bidirectional)
        Transpose = Transpose(RNN.Y; perm [0, 2, 1, 3])
        y = Reshape(Transpose, [0,0,8])
        output y: float [t, b, 8]

        """)
    let sum = try LibraryTests.model(layer(.sum)).description
    #expect(
      sum == """
        operators of onnx 17
        input x: float [t, b, 3]
        W: float [2, 4, 3]
        R: float [2, 4, 4]
        B: float [2, 8]
        int64.0: int64 [] = [0]
        int64.1: int64 [] = [1]
        RNN.Y = RNN(x, W, R, B; activations [Relu, Relu]; hidden_size 4; direction bidirectional)
        forward.h = Gather(RNN.Y, int64.0; axis 1)
        backward.h = Gather(RNN.Y, int64.1; axis 1)
        y = Add(forward.h, backward.h)
        output y: float [t, b, 4]

        """)
  }

  @Test func aScanOfRaggedSequencesBackward() throws {
    let recording = try Recording { scope in
      let (time, batch) = (scope.time("t"), scope.batch("b"))
      scope.lengths("lengths", of: time, over: [batch])
      let x = scope.input("x", [3], over: [time, batch])
      scope.output("y", scope.reversed.run(IndRNN(units: 3), x))
    }
    let text = try recording.onnx(parameters: recording.initialValues(seed: 1)).description
    #expect(
      text == """
        operators of onnx 17
        input lengths: int32 [b]
        input x: float [t, b, 3]
        zeros: float [3]
        recurrent: float [3]
        input.weight: float [3, 3]
        input.bias: float [3]
        [0]: int64 [1] = [0]
        [1]: int64 [1] = [1]
        int32.0: int32 [] = 0
        int32.1: int32 [] = 1
        0: float [] = 0.0
        [2]: int64 [1] = [2]
        MatMul = MatMul(x, input.weight)
        Add = Add(MatMul, input.bias)
        zeros.unsqueezed = Unsqueeze(zeros, [0])
        b.length = Shape(lengths; start 0; end 1)
        lengths_1 = Concat(b.length, [1]; axis 0)
        h.initial = Expand(zeros.unsqueezed, lengths_1)
        t.length = Shape(x; start 0; end 1)
        Squeeze = Squeeze(t.length, [0])
        t.count = Cast(Squeeze; to 6)
        t.index = Range(int32.0, t.count, int32.1)
        t.index.unsqueezed = Unsqueeze(t.index, [1])
        t.isInside = Less(t.index.unsqueezed, lengths)
        h.final, h = Scan(h.initial, Add, t.isInside; num_scan_inputs 2; scan_input_directions [1, 1]; scan_output_directions [1])
          input h.previous: float [b, 3]
          input Add.step: float [b, 3]
          input t.isInside.step: bool [b]
          Mul = Mul(recurrent, h.previous)
          Add_1 = Add(Add.step, Mul)
          h.next = Relu(Add_1)
          t.isInside.step.unsqueezed = Unsqueeze(t.isInside.step, [1])
          Where = Where(t.isInside.step.unsqueezed, h.next, h.initial)
          output Where: float [b, 3]
          output h.next: float [b, 3]
        t.isInside.unsqueezed = Unsqueeze(t.isInside, [2])
        y = Where(t.isInside.unsqueezed, h, 0)
        output y: float [t, b, 3]

        """)
  }
}
