import EbbKernels
import EbbTensors
import Testing

/// Random numbers drawn together are those that a stream gives one at a time, to the bit.
@Suite struct RandomKernelTests {
  @Test(arguments: InstructionSet.available, Distribution.allCases)
  func numbersAreThoseOfAStream(isa: InstructionSet, distribution: Distribution) {
    for (index, first) in [0, 1, 5, UInt32.max - 3].enumerated() {
      let stream = RandomStream(seed: 3, run: 1, stream: UInt64(index))
      for count in [0, 1, 2, 7, 8, 9, 40, 107] {
        let expected = (0..<count).map { element in
          stream.value(distribution, at: SIMD3(7, .max, 2), element: first &+ UInt32(element))
        }
        #expect(
          drawn(Double.self, isa, distribution, stream, first, count) == expected + [-1], "\(count) from \(first)")
        let rounded = drawn(Float.self, isa, distribution, stream, first, count)
        #expect(rounded == expected.map(Float.init) + [-1], "\(count) from \(first)")
      }
    }
  }

  /// The numbers, and one behind them that nothing should write.
  private func drawn<Element: BinaryFloatingPoint>(
    _ type: Element.Type, _ isa: InstructionSet, _ distribution: Distribution, _ stream: RandomStream, _ first: UInt32,
    _ count: Int
  ) -> [Element] {
    let kernels = isa.kernels(type)
    var out = Array(repeating: Element(-1), count: count + 1)
    out.withUnsafeMutableBufferPointer { buffer in
      var call = ebb_draw(
        key: (stream.key[0], stream.key[1]), counter: (7, UInt32.max, 2), first: first, count: count,
        out: buffer.baseAddress!)
      switch distribution {
      case .uniform: kernels.uniforms(&call)
      case .normal: kernels.normals(&call)
      }
    }
    return out
  }
}
