internal import EbbKernels
internal import EbbPlanning

/// The processor's vector instructions for which the kernels are built.
public enum InstructionSet: UInt8, Hashable, Sendable, CaseIterable {
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

  func kernels(_ storage: StorageType) -> UnsafePointer<ebb_kernels> {
    guard let table = ebb_kernels_for(identifier, Int32(storage.bytes)) else {
      preconditionFailure("this machine has no \(self) instructions")
    }
    return table
  }
}

extension Opcode {
  /// The kernels' number of the operation, and how many registers it reads.
  var kernel: (operation: ebb_op, arguments: Int) {
    switch self {
    case .copy: (EBB_COPY, 1)
    case .negate: (EBB_NEGATE, 1)
    case .absolute: (EBB_ABS, 1)
    case .sign: (EBB_SIGN, 1)
    case .relu: (EBB_RELU, 1)
    case .exp: (EBB_EXP, 1)
    case .expm1: (EBB_EXPM1, 1)
    case .log: (EBB_LOG, 1)
    case .log1p: (EBB_LOG1P, 1)
    case .sqrt: (EBB_SQRT, 1)
    case .reciprocal: (EBB_RECIPROCAL, 1)
    case .tanh: (EBB_TANH, 1)
    case .sigmoid: (EBB_SIGMOID, 1)
    case .softplus: (EBB_SOFTPLUS, 1)
    case .sin: (EBB_SIN, 1)
    case .cos: (EBB_COS, 1)
    case .erf: (EBB_ERF, 1)
    case .floor: (EBB_FLOOR, 1)
    case .truncate: (EBB_TRUNC, 1)
    case .square: (EBB_SQUARE, 1)
    case .not: (EBB_NOT, 1)
    case .isFinite: (EBB_IS_FINITE, 1)
    case .oneMinus: (EBB_ONE_MINUS, 1)
    case .add: (EBB_ADD, 2)
    case .subtract: (EBB_SUB, 2)
    case .multiply: (EBB_MUL, 2)
    case .divide: (EBB_DIV, 2)
    case .maximum: (EBB_MAX, 2)
    case .minimum: (EBB_MIN, 2)
    case .power: (EBB_POW, 2)
    case .floorDivide: (EBB_FLOOR_DIV, 2)
    case .remainder: (EBB_FLOOR_MOD, 2)
    case .and: (EBB_AND, 2)
    case .or: (EBB_OR, 2)
    case .xor: (EBB_XOR, 2)
    case .equal: (EBB_EQ, 2)
    case .notEqual: (EBB_NE, 2)
    case .less: (EBB_LT, 2)
    case .lessOrEqual: (EBB_LE, 2)
    case .greater: (EBB_GT, 2)
    case .greaterOrEqual: (EBB_GE, 2)
    case .tanhGradient: (EBB_TANH_GRADIENT, 2)
    case .sigmoidGradient: (EBB_SIGMOID_GRADIENT, 2)
    case .select: (EBB_SELECT, 3)
    case .multiplyAdd: (EBB_FMA, 3)
    case .negateMultiplyAdd: (EBB_FNMA, 3)
    case .multiplySubtract: (EBB_FMS, 3)
    }
  }
}
