internal import Foundation
internal import Synchronization

/// Values by key that the plugins of several hosts share while they begin: host 0 has them, the others ask it.
///
/// Each question has a connection of its own, since an answer may have to wait until another host has put the value.
final class PJRTStore: Sendable {
  private let hosts: PJRTHosts
  /// The values; on host 0 only.
  private let table = Table()
  private let listener: PJRTSocket?

  /// Begins to listen on host 0.
  init(_ hosts: PJRTHosts) throws(PJRTError) {
    self.hosts = hosts
    let (name, port) = try hosts.address()
    guard hosts.rank == 0 else {
      listener = nil
      return
    }
    let listener = try PJRTSocket(listening: name, port)
    self.listener = listener
    let table = table
    Thread.detachNewThread {
      while let connection = listener.accepted() {
        Thread.detachNewThread { Self.answer(connection, table) }
      }
    }
  }

  deinit { listener?.close() }

  /// The values of host 0.
  final class Table: Sendable {
    private let values = Mutex<[[UInt8]: [UInt8]]>([:])

    func put(_ key: [UInt8], _ value: [UInt8]) { values.withLock { $0[key] = value } }

    /// The value of a key, as soon as there is one; nil if there is none after this time.
    func value(_ key: [UInt8], seconds: Double) -> [UInt8]? {
      let end = Date(timeIntervalSinceNow: seconds)
      while true {
        if let value = values.withLock({ $0[key] }) { return value }
        if Date() >= end { return nil }
        Thread.sleep(forTimeInterval: 0.002)
      }
    }
  }

  /// A value to put, or the time to wait for one, in milliseconds: in both cases after the key.
  private static func answer(_ connection: PJRTSocket, _ table: Table) {
    defer { connection.close() }
    guard let kind = connection.read(1), let key = connection.block(), let rest = connection.block() else { return }
    if kind == [1] {
      table.put(key, rest)
      _ = connection.write([1])
    } else {
      let milliseconds = Int(String(decoding: rest, as: UTF8.self)) ?? 0
      guard let value = table.value(key, seconds: Double(milliseconds) / 1000) else {
        _ = connection.write([0])
        return
      }
      _ = connection.write([1]) && connection.writeBlock(value)
    }
  }

  func put(_ key: [UInt8], _ value: [UInt8]) throws(PJRTError) {
    if hosts.rank == 0 { return table.put(key, value) }
    let connection = try connected()
    defer { connection.close() }
    guard connection.write([1]), connection.writeBlock(key), connection.writeBlock(value), connection.read(1) == [1]
    else { throw lost }
  }

  /// The value of a key, waiting for it this long; nil if there is none.
  func value(_ key: [UInt8], milliseconds: Int) throws(PJRTError) -> [UInt8]? {
    if hosts.rank == 0 { return table.value(key, seconds: Double(milliseconds) / 1000) }
    let connection = try connected()
    defer { connection.close() }
    guard connection.write([2]), connection.writeBlock(key), connection.writeBlock(Array("\(milliseconds)".utf8)),
      let found = connection.read(1)
    else { throw lost }
    if found == [0] { return nil }
    guard let value = connection.block() else { throw lost }
    return value
  }

  private var lost: PJRTError { PJRTError("host 0 at \(hosts.coordinator) does not answer any more") }

  /// Host 0, which may begin later.
  private func connected() throws(PJRTError) -> PJRTSocket {
    let (name, port) = try hosts.address()
    let end = Date(timeIntervalSinceNow: 60)
    while true {
      do { return try PJRTSocket(connecting: name, port) } catch {
        if Date() >= end { throw error }
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }
}
