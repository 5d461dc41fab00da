import EbbRanks
import Testing

/// What a process concludes from the variables of `mpirun` and `srun`. Processes that find each other: `.ci/mpi`.
@Suite struct RanksTests {
  @Test(arguments: [
    [:], ["PATH": "/bin", "EBB_MPI": "libnone.so"], ["SLURM_STEP_NUM_TASKS": "1"], ["SLURM_NTASKS": "4"],
  ])
  func aProcessAloneOpensNoLibrary(variables: [String: String]) throws {
    #expect(try MPIRanks.join(variables) == nil)
  }

  @Test(arguments: [
    ["OMPI_COMM_WORLD_SIZE": "2"], ["PMI_SIZE": "2"], ["PMIX_RANK": "0", "SLURM_STEP_NUM_TASKS": "2"],
  ])
  func aMissingLibraryIsNamed(variables: [String: String]) {
    let error = #expect(throws: RankError.self) {
      try MPIRanks.join(variables.merging(["EBB_MPI": "libnone.so"]) { $1 })
    }
    #expect(
      error?.description == "2 processes were started together, and no MPI library is found: libnone.so; "
        + "EBB_MPI=FILE names another")
  }

  @Test func processesThatDoNotKnowEachOtherAreRefused() {
    let error = #expect(throws: RankError.self) { try MPIRanks.join(["SLURM_STEP_NUM_TASKS": "2"]) }
    #expect(error?.description.contains("srun --mpi=pmix") == true)
  }
}
