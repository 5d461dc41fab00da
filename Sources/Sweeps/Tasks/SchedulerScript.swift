/// A scheduler that can run the tasks of a sweep as an array of jobs.
public enum Scheduler: String, Sendable, Hashable, CaseIterable {
  /// Slurm's sbatch.
  case slurm
  /// qsub of PBS Pro and OpenPBS.
  case pbs
  /// qsub of Grid Engine.
  case sge
  /// IBM's bsub.
  case lsf
  /// An indexed job of Kubernetes.
  case kubernetes
  /// GNU parallel, on machines of one's own.
  case parallel
}

/// What a task needs, with room to spare.
public struct TaskNeeds: Sendable, Hashable {
  /// Threads.
  public var threads: Int
  /// Mebibytes of memory.
  public var mebibytes: Int
  /// Minutes of time.
  public var minutes: Int

  /// What a task needs.
  public init(threads: Int, mebibytes: Int, minutes: Int) {
    (self.threads, self.mebibytes, self.minutes) = (threads, mebibytes, minutes)
  }
}

/// The script with which a sweep is submitted.
///
/// A task that gets SIGTERM before its time is over writes its checkpoint and ends with a status above 128; the script
/// then asks for another turn, in which it goes on.
public struct SchedulerScript: Sendable, Hashable {
  /// The name of the job.
  public var name: String
  /// The command for one task, as a shell reads it, without the task's number.
  public var command: String
  /// The folder in which the command runs, as a shell reads it.
  public var directory: String
  /// The folder for the output of the jobs, as a shell reads it.
  public var output: String
  /// How many tasks there are.
  public var tasks: Int
  /// What one of them needs.
  public var needs: TaskNeeds

  /// A script for these tasks.
  public init(name: String, command: String, directory: String, output: String, tasks: Int, needs: TaskNeeds) {
    (self.name, self.command, self.directory) = (name, command, directory)
    (self.output, self.tasks, self.needs) = (output, tasks, needs)
  }

  /// The script.
  public func text(_ scheduler: Scheduler) -> String {
    switch scheduler {
    case .slurm: slurm
    case .pbs: pbs
    case .sge: sge
    case .lsf: lsf
    case .kubernetes: kubernetes
    case .parallel: parallel
    }
  }

  /// The name as all schedulers take it: letters, digits and hyphens, the first of them a letter.
  private var job: String {
    let parts = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "-")
    return parts.first?.isLetter == true ? parts : "ebb-" + (parts.isEmpty ? "sweep" : parts)
  }

  private var clock: String {
    let minutes = needs.minutes % 60
    return "\(needs.minutes / 60):\(minutes < 10 ? "0" : "")\(minutes):00"
  }

  /// Runs the task so that a signal to the script reaches it, and asks for another turn if it was interrupted.
  ///
  /// - Parameters:
  ///   - again: What asks for another turn.
  ///   - warnsItself: Whether the task gets its SIGTERM from here, since the scheduler sends none in time.
  ///   - failure: The status of a task that failed.
  private func body(again: String, warnsItself: Bool = false, failure: String = #""$status""#) -> String {
    let warned = warnsItself ? "timeout --preserve-status -s TERM \(needs.minutes * 60 - Self.notice) " : ""
    return """
      cd \(directory) || exit 1
      \(warned)\(command) &
      task=$!
      trap 'kill -TERM "$task"' TERM USR1 USR2
      wait "$task"
      status=$?
      # A signal ends the first wait, not the task.
      while kill -0 "$task" 2>/dev/null; do wait "$task"; status=$?; done
      if [ "$status" -gt 128 ]; then \(again); fi
      exit \(failure)

      """
  }

  /// So many seconds before its limit a task is told to write its checkpoint.
  private static let notice = 90

  private var slurm: String {
    """
    #!/bin/sh
    # sbatch THIS_FILE
    #SBATCH --job-name=\(job)
    #SBATCH --array=1-\(tasks)
    #SBATCH --cpus-per-task=\(needs.threads)
    #SBATCH --mem=\(needs.mebibytes)M
    #SBATCH --time=\(clock)
    #SBATCH --output=\(output)/%A_%a.txt
    #SBATCH --open-mode=append
    #SBATCH --requeue
    #SBATCH --signal=B:TERM@90

    """
      + body(again: #"scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}""#)
  }

  private var pbs: String {
    """
    #!/bin/sh
    # qsub THIS_FILE; where only operators may qrerun, submitting it again goes on with what was interrupted
    #PBS -S /bin/sh
    #PBS -N \(job)
    #PBS -J 1-\(tasks)
    #PBS -r y
    #PBS -l select=1:ncpus=\(needs.threads):mem=\(needs.mebibytes)mb
    #PBS -l walltime=\(clock)
    #PBS -j oe
    #PBS -o \(output)/

    """
      + body(again: #"qrerun "$PBS_JOBID" || echo "interrupted: qsub this file again""#, warnsItself: true)
  }

  private var sge: String {
    """
    #!/bin/sh
    # qsub THIS_FILE; -notify sends SIGUSR2 before qdel ends it, and exit status 99 asks for another turn
    #$ -S /bin/sh
    #$ -N \(job)
    #$ -t 1-\(tasks)
    #$ -r y
    #$ -notify
    #$ -pe smp \(needs.threads)
    #$ -l h_vmem=\(needs.mebibytes)M
    #$ -l h_rt=\(clock)
    #$ -j y
    #$ -o \(output)/

    """
      + body(again: "exit 99", warnsItself: true)
  }

  private var lsf: String {
    """
    #!/bin/sh
    # bsub < THIS_FILE
    #BSUB -J "\(job)[1-\(tasks)]"
    #BSUB -n \(needs.threads)
    #BSUB -R "span[hosts=1]"
    #BSUB -M \(needs.mebibytes)MB
    #BSUB -W \(needs.minutes / 60):\(needs.minutes % 60 < 10 ? "0" : "")\(needs.minutes % 60)
    #BSUB -r
    #BSUB -wt 2
    #BSUB -wa TERM
    #BSUB -o \(output)/%J_%I.txt

    """
      + body(again: #"brequeue "${LSB_JOBID}[${LSB_JOBINDEX}]""#)
  }

  private func indented(_ text: String, by spaces: Int) -> String {
    text.split(separator: "\n").map { String(repeating: " ", count: spaces) + $0 }.joined(separator: "\n")
  }

  private var kubernetes: String {
    """
    # kubectl apply -f THIS_FILE; IMAGE is one with the program, CLAIM a volume that holds the folder \(directory)
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: \(job.lowercased())
    spec:
      completionMode: Indexed
      completions: \(tasks)
      parallelism: \(min(tasks, 64))
      backoffLimit: \(tasks * 3)
      template:
        spec:
          restartPolicy: OnFailure
          terminationGracePeriodSeconds: 90
          containers:
            - name: task
              image: IMAGE
              workingDir: \(directory)
              command: ["/bin/sh", "-c"]
              args:
                - |
    \(indented(body(again: #"exit "$status""#, failure: "0  # A failure is recorded; another try would fail too."), by: 14))
              resources:
                requests: {cpu: "\(needs.threads)", memory: "\(needs.mebibytes)Mi"}
                limits: {memory: "\(needs.mebibytes)Mi"}
              volumeMounts:
                - {name: work, mountPath: \(directory)}
          volumes:
            - name: work
              persistentVolumeClaim: {claimName: CLAIM}

    """
  }

  private var parallel: String {
    """
    #!/bin/sh
    # sh THIS_FILE; with --sshloginfile HOSTS also on other machines that share the folder
    cd \(directory) || exit 1
    seq 1 \(tasks) | parallel --jobs "${JOBS:-$(($(nproc) / \(needs.threads) > 0 ? $(nproc) / \(needs.threads) : 1))}" \\
      --termseq TERM,90000,KILL,25 --quote \(command) --task {}

    """
  }
}
