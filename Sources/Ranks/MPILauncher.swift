/// What `mpirun` or `srun` has told this process in its variables.
struct MPILauncher: Hashable {
  /// How many processes it has started.
  var size: Int
  /// The libraries to look for, in this order.
  var libraries: [String]

  /// Nil if nothing has started this process as one of several.
  ///
  /// - Throws: `RankError` if `srun` has started several processes without telling them of each other.
  init?(_ environment: [String: String]) throws(RankError) {
    func number(_ name: String) -> Int? { environment[name].flatMap(Int.init) }
    let openMPI = ["libmpi.so.40", "libmpi_abi.so.1", "libmpi.so"]
    let others = ["libmpich.so.12", "libmpi.so.12", "libmpi_abi.so.1", "libmpi.so.40"]
    if let size = number("OMPI_COMM_WORLD_SIZE") {
      self.init(size: size, libraries: openMPI)
    } else if let size = number("PMI_SIZE") {
      self.init(size: size, libraries: others)
    } else if environment["PMIX_RANK"] != nil, let size = number("SLURM_STEP_NUM_TASKS") {
      self.init(size: size, libraries: openMPI + others)
    } else if let size = number("SLURM_STEP_NUM_TASKS"), size > 1 {
      // Each would take itself for the only one, and write the same files.
      throw RankError(
        "srun has started \(size) processes that do not know each other; start them with srun --mpi=pmix or --mpi=pmi2, "
          + "whichever your MPI library was built for (srun --mpi=list), or with its mpirun")
    } else {
      return nil
    }
    if let own = environment["EBB_MPI"] { libraries = [own] }
  }

  init(size: Int, libraries: [String]) { (self.size, self.libraries) = (size, libraries) }
}
