import EbbKernels
import EbbTensors
import Testing

/// Random numbers drawn together are those that a stream gives one at a time, to the bit.
@Suite struct RandomKernelTests {
  @Test(arguments: InstructionSet.available)
  func uniformsAreThoseOfAStream(isa: InstructionSet) {
    for (index, first) in [0, 1, 5, UInt32.max - 3].enumerated() {
      let stream = RandomStream(seed: 3, run: 1, stream: UInt64(index))
      for count in [0, 1, 2, 7, 8, 9, 40, 107] {
        var out = Array(repeating: -1.0, count: count + 1)
        out.withUnsafeMutableBufferPointer { buffer in
          var call = ebb_uniforms(
            key: (stream.key[0], stream.key[1]), counter: (7, UInt32.max, 2), first: first, count: count,
            out: buffer.baseAddress!)
          isa.kernels(Double.self).uniforms(&call)
        }
        let expected = (0..<count).map { element in
          stream.value(.uniform, at: SIMD3(7, .max, 2), element: first &+ UInt32(element))
        }
        #expect(out.dropLast().elementsEqual(expected) && out[count] == -1, "\(count) from \(first)")
        var rounded = Array(repeating: Float(-1), count: count + 1)
        rounded.withUnsafeMutableBufferPointer { buffer in
          var call = ebb_uniforms(
            key: (stream.key[0], stream.key[1]), counter: (7, UInt32.max, 2), first: first, count: count,
            out: buffer.baseAddress!)
          isa.kernels(Float.self).uniforms(&call)
        }
        #expect(rounded.dropLast().elementsEqual(expected.map(Float.init)) && rounded[count] == -1, "\(count)")
      }
    }
  }
}
