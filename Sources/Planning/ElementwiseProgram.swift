package import EbbGraph

/// A fused run of elementwise operations over one iteration space: registers in, registers out.
package struct ElementwiseProgram: Hashable, Sendable {
  /// One operation of the program.
  package struct Step: Hashable, Sendable {
    /// The operation.
    package var opcode: Opcode
    /// Registers: first the operands, then the temporaries.
    package var destination: Int
    /// The register of the first argument.
    package var a: Int
    /// The register of the second argument, if there is one.
    package var b: Int
    /// The register of the third argument, if there is one.
    package var c: Int
  }
  /// A register that stands for memory.
  package struct Operand: Hashable, Sendable {
    /// Where its numbers are.
    package var source: Source
    /// Whether the register is filled before the steps.
    package var reads: Bool
    /// Whether the register goes to memory after the steps.
    package var writes: Bool
  }

  /// The width in which the program computes.
  package var storage: StorageType
  /// The axes over which it runs.
  package var domain: Domain
  /// The features over which it runs.
  package var features: FeatureLayout
  /// The operations, in order.
  package var steps: [Step]
  /// The registers that stand for memory; they come first.
  package var operands: [Operand]
  /// How many registers there are besides.
  package var temporaries: Int

  /// The first result in memory; nil for a program that only adds to running sums.
  package var result: View? {
    operands.lazy.filter { $0.writes && !$0.reads }.compactMap(\.source.view).first
  }
}
