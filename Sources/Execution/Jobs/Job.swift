/// A part of a run that one worker does without meeting another.
///
/// Sendable by construction: jobs that may run side by side touch different memory.
struct Job: @unchecked Sendable {
  /// The index of the stage in the plan.
  var stage: Int
  var work: BoundWork
  /// The steps of a sweep; outside sweeps the work is done once.
  var steps = 0..<1
  var isBackward = false
  /// An estimate, in nanoseconds.
  var cost: Int
  /// What the job does, for people.
  var label: String

  func run() { work.run(steps, isBackward: isBackward) }
}
