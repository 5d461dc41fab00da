import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Whatever bytes a file of PyTorch has, reading it gives tensors or an error, and what is read is bounded by the file.
@Suite struct TorchDamageTests {
  private static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: TorchTests.path(name + ".pt"))))
  }

  private static func read(_ bytes: [UInt8]) throws(FileError) -> TensorFile.Contents {
    try TensorFile.contents(of: bytes, source: "f")
  }

  @Test(arguments: ["legacy-1", "legacy-4", "legacy-5", "legacy-views", "legacy-types", "legacy-checkpoint"])
  func everyCutOfAStreamIsAnError(_ name: String) throws {
    let bytes = try Self.bytes(name)
    for count in 0..<bytes.count {
      #expect(throws: FileError.self) { try Self.read(Array(bytes[..<count])) }
    }
    #expect(throws: FileError.self) { try Self.read(bytes + [0]) }
  }

  /// The end of an archive is looked for from its last byte.
  @Test(arguments: ["protocol-5", "unchecked", "deflated", "checkpoint", "views", "scripted"])
  func everyCutOfAnArchiveIsAnError(_ name: String) throws {
    let bytes = try Self.bytes(name)
    for count in stride(from: 0, to: bytes.count, by: effort(debug: 7, optimized: 1)) {
      #expect(throws: FileError.self) { try Self.read(Array(bytes[..<count])) }
    }
    #expect(throws: FileError.self) { try Self.read(bytes + [0]) }
  }

  static let mutations = effort(debug: 300, optimized: 5000)

  /// Streams and an archive without checksums: in the others nearly every change shows in a checksum first.
  @Test(arguments: [
    "legacy-1", "legacy-4", "legacy-views", "legacy-types", "legacy-checkpoint", "unchecked", "deflated",
  ])
  func mutationsDoNoHarm(_ name: String) throws {
    let original = try Self.bytes(name)
    var dice = SplitMix(27182)
    var failures = 0
    for _ in 0..<Self.mutations {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &dice) { Self.mutate(&bytes, &dice) }
      guard let read = try? Self.read(bytes) else {
        failures += 1
        continue
      }
      #expect(read.tensors.values.reduce(0) { $0 + $1.count } <= 8 * bytes.count + 16_000_000)
    }
    #expect(failures > Self.mutations / 10)
  }

  /// One change: bits, instructions, lengths that are huge, parts that move or are repeated.
  private static func mutate(_ bytes: inout [UInt8], _ dice: inout SplitMix) {
    guard bytes.count > 16 else { return }
    let place = Int.random(in: 0..<bytes.count - 8, using: &dice)
    bytes.mutate(at: place, with: "().0123NRQXaehjlqrstu]b}2\u{1}\u{2}", &dice) { bytes, dice in
      let from = Int.random(in: 0..<bytes.count - 8, using: &dice)
      let count = min(Int.random(in: 1...40, using: &dice), bytes.count - from)
      bytes.replaceSubrange(place..<place, with: Array(bytes[from..<from + count]))
    }
  }
}

/// Archives with wide numbers, as above 4 GiB: in a small one they say the same.
@Suite struct WideArchiveTests {
  private func wide(_ numbers: Int...) -> [UInt8] {
    [1, 0, UInt8(8 * numbers.count), 0] + numbers.flatMap { number in little(number, 8) }
  }

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// An npz file of one array, in which sizes and places are in the records for wide numbers.
  private func archive(size: Int, stored: Int, entries: Int = 1) throws -> [UInt8] {
    let plain = try Npz.bytes(of: ["a": Tensor([2], [1, 2] as [Float])])
    // The directory's one entry has 46 bytes and the name; then the end's 22.
    let start = plain.count - 22 - 51
    var entry = Array(plain[start..<start + 51])
    let field = wide(size, stored, 0)
    entry.replaceSubrange(20..<28, with: [UInt8](repeating: 255, count: 8))
    entry.replaceSubrange(42..<46, with: [UInt8](repeating: 255, count: 4))
    entry.replaceSubrange(30..<32, with: little(field.count + 4, 2))
    // Another extra field stands before it.
    let directory = entry + [0x46, 0x42, 0, 0] + field
    let record =
      [0x50, 0x4B, 6, 6] + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(entries, 8)
      + little(entries, 8) + little(directory.count, 8) + little(start, 8)
    let locator = [0x50, 0x4B, 6, 7] + little(0, 4) + little(start + directory.count, 8) + little(1, 4)
    let end = [0x50, 0x4B, 5, 6] + [0, 0, 0, 0] + [UInt8](repeating: 255, count: 12) + [0, 0]
    return Array(plain[..<start]) + directory + record + locator + end
  }

  @Test func wideNumbersAreRead() throws {
    let expected = ["a": Tensor([2], [1, 2] as [Float])]
    #expect(try Npz.read(archive(size: 136, stored: 136)).tensors == expected)
    for (size, stored, entries, text) in [
      (1 << 40, 136, 1, "stored in two sizes"), (1 << 40, 1 << 40, 1, "is cut off"), (-1, -1, 1, "is cut off"),
      (136, 136, 2, "the archive's directory is damaged"), (136, 136, -1, "the archive's directory is damaged"),
    ] {
      let found = message { _ = try Npz.read(archive(size: size, stored: stored, entries: entries), source: "f") }
      #expect(found.contains(text), "\(found)")
    }
    var lacking = try archive(size: 136, stored: 136)
    // The record's signature.
    lacking[lacking.count - 22 - 76] = 0
    #expect(message { _ = try Npz.read(lacking, source: "f") }.contains("lacks the record with their numbers"))
  }
}
