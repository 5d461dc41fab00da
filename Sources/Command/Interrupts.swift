internal import Foundation
internal import Synchronization

/// The process's reactions to signals.
///
/// SIGINT (Ctrl-C), SIGTERM and SIGHUP ask a run to end. During training the loop polls for them, so that the run ends
/// in order; elsewhere they end the process at once, except that a file being written is completed. SIGUSR1 requests a
/// checkpoint. SIGPIPE and SIGXFSZ only make a write fail.
enum Interrupts {
  /// The first signal; 0 for none.
  private static let request = Atomic<Int32>(0)
  /// Its time, in milliseconds of the monotonic clock.
  private static let time = Atomic<Int>(0)
  private static let isListening = Atomic<Bool>(false)
  /// How many files are being written.
  private static let protections = Atomic<Int>(0)
  private static let wantsCheckpoint = Atomic<Bool>(false)
  private static let isInstalled = Atomic<Bool>(false)

  /// Installs the handlers. A signal that was ignored when the process started, for example by nohup, remains ignored.
  static func install() {
    guard !isInstalled.exchange(true, ordering: .relaxed) else { return }
    // Started programs would inherit a thread's blocked signals.
    var signals = sigset_t()
    _ = unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] { _ = unsafe sigaddset(&signals, number) }
    _ = unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    for number in [SIGINT, SIGTERM, SIGHUP] { handle(number) { Interrupts.receive($0) } }
    handle(SIGUSR1) { _ in Interrupts.wantsCheckpoint.store(true, ordering: .relaxed) }
    // Unlike an ignored signal, one with a handler has its default action in started programs.
    for number in [SIGPIPE, SIGXFSZ] { handle(number) { _ in } }
  }

  private static func handle(_ number: Int32, _ action: @escaping @convention(c) (Int32) -> Void) {
    let before = signal(number, SIG_IGN)
    let ignored: Int = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
    if unsafe unsafeBitCast(before, to: Int.self) != ignored { signal(number, action) }
  }

  /// From now on the signals only make requests, and earlier requests are discarded.
  static func listen() {
    install()
    request.store(0, ordering: .relaxed)
    wantsCheckpoint.store(false, ordering: .relaxed)
    isListening.store(true, ordering: .relaxed)
  }

  static func listenNoMore() { isListening.store(false, ordering: .relaxed) }

  /// Whether the run was asked to end since `listen`.
  static var isRequested: Bool { request.load(ordering: .relaxed) != 0 }

  /// The exit status of an interrupted run: 128 plus the signal's number, as in shells.
  static var status: Int32 {
    let number = request.load(ordering: .relaxed)
    return 128 + (number == 0 ? SIGINT : number)
  }

  /// Whether SIGUSR1 has arrived since the last call.
  static func takeCheckpointRequest() -> Bool { wantsCheckpoint.exchange(false, ordering: .relaxed) }

  /// Runs `body` without interruption: a signal ends the process only afterwards.
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

  /// The handler: it may run at any moment, so it must not wait or allocate.
  private static func receive(_ number: Int32) {
    var clock = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &clock)
    let now = Int(clock.tv_sec) * 1000 + Int(clock.tv_nsec) / 1_000_000
    let (isFirst, _) = request.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    if isFirst { time.store(now, ordering: .relaxed) }
    guard isWaited else { return end(number) }
    // A second Ctrl-C ends the process at once. Other signals do not, because closing terminals and schedulers send
    // them twice; nor does one at the same moment, because `timeout` signals both the process and its group.
    if !isFirst, number == SIGINT, now - time.load(ordering: .relaxed) > 100 { end(number) }
  }

  /// Ends the process as the signal would, so that shells see the cause.
  private static func end(_ number: Int32) {
    signal(number, SIG_DFL)
    raise(number)
    // A container's first process is not ended by its own signals.
    if getpid() == 1 { _exit(128 + number) }
  }
}
