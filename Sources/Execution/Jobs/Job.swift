/// A part of a run that one worker does without meeting another.
///
/// Sendable by construction: jobs that may run side by side touch different memory.
struct Job: @unchecked Sendable {
  enum Action {
    /// Instructions, one after the other.
    case work([Work])
    /// Steps of a sweep, for a slice of its rows.
    case steps(Steps, Range<Int>, isBackward: Bool)
  }

  /// The index of the stage in the plan.
  var stage: Int
  var action: Action
  /// An estimate, in nanoseconds.
  var cost: Int
  var regions: [Region]
  /// What the job does, for people.
  var label: String

  func run() {
    switch action {
    case .work(let work): for item in work { item.run(0) }
    case .steps(let steps, let segment, let isBackward): steps.run(segment, isBackward: isBackward)
    }
  }
}
