import Testing

@testable import EbbExecution

#if DEBUG
  /// What debug builds check of memory: a place outside ends the process.
  @Suite struct AddressTests {
    /// Two steps of 64 bytes in an arena that is larger.
    private static func address(_ arena: Arena) -> Address {
      var address = Address(arena.location(64, bytes: 128))
      address.stride = 64
      return address
    }

    @Test func aStepOutsideItsValueIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let address = Self.address(Arena(byteCount: 256))
        _ = address(2).pointer
      }
    }

    @Test func aStepBeforeItsValueIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let address = Self.address(Arena(byteCount: 256))
        address(-1).store(1.0)
      }
    }

    @Test func aNumberThatEndsOutsideIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let address = Self.address(Arena(byteCount: 256))
        _ = (address(1) + 60).load(as: Double.self)
      }
    }

    @Test func aRunThatEndsOutsideIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let arena = Arena(byteCount: 256)
        arena.location(0, bytes: 64).copy(65, from: arena.location(128, bytes: 128))
      }
    }

    /// A base may lie outside: nothing is touched there.
    @Test func stepsInsideAreWhereTheyWere() {
      let arena = Arena(byteCount: 256)
      let memory = arena.location(0, bytes: 256)
      var address = Address(memory)
      (address.stride, address.shift, address.ring) = (64, -1, 4)
      #expect((0..<5).map { address($0) - memory } == [192, 0, 64, 128, 192])
      let base = memory + -64
      (base + 64).store(2.5)
      #expect(memory.load(as: Double.self) == 2.5)
    }

    @Test func anIndexOutsideATableIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let table = Arena(byteCount: 0).table([1, 2, 3])
        table[3] = 1
      }
      await #expect(processExitsWith: .failure) {
        _ = Arena(byteCount: 0).table([Int]())[0]
      }
    }

    @Test func handlesAreTrivial() {
      #expect(_isPOD(Address.self) && _isPOD(BoundInstruction.self) && _isPOD(BoundProduct.self))
      #expect(_isPOD(ScalarFallback.Reader.self) && _isPOD(Stored<Int>.self) && _isPOD(Table<Address>.self))
    }

    @Test func anIndexOutsideIsATrap() async {
      await #expect(processExitsWith: .failure) {
        let memory = FixedMemory(count: 3) { $0 }
        memory[3] = 1
      }
    }
  }
#endif
