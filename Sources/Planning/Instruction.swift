package import EbbGraph

/// Where an instruction reads numbers: in memory, or one number for everything.
package enum Source: Hashable, Sendable {
  case view(View)
  case constant(Double)

  /// What is read in memory; nil for a number.
  package var view: View? {
    switch self {
    case .view(let view): view
    case .constant: nil
    }
  }
}

/// A fused run of elementwise operations over one iteration space: registers in, registers out.
package struct ElementwiseProgram: Hashable, Sendable {
  package struct Step: Hashable, Sendable {
    package var opcode: Opcode
    /// Registers: first the operands, then the temporaries.
    package var destination: Int
    package var a: Int
    package var b: Int
    package var c: Int
  }
  package struct Operand: Hashable, Sendable {
    package var source: Source
    package var reads: Bool
    package var writes: Bool
  }

  package var storage: StorageType
  package var domain: Domain
  package var features: FeatureLayout
  package var steps: [Step]
  package var operands: [Operand]
  package var temporaries: Int

  /// The first result that reaches memory; nil for a program that only adds to running sums.
  package var result: View? {
    operands.lazy.filter { $0.writes && !$0.reads }.compactMap(\.source.view).first
  }
}

/// A rectangle of a matrix that is taken from a dense value: how a matrix that is put together from others is packed or
/// copied without building what lies between.
package struct MatrixPart: Hashable, Sendable {
  package var value: Int
  /// Where the rectangle begins in the value, and the distance of its neighbours, in elements.
  package var offset: Int
  package var rowStride: Int
  package var columnStride: Int
  /// Where it lands in the matrix, and its size.
  package var row: Int
  package var column: Int
  package var rows: Int
  package var columns: Int
}

/// A weight matrix packed into panels once a run: `rows` are contracted, `columns` are the result's features.
package struct PackedWeights: Hashable, Sendable {
  package var pieces: [MatrixPart]
  package var storage: StorageType
  package var rows: Int
  package var columns: FeatureLayout
}

/// One node's equation, for what no kernel computes.
package struct Equation: Hashable, Sendable {
  package struct Operand: Hashable, Sendable {
    package var source: Source
    package var type: NodeType
  }

  package var operation: EbbGraph.Operation
  package var type: NodeType
  package var result: View
  /// The operands; of a delay or an advance its boundary value alone.
  package var operands: [Operand]
}

/// A call of one kernel, and what it is called with.
package enum KernelCall: Hashable, Sendable {
  case program(ElementwiseProgram)
  /// result = rows · weights (+ addend).
  case product(result: View, rows: View, weights: Int, addend: View?)
  /// result = Σ over these axes of left ⊗ right.
  case outer(result: View, left: View, right: View, over: Domain)
  /// result = a reduction of all the features of each row, or of the products of two rows' features.
  case reduceRows(result: View, from: View, times: View?, FeatureReduction)
  /// result = the sum over these axes, feature by feature.
  case sumColumns(result: View, from: View, over: Domain)
  /// Packs weights into panels.
  case pack(Int)
  /// result = these parts of dense matrices, each in its place; a row has so many columns.
  case assemble(result: View, columns: Int, [MatrixPart])
  /// Copies what is read; with `isMasked`, zeros where a ragged axis has no index.
  case copy(from: Source, to: View, isMasked: Bool)
  /// Writes the boundary values of a delay or an advance.
  case boundary(Equation)
  /// Anything else, one number at a time.
  case general(Equation)
}

/// What a stage does at one place of its order.
package struct Instruction: Hashable, Sendable {
  package var kernel: KernelCall
  /// The phase in which it runs.
  package var phase: Phase
}

/// A part of the plan that runs as a whole.
package struct Stage: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// All indices at once.
    case whole
    /// Step by step along an axis, backwards in time for an advance.
    case sweep(Axis, isBackward: Bool)
  }

  package var kind: Kind
  /// Done once, before the steps.
  package var prologue: [Instruction]
  package var instructions: [Instruction]
  /// For a sweep: the axis whose indices are independent of one another, so that workers can take slices of it.
  package var sliced: Axis?
  /// Stages with the same level do not depend on each other's steps.
  package var level: Int
}

extension Instruction {
  /// For a sum of rows over all indices: the axes over which it adds, and one of what it reads that is as wide as its
  /// result.
  package var summed: (over: Domain, columns: View)? {
    switch kernel {
    case .outer(_, _, let right, let over): (over, right)
    case .sumColumns(_, let from, let over): (over, from)
    case .program, .product, .reduceRows, .pack, .assemble, .copy, .boundary, .general: nil
    }
  }

  /// Whether the instruction sums rows over all indices into a value without axes.
  package var isSum: Bool { summed != nil }

  /// Where the instruction writes; nil for packed weights, and for a program that only adds to running sums.
  package var result: View? { kernel.result }
}

extension KernelCall {
  var result: View? {
    switch self {
    case .program(let program): program.result
    case .product(let result, _, _, _), .outer(let result, _, _, _), .reduceRows(let result, _, _, _),
      .sumColumns(let result, _, _), .assemble(let result, _, _), .copy(_, let result, _):
      result
    case .boundary(let equation), .general(let equation): equation.result
    case .pack: nil
    }
  }

  /// Everything in memory that the call writes.
  var written: [View] {
    if case .program(let program) = self { return program.operands.filter(\.writes).compactMap(\.source.view) }
    return result.map { [$0] } ?? []
  }
}

extension Stage {
  /// Whether the stage runs from the last step to the first.
  package var isBackward: Bool {
    switch kind {
    case .whole: false
    case .sweep(_, let isBackward): isBackward
    }
  }
}
