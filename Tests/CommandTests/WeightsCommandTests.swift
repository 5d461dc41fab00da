import EbbInterchange
import EbbTensors
import Testing

@Suite struct WeightsCommandTests {
  /// An RNN with one unit: W_ih = 2, W_hh = 3, biases 5 and 7.
  private let tensors = [
    "rnn.weight_ih_l0": Tensor([1, 1], [2] as [Float]), "rnn.weight_hh_l0": Tensor([1, 1], [3] as [Float]),
    "rnn.bias_ih_l0": Tensor([1], [5] as [Float]), "rnn.bias_hh_l0": Tensor([1], [7] as [Float]),
  ]
  private let rnn = ["--cell", "rnn", "--hidden", "1", "--input", "1", "--module", "rnn"]

  @Test func convertsThereAndBack() throws {
    try withTemporaryFolder { folder in
      let (theirs, ours, back) = (folder + "/a.safetensors", folder + "/b.npz", folder + "/c.safetensors")
      try TensorFile.write(tensors, to: theirs)
      let first = ebb(["weights", theirs, "--from", "pytorch", "--output", ours] + rnn)
      #expect(first.status == 0, "\(first.messages)")
      let parameters = [
        "recurrent.weight": Tensor([2, 1], [3, 2] as [Float]), "recurrent.bias": Tensor([1], [12] as [Float]),
      ]
      #expect(try TensorFile.read(ours) == parameters)
      #expect(ebb(["weights", ours, "--to", "pytorch", "--output", back] + rnn).status == 0)
      var expected = tensors
      expected["rnn.bias_ih_l0"] = Tensor([1], [12] as [Float])
      expected["rnn.bias_hh_l0"] = Tensor([1], [0] as [Float])
      #expect(try TensorFile.read(back) == expected)
    }
  }

  @Test func listsAndComplains() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.npz"
      try TensorFile.write(tensors, to: path)
      let listed = ebb("weights", path)
      #expect(listed.status == 0)
      #expect(listed.output.contains("rnn.weight_ih_l0"))
      #expect(listed.output.contains("[1, 1]"))
      let wrong = ebb(["weights", path, "--from", "flax"] + rnn)
      #expect(wrong.status == 1)
      #expect(wrong.messages.contains("rnn.cell.dense_i.kernel [1, 1] is missing"))
      #expect(wrong.messages.contains("rnn.bias_hh_l0 [1] has no place here"))
      let gru = ebb("weights", path, "--from", "pytorch", "--cell", "gru")
      #expect(gru.messages.contains("use ResetAfterGRU"))
      #expect(ebb("weights").status == 2)
    }
  }
}
