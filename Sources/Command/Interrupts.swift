internal import Foundation
internal import Synchronization

/// What the process does at signals.
///
/// SIGINT (Ctrl-C), SIGTERM and SIGHUP ask a run to end. While something is trained they are a question that the loop
/// asks, so that the run ends in order; elsewhere they end the process at once, but for a file that is being written,
/// which is completed. SIGUSR1 asks for a checkpoint. SIGPIPE and SIGXFSZ make a write fail and nothing else.
enum Interrupts {
  /// The signal that asked first; 0 for none.
  private static let request = Atomic<Int32>(0)
  /// When it did, in milliseconds of the monotonic clock.
  private static let time = Atomic<Int>(0)
  private static let isListening = Atomic<Bool>(false)
  /// How many files are being written.
  private static let protections = Atomic<Int>(0)
  private static let wantsCheckpoint = Atomic<Bool>(false)
  private static let isInstalled = Atomic<Bool>(false)

  /// Takes the signals from now on. One that was ignored when the process began, as by nohup, stays so.
  static func install() {
    guard !isInstalled.exchange(true, ordering: .relaxed) else { return }
    // What a thread blocks, the programs that it starts have blocked as well.
    var signals = sigset_t()
    _ = unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] { _ = unsafe sigaddset(&signals, number) }
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM, SIGHUP] { handle(number) { Interrupts.receive($0) } }
    handle(SIGUSR1) { _ in Interrupts.wantsCheckpoint.store(true, ordering: .relaxed) }
    // Unlike an ignored signal, one with a handler is as usual in programs that this one starts.
    for number in [SIGPIPE, SIGXFSZ] { handle(number) { _ in } }
  }

  private static func handle(_ number: Int32, _ action: @escaping @convention(c) (Int32) -> Void) {
    let before = signal(number, SIG_IGN)
    let ignored: Int = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
    if unsafe unsafeBitCast(before, to: Int.self) != ignored { signal(number, action) }
  }

  /// From now on the signals only ask, and what they asked before is forgotten.
  static func listen() {
    install()
    request.store(0, ordering: .relaxed)
    wantsCheckpoint.store(false, ordering: .relaxed)
    isListening.store(true, ordering: .relaxed)
  }

  static func listenNoMore() { isListening.store(false, ordering: .relaxed) }

  /// Whether the run was asked to end since `listen`.
  static var isRequested: Bool { request.load(ordering: .relaxed) != 0 }

  /// The exit status of a run that was asked to end: 128 and the signal's number, as shells have it.
  static var status: Int32 {
    let number = request.load(ordering: .relaxed)
    return 128 + (number == 0 ? SIGINT : number)
  }

  /// Whether SIGUSR1 has come since this was asked last.
  static func takeCheckpointRequest() -> Bool { wantsCheckpoint.exchange(false, ordering: .relaxed) }

  /// Does what must not be left half done: a signal ends the process only after it.
  static func protect<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    protections.add(1, ordering: .relaxed)
    defer {
      protections.subtract(1, ordering: .relaxed)
      let number = request.load(ordering: .relaxed)
      if number != 0, !isWaited { end(number) }
    }
    return try body()
  }

  private static var isWaited: Bool {
    isListening.load(ordering: .relaxed) || protections.load(ordering: .relaxed) > 0
  }

  /// The handler: it may come at any moment, so it does nothing that could wait or allocate.
  private static func receive(_ number: Int32) {
    var clock = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &clock)
    let now = Int(clock.tv_sec) * 1000 + Int(clock.tv_nsec) / 1_000_000
    let (isFirst, _) = request.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    if isFirst { time.store(now, ordering: .relaxed) }
    guard isWaited else { return end(number) }
    // A second Ctrl-C ends at once. Not so the others, which closing terminals and schedulers send twice, nor one that
    // comes in the same moment, as `timeout` sends it to the process and to its group.
    if !isFirst, number == SIGINT, now - time.load(ordering: .relaxed) > 100 { end(number) }
  }

  /// Ends the process as the signal would, so that shells see what ended it.
  private static func end(_ number: Int32) {
    signal(number, SIG_DFL)
    raise(number)
    // The first process of a container is not ended by its own signals.
    if getpid() == 1 { _exit(128 + number) }
  }
}
