internal import EbbGraph
internal import EbbKernels
internal import EbbPlanning

/// The kernels' number of the operation.
extension Opcode {
  var kernel: ebb_op {
    switch self {
    case .unary(let function): function.kernel
    case .binary(let function): function.kernel
    case .compare(let comparison): comparison.kernel
    case .special(.select): EBB_SELECT
    case .special(.copy): EBB_COPY
    case .special(.truncate): EBB_TRUNC
    case .special(.oneMinus): EBB_ONE_MINUS
    case .special(.multiplyAdd): EBB_FMA
    case .special(.negateMultiplyAdd): EBB_FNMA
    case .special(.multiplySubtract): EBB_FMS
    case .special(.tanhGradient): EBB_TANH_GRADIENT
    case .special(.sigmoidGradient): EBB_SIGMOID_GRADIENT
    }
  }
}

extension UnaryFunction {
  fileprivate var kernel: ebb_op {
    switch self {
    case .negate: EBB_NEGATE
    case .absolute: EBB_ABS
    case .sign: EBB_SIGN
    case .relu: EBB_RELU
    case .exp: EBB_EXP
    case .expm1: EBB_EXPM1
    case .log: EBB_LOG
    case .log1p: EBB_LOG1P
    case .log2: EBB_LOG2
    case .sqrt: EBB_SQRT
    case .reciprocal: EBB_RECIPROCAL
    case .tanh: EBB_TANH
    case .sigmoid: EBB_SIGMOID
    case .softplus: EBB_SOFTPLUS
    case .sin: EBB_SIN
    case .cos: EBB_COS
    case .erf: EBB_ERF
    case .floor: EBB_FLOOR
    case .square: EBB_SQUARE
    case .not: EBB_NOT
    case .isFinite: EBB_IS_FINITE
    }
  }
}

extension BinaryFunction {
  fileprivate var kernel: ebb_op {
    switch self {
    case .add: EBB_ADD
    case .subtract: EBB_SUB
    case .multiply: EBB_MUL
    case .divide: EBB_DIV
    case .maximum: EBB_MAX
    case .minimum: EBB_MIN
    case .power: EBB_POW
    case .atan2: EBB_ATAN2
    case .floorDivide: EBB_FLOOR_DIV
    case .remainder: EBB_FLOOR_MOD
    case .and: EBB_AND
    case .or: EBB_OR
    case .xor: EBB_XOR
    }
  }
}

extension Comparison {
  fileprivate var kernel: ebb_op {
    switch self {
    case .equal: EBB_EQ
    case .notEqual: EBB_NE
    case .less: EBB_LT
    case .lessOrEqual: EBB_LE
    case .greater: EBB_GT
    case .greaterOrEqual: EBB_GE
    }
  }
}
