import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// What NumPy and zlib compressed is read, and what claims to be compressed does no harm.
@Suite struct InflateTests {
  /// xₙ₊₁ = 1664525 xₙ + 1013904223, modulo 2³².
  static let noise: [Int32] = {
    var state: UInt32 = 0
    return (0..<3000).map { _ in
      defer { state = state &* 1_664_525 &+ 1_013_904_223 }
      return Int32(bitPattern: state)
    }
  }()

  @Test func arraysThatNumPyCompressedAreRead() throws {
    let squares = (0..<5000).map { Double($0 * $0 % 97) }
    let expected: [String: Tensor] = [
      "zeros": Tensor([25000], [Float](repeating: 0, count: 25000)), "few": Tensor([2], [1, 2] as [Int32]),
      "squares": Tensor([5000], squares), "noise": Tensor([3000], Self.noise), "stored": Tensor([3000], Self.noise),
    ]
    #expect(try TensorFile.read(PeerVector.path("compressed.npz")) == expected)
  }

  // MARK: Streams by hand

  /// Bits, the first one lowest; a code's first bit is its highest.
  private struct Writer {
    var bits: [Int] = []
    mutating func number(_ value: Int, _ count: Int) { bits += (0..<count).map { value >> $0 & 1 } }
    mutating func code(_ value: Int, _ count: Int) { bits += (0..<count).reversed().map { value >> $0 & 1 } }
    var bytes: [UInt8] {
      stride(from: 0, to: bits.count, by: 8).map { start in
        (0..<8).reduce(0) { start + $1 < bits.count ? $0 | UInt8(bits[start + $1]) << UInt8($1) : $0 }
      }
    }
  }

  /// A last block in the format's own code: "ab", then copies given as symbols with their extra bits.
  private func fixedBlock(length: Int, extra: (Int, Int) = (0, 0), distance: Int) -> [UInt8] {
    var writer = Writer()
    writer.number(1, 1)
    writer.number(1, 2)
    for letter in "ab".utf8 { writer.code(0x30 + Int(letter), 8) }
    if length < 280 { writer.code(length - 256, 7) } else { writer.code(0xC0 + length - 280, 8) }
    writer.number(extra.0, extra.1)
    writer.code(distance, 5)
    writer.code(0, 7)
    return writer.bytes
  }

  private func expand(_ bytes: [UInt8], _ count: Int) -> Result<String, FileError> {
    Result { () throws(FileError) in
      String(decoding: try Inflate.expand(bytes, count: count, source: "f"), as: UTF8.self)
    }
  }

  private func problem(_ bytes: [UInt8], _ count: Int = 10) -> String {
    switch expand(bytes, count) {
    case .success(let text): "no error, but \(text)"
    case .failure(let error): error.message
    }
  }

  @Test func copiesReachIntoThemselves() throws {
    // Lengths 257, 258, … are 3, 4, …; 265 with a bit is 11 or 12; 285 is 258. Distances 0, 1 are 1, 2.
    #expect(try expand(fixedBlock(length: 257, distance: 1), 5).get() == "ababa")
    #expect(try expand(fixedBlock(length: 258, distance: 0), 6).get() == "abbbbb")
    #expect(try expand(fixedBlock(length: 265, extra: (1, 1), distance: 1), 14).get() == "ababababababab")
    let long = try expand(fixedBlock(length: 285, distance: 0), 260).get()
    #expect(long == "a" + String(repeating: "b", count: 259))
    let almost = try expand(fixedBlock(length: 284, extra: (30, 5), distance: 0), 259).get()
    #expect(almost == "a" + String(repeating: "b", count: 258))
  }

  @Test func aStreamThatContradictsItselfIsAnError() {
    let good = fixedBlock(length: 257, distance: 1)
    #expect(problem(good, 4).contains("expands to more than 4 bytes"))
    #expect(problem(good, 6).contains("expands to 5 bytes, and must to 6"))
    #expect(problem(good + [0], 5).contains("more after its last block"))
    #expect(problem(Array(good.dropLast()), 5).contains("is cut off"))
    #expect(problem(good, 1 << 40).contains("cannot stand for"))
    #expect(problem(fixedBlock(length: 257, distance: 2)).contains("before the beginning"))
    #expect(problem(fixedBlock(length: 286, distance: 0)).contains("no length 286"))
    #expect(problem(fixedBlock(length: 257, distance: 30)).contains("no distance 30"))
    #expect(problem([0b111]).contains("no kind 3"))
    #expect(problem([], 0).contains("is cut off"))
    // A stored block of one byte, its complement, more than there is, and a wrong complement.
    #expect((try? expand([1, 1, 0, 0xFE, 0xFF, 0x61], 1).get()) == "a")
    #expect(problem([1, 2, 0, 0xFD, 0xFF, 0x61]).contains("is cut off"))
    #expect(problem([1, 1, 0, 0xFF, 0xFF, 0x61]).contains("contradicts itself"))
  }

  /// The lengths of codes: in what order, and which codes there are.
  @Test func codesThatAreNoneAreErrors() {
    func block(_ meta: [Int], _ codes: [(Int, Int)]) -> [UInt8] {
      var writer = Writer()
      writer.number(0b101, 3)
      for (value, count) in [(0, 5), (0, 5), (15, 4)] { writer.number(value, count) }
      for length in meta + [Int](repeating: 0, count: 19 - meta.count) { writer.number(length, 3) }
      for (value, count) in codes { writer.code(value, count) }
      writer.bits += [Int](repeating: 0, count: 300)
      return writer.bytes
    }
    // In the order 16, 17, 18, 0, 8, …
    #expect(problem(block([1, 1, 1], [])).contains("the code of the lengths is none"))
    // Less than there is room for: two codes of two bits.
    #expect(problem(block([2, 2], [])).contains("the code of the lengths is none"))
    #expect(problem(block([2, 2, 0, 1], [])).contains("no code for its end"))
    #expect(problem(block([1, 0, 0, 1], [(1, 1)])).contains("repeated before there is one"))
    #expect(problem(block([0, 0, 1], [(1, 1)])).contains("stands for nothing"))
    #expect(problem(block([0, 0, 0, 0, 1], [])).contains("the code of the literals is none"))
  }

  // MARK: Damage

  static let mutations = effort(debug: 300, optimized: 20000)

  /// Random bytes and damaged streams: an error or exactly the bytes that were said.
  @Test func damagedStreamsDoNoHarm() throws {
    var dice = SplitMix(2718)
    let sources = try Self.streams()
    for round in 0..<Self.mutations {
      var bytes: [UInt8]
      if round % 4 == 0 {
        bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &dice) }
        // The first block has codes of its own, or those of the format.
        bytes[0] = bytes[0] & 0xF8 | [2, 3, 4, 5][round / 4 % 4]
      } else {
        bytes = sources[round % sources.count]
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
          bytes[Int.random(in: 0..<min(bytes.count, 200), using: &dice)] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
        }
      }
      let count = Int.random(in: 0...5000, using: &dice)
      if let result = try? Inflate.expand(bytes, count: count, source: "f") { #expect(result.count == count) }
    }
  }

  /// The first compressed bytes of each member of NumPy's archive.
  private static func streams() throws -> [[UInt8]] {
    let file = Array(try Data(contentsOf: URL(fileURLWithPath: PeerVector.path("compressed.npz"))))
    let starts = (0..<file.count - 30).filter { file[$0..<$0 + 4].elementsEqual([0x50, 0x4B, 3, 4]) }
    return starts.map { start in
      func word(_ offset: Int) -> Int { Int(file[start + offset]) | Int(file[start + offset + 1]) << 8 }
      let content = start + 30 + word(26) + word(28)
      return Array(file[content..<min(content + 600, file.count)])
    }
  }

  @Test func everyCutOfACompressedArchiveIsAnError() throws {
    let file = Array(try Data(contentsOf: URL(fileURLWithPath: PeerVector.path("compressed.npz"))))
    for count in stride(from: 0, to: file.count, by: file.count / 50) {
      #expect(throws: FileError.self) { try Npz.read(Array(file[..<count])) }
    }
  }

  /// Every byte of the archive counts: where one is another, the checksum or the structure says so.
  @Test func damagedArchivesAreErrors() throws {
    let member: [String: Tensor] = ["few": Tensor([2], [1, 2] as [Int32])]
    let file = Array(try Data(contentsOf: URL(fileURLWithPath: PeerVector.path("few.npz"))))
    #expect(try Npz.read(file).tensors == member)
    for place in file.indices {
      var bytes = file
      bytes[place] ^= 0x10
      if let read = try? Npz.read(bytes) { #expect(read.tensors.values.first == member["few"], "byte \(place)") }
    }
  }
}
