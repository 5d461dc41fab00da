/// The time of a run, job by job.
public struct RunProfile: Sendable {
  /// One job: a part of a stage run by one worker.
  public struct Span: Sendable, Hashable {
    /// The index of the stage in the plan.
    public var stage: Int
    /// The worker that ran it; worker 0 is the thread that called `run`, if it took part.
    public var worker: Int
    /// Nanoseconds since the run began.
    public var begin: Int
    /// Nanoseconds since the run began, when the job ended.
    public var end: Int
    /// A description of the job for people: its instructions, or the steps of a sweep.
    public var label: String
  }

  /// In the order in which the jobs started.
  public var spans: [Span]
  /// The whole run, in nanoseconds.
  public var duration: Int
}
