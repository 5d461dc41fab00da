import Testing

@testable import EbbExecution

#if DEBUG
  /// What debug builds check of memory: a place outside ends the process.
  @Suite struct AddressTests {
    @Test func aStepOutsideItsValueIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 128, alignment: 64)
        var address = Address(memory.start, in: memory)
        address.stride = 64
        _ = address(2)
      }
    }

    @Test func stepsInsideAreWhereTheyWere() {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 64)
      defer { memory.deallocate() }
      var address = Address(memory.start, in: memory)
      (address.stride, address.shift, address.ring) = (64, -1, 4)
      #expect((0..<5).map { address($0) - memory.start } == [192, 0, 64, 128, 192])
    }

    @Test func anIndexOutsideIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let memory = FixedMemory(count: 3) { $0 }
        memory[3] = 1
      }
    }
  }
#endif
