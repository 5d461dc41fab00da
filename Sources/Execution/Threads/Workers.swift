/// Runs the jobs of a session, on as many threads as requested and worthwhile.
final class Workers {
  private let queue: JobQueue
  /// Nil if one thread does all the work.
  private let pool: ThreadPool?

  /// The work below which another thread costs more than it saves, in nanoseconds.
  private static let worthSharing = 60_000
  /// The time for which a thread polls for work before it sleeps, in nanoseconds.
  static let spinLimit = 50_000

  init(_ jobs: [Job], _ dependencies: Dependencies, _ options: ExecutionOptions) {
    let isShared =
      options.threads > 1 && options.shuffle == nil && jobs.reduce(0) { $0 + $1.cost } > Self.worthSharing
    let order: [Int]
    if let seed = options.shuffle {
      order = dependencies.shuffled(seed)
    } else if isShared {
      order = ListSchedule(jobs.map(\.cost), dependencies, workers: options.threads).order
    } else {
      // One thread follows the program.
      order = Array(jobs.indices)
    }
    queue = JobQueue(jobs, dependencies, order: order, options.underflow)
    pool = isShared ? ThreadPool(queue, count: options.threads) : nil
  }

  /// For each job, the later ones that wait for it.
  var successors: [[Int32]] { queue.dependencies.successors }

  /// Runs all jobs once, and records their times if there is a log.
  func run(_ log: JobLog?) {
    if let pool {
      queue.fill(log)
      pool.run()
    } else {
      queue.runInOrder(log)
    }
  }
}
