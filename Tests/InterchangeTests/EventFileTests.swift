import EbbFiles
import Foundation
import Testing

@testable import EbbInterchange

@Suite struct EventFileTests {
  /// RFC 3720, appendix B.4, and the check value of the catalogue of CRCs.
  @Test func checkSumsAreThePublishedOnes() {
    #expect(CyclicCheck.castagnoli.sum(of: Array("123456789".utf8)) == 0xE306_9283)
    #expect(CyclicCheck.castagnoli.sum(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CyclicCheck.castagnoli.sum(of: [UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CyclicCheck.castagnoli.sum(of: (0..<32).map { UInt8($0) }) == 0x46DD_794E)
    #expect(CyclicCheck.castagnoli.sum(of: (0..<32).reversed().map { UInt8($0) }) == 0x113F_DB5C)
    #expect(CyclicCheck.castagnoli.sum(of: []) == 0)
  }

  /// What TensorBoard's own writer makes of the same events: `read_events.py --vector`.
  @Test func bytesAreThoseOfTensorBoard() {
    let peer = """
      1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c73000000000000000d737cc80900000000\
      0000044010ac022a650a0b0a046c6f7373150000803e0a560a01772a5109000000000000f0bf11000000000000004019000000000000104021\
      00000000000004402900000000000019403210000000000000e03f00000000000000403a100000000000000840000000000000f03fe09ecbbe\
      0f000000000000006d532b09090000000000000c4010073a0208018c2b37c8
      """
    let histogram = EventHistogram([-1, 0, 1.5, 2], buckets: 2)
    #expect(histogram?.limits == [0.5, 2] && histogram?.counts == [2, 2])
    var given = histogram!
    // The peer's numbers need not belong together.
    (given.counts, given.sumOfSquares) = ([3, 1], 6.25)
    let event = Event(step: 300, time: 2.5, [.init("loss", .scalar(0.25)), .init("w", .histogram(given))])
    let records =
      Event.version(time: 1.5).record + event.message.record + Event.start(step: 7, time: 3.5).record
    #expect(records.map { String(format: "%02x", $0) }.joined() == peer)
  }

  @Test func numbersAreCountedOnce() throws {
    let values = (0..<1000).map { sin(Double($0)) * 3 }
    let histogram = try #require(EventHistogram(values + [.nan, .infinity]))
    #expect(histogram.count == 1000 && histogram.counts.reduce(0, +) == 1000)
    #expect(histogram.limits.count == 30 && histogram.limits == histogram.limits.sorted())
    for (index, limit) in histogram.limits.enumerated() where index < 29 {
      #expect(histogram.counts[...index].reduce(0, +) == values.count { $0 < limit })
    }
    #expect(EventHistogram([.nan]) == nil && EventHistogram([]) == nil)
    #expect(EventHistogram([2, 2])?.counts == [2])
    #expect(EventHistogram([-1.7e308, 1.7e308])?.counts.reduce(0, +) == 2)
    // Sums of numbers whose sum, or whose squares, leave the range on the way.
    let large = try #require(EventHistogram([1.7e308, 1.7e308, -1.7e308, -1.6e308]))
    #expect(abs(large.sum / 1e307 - 1) < 1e-12 && large.sumOfSquares == .infinity)
    let small = try #require(EventHistogram([Double](repeating: 1e-162, count: 1000)))
    #expect(abs(small.sumOfSquares / .leastNonzeroMagnitude - 202) <= 2)
  }

  @Test func filesGrowRecordByRecord() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try EventFile(folder: folder + "/run", from: 3)
    for step in 3..<6 { try file.append(Event(step: step, time: 0, [.init("loss", .scalar(Double(step)))])) }
    let second = try EventFile(folder: folder + "/run")
    #expect(second.path != file.path && file.path.contains("tfevents"))
    // Record after record by its length, each with the sums of its parts.
    var rest = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.path)))[...]
    var records: [[UInt8]] = []
    func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reversed().reduce(0) { $0 << 8 | Int($1) } }
    while !rest.isEmpty {
      let length = number(rest.prefix(8))
      #expect(number(rest.dropFirst(8).prefix(4)) == Int(ProtocolBuffer.maskedSum(of: rest.prefix(8))))
      let data = rest.dropFirst(12).prefix(length)
      #expect(number(rest.dropFirst(12 + length).prefix(4)) == Int(ProtocolBuffer.maskedSum(of: data)))
      records.append(Array(data))
      rest = rest.dropFirst(16 + length)
    }
    #expect(records.count == 5)
    #expect(String(decoding: records[0], as: UTF8.self).hasSuffix("brain.Event:2"))
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try "a file".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: FileError.self) { try EventFile(folder: path + "/run") }
    #expect(error?.source == path + "/run")
  }
}
