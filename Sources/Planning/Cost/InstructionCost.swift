internal import EbbGraph

/// What one instruction asks for in one run, all its calls together.
///
/// Counted from the plan alone, so no shared machine disturbs the numbers: they say what a time could be, and a
/// profile says what it is. Ragged axes count in their full length, and steps that a memory budget has computed again
/// count once.
public struct InstructionCost: Hashable, Sendable {
  /// How many times the instruction runs: once for each step of a sweep.
  public var calls = 1
  /// Floating-point operations of matrix and outer products: a multiplication and an addition for each pair of numbers.
  public var products = 0
  /// Operations on a panel of 128 bytes: those of a program, and the multiply-adds of a product. Lanes that pad a
  /// panel count, because they take their time.
  public var vectorOperations = 0
  /// Bytes that the calls read and write, each number of an operand once a call, from whichever cache holds it.
  public var bytesRead = 0
  /// Bytes that the calls write, counted alike.
  public var bytesWritten = 0

  /// Bytes that the calls read and write.
  public var bytes: Int { bytesRead + bytesWritten }

  /// No work.
  public init() {}

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
