internal import EbbGraph

/// The cost of one instruction in one run, all its calls together.
///
/// Counted from only the plan, so that the load of a shared machine does not matter: it indicates the possible time, a
/// profile the actual one. Ragged axes count in full length, and steps recomputed under a memory budget count once.
public struct InstructionCost: Hashable, Sendable {
  /// How many times the instruction runs: once for each step of a sweep.
  public var calls = 1
  /// Floating-point operations of matrix and outer products: a multiplication and an addition for each pair of numbers.
  public var products = 0
  /// Operations on a panel of 128 bytes: those of a program, and the multiply-adds of a product. Padding lanes of a
  /// panel count, because they take time too.
  public var vectorOperations = 0
  /// Bytes that the calls read and write, each number of an operand once per call, from any cache.
  public var bytesRead = 0
  /// Bytes that the calls write, counted in the same way.
  public var bytesWritten = 0

  /// Bytes that the calls read and write.
  public var bytes: Int { bytesRead + bytesWritten }

  /// No instruction.
  static let none = InstructionCost(calls: 0)

  /// The work of both.
  public static func + (left: InstructionCost, right: InstructionCost) -> InstructionCost {
    var sum = left
    sum.calls += right.calls
    sum.products += right.products
    sum.vectorOperations += right.vectorOperations
    sum.bytesRead += right.bytesRead
    sum.bytesWritten += right.bytesWritten
    return sum
  }
}
