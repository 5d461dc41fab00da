internal import EbbGraph
internal import EbbRecording

/// Why a recording has no form in another format: everything that stands in the way, each with its operation and place.
public struct ExportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// In the order of the graph.
  public var problems: [ExportProblem]

  /// An error of these problems.
  public init(_ problems: [ExportProblem]) { self.problems = problems }

  init(_ message: String) { self.init([ExportProblem(message)]) }

  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One reason why a recording has no form in another format.
public struct ExportProblem: Hashable, Sendable, CustomStringConvertible {
  /// The operation's word, such as `random`; nil if the problem is not that of one operation.
  public var operation: String?
  /// The calls of the user's source that recorded it; nil if they are unknown.
  public var place: String?
  /// What is wrong, and what would be right.
  public var message: String

  /// A problem of an operation, or of the whole recording.
  public init(operation: String? = nil, place: String? = nil, _ message: String) {
    (self.operation, self.place, self.message) = (operation, place, message)
  }

  public var description: String {
    (operation.map { $0 + ": " } ?? "") + message + (place.map { " (\($0))" } ?? "")
  }
}
