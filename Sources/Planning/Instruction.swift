public import EbbGraph

/// Where an instruction reads numbers: a node's memory, a copy that the plan made, or one number for everything.
public enum Source: Hashable, Sendable {
  case node(NodeID)
  case value(Int)
  case constant(Double)
}

/// A fused run of elementwise operations over one iteration space: registers in, registers out.
public struct ElementwiseProgram: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    public var opcode: Opcode
    /// Registers: first the operands, then the temporaries.
    public var destination: Int
    public var a: Int
    public var b: Int
    public var c: Int
  }
  public struct Operand: Hashable, Sendable {
    public var source: Source
    public var reads: Bool
    public var writes: Bool
  }

  public var storage: StorageType
  public var domain: Domain
  public var features: FeatureLayout
  public var steps: [Step]
  public var operands: [Operand]
  public var temporaries: Int
  /// The nodes that the program computes, in order.
  public var nodes: [NodeID]
}

/// A rectangle of a matrix that is taken from a dense value: how a matrix that is put together from others is packed or
/// copied without building what lies between.
public struct MatrixPart: Hashable, Sendable {
  public var value: Int
  /// Where the rectangle begins in the value, and the distance of its neighbours, in elements.
  public var offset: Int
  public var rowStride: Int
  public var columnStride: Int
  /// Where it lands in the matrix, and its size.
  public var row: Int
  public var column: Int
  public var rows: Int
  public var columns: Int
}

/// A weight matrix packed into panels once a run: `rows` are contracted, `columns` are the result's features.
public struct PackedWeights: Hashable, Sendable {
  public var pieces: [MatrixPart]
  public var storage: StorageType
  public var rows: Int
  public var columns: FeatureLayout
}

/// What a stage does, in order.
public enum Instruction: Hashable, Sendable {
  case program(ElementwiseProgram)
  /// node = rows · weights (+ addend).
  case product(node: NodeID, rows: Source, weights: Int, addend: Source?)
  /// node = Σ over all indices of left ⊗ right.
  case outer(node: NodeID, left: Source, right: Source)
  /// node = a reduction of all the features of each row, or of the products of two rows' features.
  case reduceRows(node: NodeID, from: Source, times: Source?, FeatureReduction)
  /// node = the sum over all indices, feature by feature.
  case sumColumns(node: NodeID, from: Source)
  /// Packs weights into panels.
  case pack(Int)
  /// node = these parts of dense matrices, each in its place.
  case assemble(node: NodeID, pieces: [MatrixPart])
  /// Copies what is read into `count` features of the value with this index, from this panel on; with `masked`, zeros
  /// where a ragged axis has no index.
  case copy(from: Source, to: Int, panel: Int, count: Int, masked: Bool)
  /// Writes the boundary values of a delay or an advance.
  case boundary(NodeID)
  /// Anything else, one number at a time.
  case general(NodeID)
}

/// A part of the plan that runs as a whole.
public struct Stage: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// All indices at once.
    case whole
    /// Step by step along an axis, backwards in time for an advance.
    case sweep(Axis, isBackward: Bool)
  }

  public var kind: Kind
  /// Done once, before the steps.
  public var prologue: [Instruction]
  public var instructions: [Instruction]
  /// For a sweep: the axis whose indices are independent of one another, so that workers can take slices of it.
  public var sliced: Axis?
  /// Stages with the same level do not depend on each other.
  public var level: Int
}

extension Instruction {
  /// Whether the instruction sums rows over all indices into a value without axes.
  public var isSum: Bool {
    switch self {
    case .outer, .sumColumns: true
    case .program, .product, .reduceRows, .pack, .assemble, .copy, .boundary, .general: false
    }
  }
}

extension Stage {
  /// Whether the stage runs from the last step to the first.
  public var isBackward: Bool {
    switch kind {
    case .whole: false
    case .sweep(_, let isBackward): isBackward
    }
  }
}
