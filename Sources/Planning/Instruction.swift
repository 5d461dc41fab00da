package import EbbGraph

/// Where an instruction reads numbers: in memory, or one number for everything.
package enum Source: Hashable, Sendable {
  /// Memory.
  case view(View)
  /// One number for everything.
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
  /// One operation of the program.
  package struct Step: Hashable, Sendable {
    /// What is computed.
    package var opcode: Opcode
    /// Registers: first the operands, then the temporaries.
    package var destination: Int
    /// The register of the first argument.
    package var a: Int
    /// The register of the second argument, where there is one.
    package var b: Int
    /// The register of the third argument, where there is one.
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
  /// The registers that stand for memory, the first ones of all.
  package var operands: [Operand]
  /// How many registers there are besides.
  package var temporaries: Int

  /// The first result that reaches memory; nil for a program that only adds to running sums.
  package var result: View? {
    operands.lazy.filter { $0.writes && !$0.reads }.compactMap(\.source.view).first
  }
}

/// A rectangle of a matrix that is taken from a dense value: how a matrix that is put together from others is packed or
/// copied without building what lies between.
package struct MatrixPart: Hashable, Sendable {
  /// The value of the plan from which it is taken.
  package var value: Int
  /// Where the rectangle begins in the value, and the distance of its neighbours, in elements.
  package var offset: Int
  /// From one row to the next, in elements.
  package var rowStride: Int
  /// From one column to the next, in elements.
  package var columnStride: Int
  /// Where it lands in the matrix, and its size.
  package var row: Int
  /// The column at which it lands.
  package var column: Int
  /// How many rows it has.
  package var rows: Int
  /// How many columns it has.
  package var columns: Int
}

/// A weight matrix packed into panels once a run: `rows` are contracted, `columns` are the result's features.
package struct PackedWeights: Hashable, Sendable {
  /// What the matrix is put together from.
  package var pieces: [MatrixPart]
  /// The width of its numbers.
  package var storage: StorageType
  /// How many rows it has: what a product contracts.
  package var rows: Int
  /// The layout of its columns: a product's features.
  package var columns: FeatureLayout
}

/// One node's equation, for what no kernel computes.
package struct Equation: Hashable, Sendable {
  /// What an equation reads.
  package struct Operand: Hashable, Sendable {
    /// Where its numbers are.
    package var source: Source
    /// Its axes, element type and features.
    package var type: NodeType
  }

  /// What is computed.
  package var operation: EbbGraph.Operation
  /// The axes, element type and features of the result.
  package var type: NodeType
  /// Where the result goes.
  package var result: View
  /// The operands; of a delay or an advance its boundary value alone.
  package var operands: [Operand]
}

/// A call of one kernel, and what it is called with.
package enum KernelCall: Hashable, Sendable {
  /// A fused run of elementwise operations.
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
  /// What is called.
  package var kernel: KernelCall
  /// The phase in which it runs.
  package var phase: Phase
}

/// A part of the plan that runs as a whole.
package struct Stage: Hashable, Sendable {
  /// How a stage goes through its indices.
  package enum Kind: Hashable, Sendable {
    /// All indices at once.
    case whole
    /// Step by step along an axis, backwards in time for an advance.
    case sweep(Axis, isBackward: Bool)
  }

  /// How it goes through its indices.
  package var kind: Kind
  /// Done once, before the steps.
  package var prologue: [Instruction]
  /// What it does at every step, or once for all indices, in order.
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
