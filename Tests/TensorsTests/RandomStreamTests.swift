import EbbTensors
import Testing

/// The random numbers that graphs draw.
struct RandomStreamTests {
  /// The known answers that its authors publish with the generator.
  @Test func philoxGivesItsKnownAnswers() {
    #expect(
      Philox.block(counter: .zero, key: .zero) == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox.block(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.block(
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: SIMD2(0xA409_3822, 0x299F_31D0))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  private func numbers(_ distribution: Distribution, _ stream: RandomStream) -> [Double] {
    (0..<UInt32(20_000)).map { stream.value(distribution, at: SIMD3($0 % 50, $0 / 50, 3), element: 1) }
  }

  @Test func momentsAreThoseOfTheDistributions() {
    let stream = RandomStream(seed: 1, run: 2, stream: 3)
    for (distribution, mean, variance) in [(Distribution.uniform, 0.5, 1.0 / 12), (.normal, 0, 1)] {
      let sample = numbers(distribution, stream)
      let count = Double(sample.count)
      let found = sample.reduce(0, +) / count
      // Five standard errors of the mean.
      #expect(abs(found - mean) < 5 * (variance / count).squareRoot())
      #expect(abs(sample.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count - variance) < 0.05 * variance)
    }
    #expect(numbers(.uniform, stream).allSatisfy { 0..<1 ~= $0 })
  }

  @Test func everyPartOfTheAddressMatters() {
    let base = RandomStream(seed: 1, run: 1, stream: 1)
    let others = [
      RandomStream(seed: 2, run: 1, stream: 1), RandomStream(seed: 1, run: 2, stream: 1),
      RandomStream(seed: 1, run: 1, stream: 2),
    ]
    let value = base.value(.uniform, at: SIMD3(1, 2, 3), element: 4)
    #expect(value == RandomStream(seed: 1, run: 1, stream: 1).value(.uniform, at: SIMD3(1, 2, 3), element: 4))
    for other in others { #expect(other.value(.uniform, at: SIMD3(1, 2, 3), element: 4) != value) }
    for indices in [SIMD3<UInt32>(2, 2, 3), SIMD3(1, 1, 3), SIMD3(1, 2, 0)] {
      #expect(base.value(.uniform, at: indices, element: 4) != value)
    }
    #expect(base.value(.uniform, at: SIMD3(1, 2, 3), element: 5) != value)
  }
}
