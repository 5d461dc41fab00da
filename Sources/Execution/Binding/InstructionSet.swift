internal import EbbKernels
internal import EbbPlanning

/// The vector instruction sets for which the kernels are built.
public enum InstructionSet: UInt8, Hashable, Sendable, CaseIterable {
  /// None; AVX2 with FMA; AVX-512; ARM's NEON.
  case baseline, avx2, avx512, neon

  var identifier: ebb_isa {
    switch self {
    case .baseline: EBB_BASELINE
    case .avx2: EBB_AVX2
    case .avx512: EBB_AVX512
    case .neon: EBB_NEON
    }
  }

  /// Whether this machine can run it.
  public var isAvailable: Bool { ebb_isa_available(identifier) != 0 }
  /// The fastest that this machine can run.
  public static var best: InstructionSet { allCases.first { $0.identifier == ebb_isa_best() } ?? .baseline }
  /// Those that this machine can run.
  public static var available: [InstructionSet] { allCases.filter(\.isAvailable) }

  func kernels(_ storage: StorageType) -> ebb_kernels {
    guard let table = ebb_kernels_for(identifier, Int32(storage.bytes)) else {
      preconditionFailure("this machine has no \(self) instructions")
    }
    return table.pointee
  }
}
