internal import Foundation
internal import Synchronization

/// Ctrl-C as a question that a loop asks, so that it can end in order. The second Ctrl-C ends the process at once.
enum Interrupts {
  private static let wasRequested = Atomic<Bool>(false)

  /// Listens from now on, and forgets what came before.
  static func listen() {
    wasRequested.store(false, ordering: .relaxed)
    signal(SIGINT) { _ in
      Interrupts.wasRequested.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }

  static func ignoreNoMore() { signal(SIGINT, SIG_DFL) }

  /// Whether Ctrl-C was pressed since `listen`.
  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }
}
