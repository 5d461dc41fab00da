import EbbGraph
import EbbTensors
import EbbTestSupport
import Foundation
import Synchronization
import Testing

@testable import EbbPJRT

/// Devices that divide a batch, and hosts that find one another, with a plugin that computes nothing.
@Suite(.enabled(if: FakePlugin.compiler != nil)) struct SeveralDevicesTests {
  /// Parts along each dimension, joined again, are the whole.
  @Test func rowsOfParts() {
    let values = Array(0..<24)
    for (divided, parts) in [(0, 2), (1, 3), (2, 4), (2, 1)] {
      let rows = PJRTRows([2, 3, 4], divided, parts: parts)
      var joined = [Int](repeating: -1, count: 24)
      for part in 0..<parts {
        let own = rows.runs(of: part).flatMap { values[$0] }
        #expect(own.count == 24 / parts)
        // Index i of the divided dimension is in part i · parts / length.
        let stride = [12, 4, 1][divided]
        let length = [2, 3, 4][divided]
        #expect(own.allSatisfy { $0 / stride % length * parts / length == part })
        for run in rows.runs(of: part) { joined.replaceSubrange(run, with: values[run]) }
      }
      #expect(joined == values)
    }
  }

  @Test func twoDevicesOfOneHost() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    do {
      let device = try PJRTDevice(plugin: plugin.path, count: 2)
      let session = try PJRTSession(HostilePluginTests.graph, lengths: [4], device: device)
      #expect(session.text.contains(##"%x: tensor<4xf32> {sdy.sharding = #sdy.sharding<@devices, [{"rows"}]>}"##))
      try session.set("x", Tensor([4], [1, 2, 3, 4] as [Float]))
      try session.run()
      #expect(try session.output("y")?.dimensions == [4])
      // Three samples are not divided: each device has all.
      let whole = try PJRTSession(HostilePluginTests.graph, lengths: [3], device: device)
      #expect(!whole.text.contains(#"{"rows"}"#))
      try whole.set("x", Tensor([3], [1, 2, 3] as [Float]))
      try whole.run()
      #expect(try whole.output("y")?.dimensions == [3])
    }
    #expect(plugin.alive == 0)
    #expect(throws: PJRTError("\(plugin.path) has 2 devices, and 3 are asked for")) {
      try PJRTDevice(plugin: plugin.path, count: 3)
    }
    #expect(plugin.alive == 0)
  }

  /// Two hosts on one machine: each puts a value and waits for the other's.
  @Test func hostsFindOneAnother() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    let coordinator = "127.0.0.1:\(UInt16.random(in: 20_000...60_000))"
    let path = plugin.path
    let found = Mutex<[Int: Result<PJRTDevice, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: 2) { rank in
      let result = Result {
        let hosts = PJRTHosts(coordinator: coordinator, rank: rank, count: 2)
        let device = try PJRTDevice(plugin: path, count: 4, hosts: hosts)
        let session = try PJRTSession(HostilePluginTests.graph, lengths: [4], device: device)
        try session.set("x", Tensor([4], [1, 2, 3, 4] as [Float]))
        try session.run()
        // The rows of the other host are not here.
        #expect(throws: PJRTError.self) { try session.output("y") }
        return device
      }
      found.withLock { $0[rank] = result }
    }
    // Host 0 answers until both have come.
    for result in found.withLock({ $0.values }) { #expect(try result.get().deviceCount == 2) }
    found.withLock { $0 = [:] }
    #expect(plugin.alive == 0)
  }

  @Test(arguments: [
    ("localhost", 0, "the coordinator is HOST:PORT, not 'localhost'"),
    (":80", 0, "the coordinator is HOST:PORT, not ':80'"),
    ("localhost:70000", 0, "the coordinator is HOST:PORT, not 'localhost:70000'"),
    ("localhost:1234", 2, "hosts are numbered from 0 to 1; 2 is none of them"),
  ])
  func hostsThatAreNone(coordinator: String, rank: Int, message: String) throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    #expect(throws: PJRTError(message)) {
      try PJRTDevice(
        plugin: plugin.path, count: 4, hosts: PJRTHosts(coordinator: coordinator, rank: rank, count: 2))
    }
  }
}
