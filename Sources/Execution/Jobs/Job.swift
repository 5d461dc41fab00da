/// A part of a run that one worker does independently of others.
///
/// Sendable by construction: jobs that may run in parallel touch different memory.
struct Job: @unchecked Sendable {
  /// The index of the stage in the plan.
  var stage: Int
  var work: BoundWork
  /// The steps of a sweep; outside sweeps the work is done once.
  var steps = 0..<1
  var isBackward = false
  /// An estimate, in nanoseconds.
  var cost: Int
  /// A description of the job for people.
  var label: String

  func run() { work.run(steps, isBackward: isBackward) }
}
