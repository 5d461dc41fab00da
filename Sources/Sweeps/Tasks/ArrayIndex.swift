/// The number of a task from the variables that schedulers set in the jobs of an array.
public enum ArrayIndex {
  /// The variable of each scheduler, and the index of the first task.
  static let variables: [(name: String, first: Int)] = [
    ("SLURM_ARRAY_TASK_ID", 1), ("PBS_ARRAY_INDEX", 1), ("PBS_ARRAYID", 1), ("SGE_TASK_ID", 1), ("LSB_JOBINDEX", 1),
    // Kubernetes counts completions from 0.
    ("JOB_COMPLETION_INDEX", 0),
  ]

  /// The names of the variables, for messages.
  public static var names: [String] { variables.map(\.name) }

  /// The number of this process's task, from 1; nil outside an array.
  ///
  /// SGE sets `undefined`, and LSF 0, in jobs that are no array.
  public static func task(_ environment: [String: String]) -> Int? {
    for variable in variables {
      guard let text = environment[variable.name], let index = Int(text), index >= variable.first else { continue }
      return index - variable.first + 1
    }
    return nil
  }
}
