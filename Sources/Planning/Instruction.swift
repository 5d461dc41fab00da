package import EbbGraph

/// The source of numbers: memory, or one number for everything.
package enum Source: Hashable, Sendable {
  /// Memory.
  case view(View)
  /// One number for everything.
  case constant(Double)

  /// The view in memory; nil for a number.
  package var view: View? {
    switch self {
    case .view(let view): view
    case .constant: nil
    }
  }
}

/// An instruction of a stage.
package struct Instruction: Hashable, Sendable {
  /// The kernel call.
  package var kernel: KernelCall
  /// The phase in which it runs.
  package var phase: Phase
}

extension Instruction {
  /// For a sum of rows over all indices: the axes of the sum, and an operand that is as wide as its result.
  package var summed: (over: Domain, columns: View)? {
    switch kernel {
    case .outer(_, _, let right, let over): (over, right)
    case .sumColumns(_, let from, let over): (over, from)
    case .program, .product, .reduceRows, .pack, .assemble, .copy, .boundary, .strided, .general: nil
    }
  }

  /// Whether the instruction sums rows over all indices into a value without axes.
  package var isSum: Bool { summed != nil }

  /// The view that the instruction writes; nil for packed weights, and for a program that only adds to running sums.
  package var result: View? { kernel.result }
}
