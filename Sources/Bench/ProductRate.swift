public import EbbExecution
public import EbbDiagnostics
internal import EbbGraph
internal import EbbRecording
internal import EbbReport
internal import EbbTensors

/// The machine's own rate: its speed in one large matrix product, with the same kernels and threads.
///
/// It is the upper bound for a training step, whose cost would then be its arithmetic alone.
///
/// On a shared machine, measure it several times and keep the largest.
public struct ProductRate: Sendable, Hashable, Comparable {
  /// How many threads computed.
  public var threads: Int
  /// Floating-point operations in a second.
  public var operationsPerSecond = 0.0
  /// The number of rows of `contracted` numbers that were multiplied by a matrix of `contracted` × `columns`.
  public var rows = 0

  /// No rate yet.
  public init(threads: Int) { self.threads = threads }

  public static func < (left: ProductRate, right: ProductRate) -> Bool {
    left.operationsPerSecond < right.operationsPerSecond
  }

  static let contracted = 512
  static let columns = 2048

  /// Multiplies more rows until a product takes long enough to be timed, then takes the fastest of `runs`, or of those
  /// that fit into a quarter of a second.
  ///
  /// The fastest and not the median, because other load is not a property of the machine.
  public static func measure(
    execution: ExecutionOptions = ExecutionOptions(), runs: Int = 9
  ) throws(DiagnosticError) -> ProductRate {
    guard runs >= 1 else { throw .setting("at least 1 run is timed, not \(runs)") }
    return try diagnosing {
      let recording = try Recording(element: .float32) { scope in
        let x = scope.input("x", [contracted], over: [scope.batch("row")])
        scope.output("y", matmul(x, scope.parameter("weight", [contracted, columns], .zeros)))
      }
      let executable = Executable(recording.graph, options: execution)
      var result = ProductRate(threads: execution.threads)
      for rows in [16, 256, 2048] {
        let session = try executable.session(lengths: [rows])
        try session.set("x", numbers([rows, contracted]))
        try session.set("weight", numbers([contracted, columns]))
        try session.runOnce()
        var times: [Double] = []
        while times.count < runs && times.reduce(0, +) < enough {
          times.append(try ContinuousClock().measure { try session.runOnce() }.seconds)
        }
        let fastest = times.min() ?? .infinity
        // One multiplication and one addition for each row, and each row and column of the matrix.
        result.operationsPerSecond = 2 * Double(rows * contracted * columns) / fastest
        result.rows = rows
        if fastest >= longEnough { break }
      }
      return result
    }
  }

  /// Seconds: long compared to the time in which a thread wakes.
  private static let longEnough = 0.01
  private static let enough = 0.25

  /// A tensor of a thousand normal numbers, repeated: the time does not depend on the numbers.
  private static func numbers(_ dimensions: [Int]) -> Tensor {
    let count = dimensions.reduce(1, *)
    let block = RandomStream(seed: 1, stream: 1).normals(1000, 1, 1).map { Float($0) }
    var values: [Float] = []
    values.reserveCapacity(count + block.count)
    while values.count < count { values += block }
    return Tensor(dimensions, Array(values.prefix(count)))
  }
}
