/// Sessions by the lengths of their axes; the most recently used ones are kept.
struct SessionCache {
  private var entries: [[Int]: Entry] = [:]
  private var uses = 0
  /// The bytes of all sessions together.
  private(set) var bytes = 0

  private struct Entry {
    var session: Session
    var lastUse: Int
  }

  var count: Int { entries.count }

  /// The session for these lengths, if it is cached.
  subscript(lengths: [Int]) -> Session? {
    mutating get {
      guard let index = entries.index(forKey: lengths) else { return nil }
      uses += 1
      entries.values[index].lastUse = uses
      return entries.values[index].session
    }
  }

  /// Keeps a new session, and releases others that exceed the limit with it.
  mutating func insert(_ session: Session, limit: Int) {
    bytes += session.allocatedBytes
    while bytes > limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
      bytes -= oldest.value.session.allocatedBytes
      entries[oldest.key] = nil
    }
    uses += 1
    entries[session.lengths] = Entry(session: session, lastUse: uses)
  }
}
