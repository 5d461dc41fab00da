internal import EbbRanks
internal import EbbReport
internal import EbbTraining

/// A training that the processes of `mpirun` or `srun` share: each computes some of a batch's shards.
enum RankedTraining {
  static let options: [Option] = [
    Option("shards", "COUNT", "computes a batch in so many parts along its samples", standard: "1"),
    Option(flag: "ranks", "shares the shards among the processes of mpirun or srun; their number changes no bit"),
  ]
  /// The options for what only the first process writes.
  private static let written = [
    "json", "report", "figures", "watch", "log", "tensorboard", "gradients-every", "direct",
  ]

  /// Runs the training with the processes that were started together, or with this one.
  static func run(
    _ options: ParsedOptions, _ context: CommandContext,
    _ training: (ParsedOptions, CommandContext, any RankGroup) throws -> Int32
  ) throws -> Int32 {
    guard options.isGiven("ranks"), let ranks = try MPIRanks.join(context.environment) else {
      return try training(options, context, SingleRank())
    }
    do {
      let status =
        ranks.rank == 0
        ? try training(options, context, ranks)
        : try training(options.without(written), follower(context), ranks)
      ranks.leave()
      return status
    } catch {
      // The others would wait for this one.
      context.output.fail(error)
      ranks.abort(status: ExitStatus.failure)
      return ExitStatus.failure
    }
  }

  /// The first process writes everything; of the others, only errors are told.
  private static func follower(_ context: CommandContext) -> CommandContext {
    var context = context
    context.output = CommandOutput(write: { _ in }, writeError: { _ in })
    context.output.report = { text in try? StandardStreams.write(text, to: 2) }
    context.isFollower = true
    return context
  }

  /// The shards of a batch; nil if it is computed as a whole.
  static func sharding(_ options: ParsedOptions, _ group: any RankGroup) throws(UsageError) -> Sharding? {
    let shards = try options.integer("shards", 1...4096)
    guard shards % group.size == 0 else {
      throw UsageError(
        "--shards \(shards) cannot be shared by \(group.size) processes; give a multiple of \(group.size)")
    }
    return shards == 1 ? nil : Sharding(shards: shards, group: group) { Interrupts.isRequested }
  }
}
