import EbbCells
import EbbRecording
import EbbTensors
import EbbTraining
import Testing

@Suite struct PaddedSequencesTests {
  @Test func sequencesArePaddedAtTheirEnds() throws {
    let padded = try PaddedSequences([[[1, 2], [3, 4]], [], [[5, 6]]])
    #expect(padded.values == Tensor([2, 3, 2], [1, 2, 0, 0, 5, 6, 3, 4, 0, 0, 0, 0] as [Float]))
    #expect(padded.lengths == Tensor([3], [Int32(2), 0, 1]))
    #expect(padded.mask == Tensor([2, 3], [true, false, true, true, false, false]))
    #expect(padded.inputs() == ["x": padded.values, "lengths": padded.lengths])
    let tokens = try PaddedSequences(tokens: [[7, 8, 9], [4]], multipleOf: 2)
    #expect(tokens.values == Tensor([4, 2], [Int32(7), 4, 8, 0, 9, 0, 0, 0]))
    let tensors = try PaddedSequences([Tensor([1, 1, 2], [1.0, 2]), Tensor([2, 1, 2], [3.0, 4, 5, 6])])
    #expect(tensors.values == Tensor([2, 2, 1, 2], [1.0, 2, 3, 4, 0, 0, 5, 6]))
    #expect(try PaddedSequences([Tensor([2], [true, true])], multipleOf: 3).values.doubles == [1, 1, 0])
  }

  @Test func maskedStepsGoToTheEnd() throws {
    let x = Tensor([3, 2], [Int32(0), 5, 1, 0, 2, 6])
    let packed = try PaddedSequences(x, where: Tensor([3, 2], [false, true, true, false, true, true]))
    #expect(packed.values == Tensor([2, 2], [Int32(1), 5, 2, 6]) && packed.lengths.doubles == [2, 2])
  }

  @Test func whatDoesNotFitIsNamed() {
    func message(_ body: () throws -> PaddedSequences) -> String {
      do {
        _ = try body()
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message { try PaddedSequences([[[1, 2]], [[3, 4], [5]]]) }
        == "every step has as many features; the first has 2, step 1 of sequence 1 1")
    #expect(message { try PaddedSequences([Tensor]()) } == "there is no sequence to pad")
    #expect(message { try PaddedSequences(tokens: [[1], [1 << 40]]) }.contains("sequence 1 has a larger one"))
    #expect(message { try PaddedSequences(tokens: [[1]], multipleOf: 0) }.contains("a multiple of at least 1, not 0"))
    #expect(
      message { try PaddedSequences([Tensor([1], [1.0]), Tensor([1], [Float(1)])]) }.contains("sequence 1 f32 [1]"))
    #expect(
      message {
        try PaddedSequences(Tensor([2, 2], [1.0, 2, 3, 4]), where: Tensor([2, 3], [Bool](repeating: true, count: 6)))
      }
      .contains("found bool [2, 3] for [2, 2]"))
  }

  /// Left padding and holes: a mask and packed sequences end in the same states, and learn the same.
  @Test(arguments: [ElementType.float32, .float64]) func aMaskIsPackedSequences(_ element: ElementType) throws {
    let mask = Tensor([4, 3], [false, true, true, true, false, true, false, true, true, true, true, false])
    let x = Tensor([4, 3, 2], (0..<24).map { 0.3 * Double(($0 * 5) % 7) - 0.9 }, as: element)
    let y = Tensor([3, 1], [0.5, -1, 0.25], as: element)
    func layers(_ cell: any RecurrentCell) -> [any RecurrentCell] { [cell, LastStep(), Dense(units: 1)] }
    let masked = try Trainer(
      Recording.sequential(
        .features(2), layers(Masked(LSTM(units: 3), where: .input("mask"))), element: element), seed: 3)
    let ragged = try Trainer(
      Recording.sequential(.features(2), layers(LSTM(units: 3)), isRagged: true, element: element), seed: 3)
    #expect(masked.parameters == ragged.parameters)
    let packed = try PaddedSequences(x, where: mask)
    #expect(packed.values.dimensions == [3, 3, 2])
    let bound = element == .float32 ? 1e-6 : 1e-14
    func expectClose(_ a: Tensor?, _ b: Tensor?) {
      for (a, b) in zip(a?.doubles ?? [.nan], b?.doubles ?? [.nan]) { #expect(abs(a - b) < bound) }
    }
    expectClose(try masked.predict(["x": x, "mask": mask]), try ragged.predict(packed.inputs()))
    let gradients = try masked.gradients(["x": x, "mask": mask, "target": y]).gradients
    for (name, gradient) in try ragged.gradients(packed.inputs().merging(["target": y]) { $1 }).gradients {
      expectClose(gradients[name], gradient)
    }
    let history = try masked.fit(["x": x, "mask": mask, "target": y], epochs: 40, batchSize: 2)
    #expect(history[39].loss < history[0].loss)
  }
}
