/// Processes, mostly on several machines, whose devices work together: each runs the same program with the same data.
///
/// ```swift
/// let hosts = PJRTHosts(coordinator: "node0:12345", rank: 1, count: 2)
/// let device = try PJRTDevice(plugin: "xla_cuda_plugin.so", count: 16, hosts: hosts)
/// ```
///
/// Host 0 keeps what the plugins tell one another while they begin; it listens at its own address, which must not be
/// open to strangers.
public struct PJRTHosts: Hashable, Sendable {
  /// Where host 0 listens, as `HOST:PORT`.
  public var coordinator: String
  /// The number of this one, from 0 on.
  public var rank: Int
  /// The number of all.
  public var count: Int

  /// Hosts that work together, and which of them this is.
  public init(coordinator: String, rank: Int, count: Int) {
    (self.coordinator, self.rank, self.count) = (coordinator, rank, count)
  }

  /// The plugin's own options for them.
  var options: [String: String] { ["node_id": "\(rank)", "num_nodes": "\(count)"] }

  /// Name and port of the coordinator.
  func address() throws(PJRTError) -> (name: String, port: String) {
    guard let colon = coordinator.lastIndex(of: ":"), colon > coordinator.startIndex,
      let port = UInt16(coordinator[coordinator.index(after: colon)...])
    else { throw PJRTError("the coordinator is HOST:PORT, not '\(coordinator)'") }
    guard count >= 1, 0..<count ~= rank else {
      throw PJRTError("hosts are numbered from 0 to \(count - 1); \(rank) is none of them")
    }
    return (String(coordinator[..<colon]), "\(port)")
  }
}
