import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Whatever bytes an HDF5 file has, reading it gives tensors or an error that names the object and the byte; in bounded
/// time, and with no more memory than its bytes can stand for.
@Suite struct HDF5DamageTests {
  enum Source: CaseIterable {
    case earliest, v108, latest, growing, keras, own

    var bytes: [UInt8] {
      get throws {
        switch self {
        case .earliest: try HDF5Vector.h5py("earliest").bytes
        case .v108: try HDF5Vector.h5py("v108").bytes
        case .latest: try HDF5Vector.h5py("latest").bytes
        case .growing: try HDF5Vector.growing("latest").bytes
        case .keras: try HDF5Vector.keras("functional.weights.h5").bytes
        case .own: try HDF5.bytes(of: HDF5Tests.sample, metadata: ["a/b/made": "here"])
        }
      }
    }
  }

  @Test(arguments: Source.allCases)
  func everyCutIsAnError(_ source: Source) throws {
    let bytes = try source.bytes
    _ = try HDF5.read(bytes)
    // The end is in the superblock, so that a cut is found at once.
    for count in stride(from: 0, to: bytes.count, by: source == .own ? 1 : 499) {
      #expect(throws: FileError.self) { try HDF5.read(Array(bytes[..<count])) }
    }
    #expect(throws: FileError.self) { try HDF5.read(bytes + [0]) }
  }

  /// A cut that the superblock does not show: the end is where the file ends.
  @Test(arguments: [Source.keras, .earliest])
  func cutsBehindTheSuperblockAreErrors(_ source: Source) throws {
    let bytes = try source.bytes
    for count in stride(from: 100, to: bytes.count - 1, by: effort(debug: 997, optimized: 31)) {
      let cut = Self.ended(Array(bytes[..<count]), at: 40)
      #expect(throws: FileError.self) { try HDF5.read(cut) }
    }
  }

  private static func ended(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    var bytes = bytes
    for offset in 0..<8 { bytes[place + offset] = UInt8(truncatingIfNeeded: bytes.count >> (8 * offset)) }
    return bytes
  }

  static let mutations = effort(debug: 100, optimized: 5000)

  /// Changes behind the superblock, most of them where structures are.
  @Test(arguments: Source.allCases)
  func mutationsDoNoHarm(_ source: Source) throws {
    let original = try source.bytes
    let structures = original.indices.filter { place in
      [
        "TREE", "SNOD", "HEAP", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF", "BTIN", "FAHD", "FADB", "GCOL",
        "EAHD", "EAIB", "EASB", "EADB",
      ]
      .contains { original[place...].starts(with: $0.utf8) }
    }
    var dice = SplitMix(27182)
    var failures = 0
    for _ in 0..<Self.mutations {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &dice) {
        let isNear = Bool.random(using: &dice) && !structures.isEmpty
        let start =
          isNear ? structures.randomElement(using: &dice) ?? 0 : Int.random(in: 48..<bytes.count, using: &dice)
        Self.mutate(&bytes, min(start + Int.random(in: 0..<(isNear ? 200 : 1), using: &dice), bytes.count - 8), &dice)
      }
      guard let read = try? HDF5.read(bytes) else {
        failures += 1
        continue
      }
      // A byte of a compressed piece stands for at most 1032.
      #expect(read.tensors.values.reduce(0) { $0 + $1.count } <= 1032 * bytes.count)
    }
    #expect(failures > Self.mutations / 20)
  }

  private static func mutate(_ bytes: inout [UInt8], _ place: Int, _ dice: inout SplitMix) {
    switch Int.random(in: 0..<6, using: &dice) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
    case 2:
      let value: UInt8 = Bool.random(using: &dice) ? 255 : 0
      for offset in 0..<(1 << Int.random(in: 0...3, using: &dice)) { bytes[place + offset] = value }
    case 3:
      let from = Int.random(in: 0..<bytes.count - 8, using: &dice)
      for offset in 0..<8 { bytes[place + offset] = bytes[from + offset] }
    // An address within the file.
    case 4:
      let address = Int.random(in: 0..<bytes.count, using: &dice) & ~7
      for offset in 0..<8 { bytes[place + offset] = UInt8(truncatingIfNeeded: address >> (8 * offset)) }
    case _:
      let large: [UInt64] = [UInt64(Int64.max), 1 << 40, 1 << 20, 65535]
      let value = large.randomElement(using: &dice) ?? 0
      for offset in 0..<8 { bytes[place + offset] = UInt8(truncatingIfNeeded: value >> UInt64(8 * offset)) }
    }
  }

  // MARK: Hostile files

  /// A file of the first version with these bytes from byte 96 on, whose root's header is there.
  private func file(_ body: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0, 0, 8, 8, 0]
    bytes += [4, 0, 16, 0, 0, 0, 0, 0] + word(0) + word(.max) + word(96 + UInt64(body.count)) + word(.max)
    bytes += word(0) + word(96) + [UInt8](repeating: 0, count: 24)
    precondition(bytes.count == 96)
    return bytes + body
  }

  private func word(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

  /// A header of version 1 with these messages.
  private func header(_ messages: [(kind: UInt8, body: [UInt8])]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (kind, body) in messages {
      let body = body + [UInt8](repeating: 0, count: (8 - body.count % 8) % 8)
      bytes += [kind, 0, UInt8(body.count & 255), UInt8(body.count >> 8), 0, 0, 0, 0] + body
    }
    return [1, 0, UInt8(messages.count), 0, 1, 0, 0, 0] + word(UInt64(bytes.count)) + bytes
  }

  private func link(_ name: String, _ address: UInt64) -> (kind: UInt8, body: [UInt8]) {
    (6, [1, 0, UInt8(name.utf8.count)] + Array(name.utf8) + word(address))
  }

  /// A dataset x of Float32 with this shape and layout, and further messages and bytes behind its header.
  private func dataset(
    _ shape: [UInt64], _ layout: [UInt8], _ more: [(kind: UInt8, body: [UInt8])] = [], _ data: [UInt8] = []
  ) -> [UInt8] {
    let root = header([link("x", 96 + 40)])
    let type: [UInt8] = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]
    let messages = [(UInt8(1), [2, UInt8(shape.count), 0, 1] + shape.flatMap(word)), (3, type), (8, layout)] + more
    precondition(root.count == 40)
    return file(root + header(messages) + data)
  }

  private func expect(_ bytes: [UInt8], _ expected: String...) {
    let found = message { _ = try HDF5.read(bytes, source: "f") }
    for text in expected { #expect(found.contains(text), "\(found)") }
  }

  @Test func soundFilesMadeByHandAreRead() throws {
    let compact = dataset([2], [3, 0, 8, 0, 0, 0, 128, 63, 0, 0, 0, 64])
    #expect(try HDF5.read(compact).tensors == ["x": Tensor([2], [1, 2] as [Float])])
  }

  @Test func whatRefersToItselfIsAnError() {
    // A group that is its own member, two groups that are each other's, a header that continues with itself.
    expect(file(header([link("a", 96)])), "the group /a is also /")
    let first = header([link("a", 96 + 40)])
    expect(file(first + header([link("b", 96)])), "the group /a/b is also /")
    expect(
      file(header([(16, word(96) + word(40))])), "the header of /, continued", "is a part of two objects, or of itself")
    expect(file(header([(16, word(112) + word(24))])), "is a part of two objects, or of itself")
    // A tree that is its own child, and one that is its child's.
    let table = header([(17, word(136) + word(136 + 88))])
    let heap =
      Array("HEAP".utf8) + [0, 0, 0, 0] + word(8) + word(.max) + word(136 + 88 + 32) + Array("a\0\0\0\0\0\0\0".utf8)
    func node(_ level: UInt8, _ child: UInt64) -> [UInt8] {
      Array("TREE".utf8) + [0, level, 1, 0] + word(.max) + word(.max) + word(0) + word(child) + word(0)
        + [UInt8](repeating: 0, count: 40)
    }
    expect(file(table + node(1, 136) + heap), "the tree of the group /, at byte 136", "or of itself")
    expect(file(table + node(0, 136) + heap), "or of itself")
    expect(file(table + node(0, 8) + heap), "at byte 8: it does not begin with SNOD")
  }

  @Test func addressesOutsideTheFileAreErrors() {
    expect(file(header([link("a", 4096)])), "the header of /a", "at byte 4096, and the file has 136")
    expect(file(header([link("a", .max)])), "the link a leads nowhere")
    expect(file(header([link("a", 1 << 63)])), "the header of /", "the address 9223372036854775808 is too large")
    expect(file(header([(17, word(1 << 40) + word(1 << 40))])), "the names in the group /", "damaged or cut off")
    expect(file(header([(16, word(120) + word(1 << 62))])), "4611686018427387904 bytes from byte 120")
    expect(dataset([2], [3, 1] + word(1 << 50) + word(8)), "the dataset /x", "8 bytes from byte 1125899906842624")
    expect(dataset([2], [3, 1] + word(0) + word(4)), "[2] takes 8 bytes, not 4")
  }

  @Test func shapesThatAreTooLargeAreErrors() {
    let nowhere: [UInt8] = [3, 1] + word(96) + word(8)
    expect(dataset([1 << 63], nowhere), "the number 9223372036854775808 is too large")
    expect(dataset([1 << 62, 4], nowhere), "the shape [4611686018427387904, 4] is too large")
    expect(dataset([1 << 62, 4, 0], nowhere), "is too large")
    expect(dataset([1 << 40], nowhere), "takes 4398046511104 bytes, not 8")
    expect(dataset([1 << 40], [3, 1] + word(96) + word(1 << 42)), "4398046511104 bytes from byte 96")
    expect(dataset([1 << 40], [3, 0, 4, 0, 0, 0, 0, 0]), "takes 4398046511104 bytes, not 4")
    expect(dataset([UInt64](repeating: 1, count: 33), nowhere), "33 dimensions")
  }

  /// Data that claim the same bytes again and again would give more numbers than the file has bytes.
  @Test func dataThatAreUsedTwiceAreErrors() {
    let one = dataset([64], [3, 1] + word(96) + word(256)).dropFirst(136)
    let count = 3
    let names = (0..<count).map { "d\($0)" }
    let size = header(names.map { link($0, 0) }).count
    let root = header(names.enumerated().map { link($1, UInt64(96 + size + $0 * one.count)) })
    let bytes = file(root + (0..<count).flatMap { _ in one } + [UInt8](repeating: 0, count: 100))
    expect(bytes, "the dataset /d", "all data together are larger than the file")
  }

  /// One bit in each kind of structure and in the data that have a checksum.
  @Test func damageIsNoticed() throws {
    let original = try HDF5Vector.h5py("latest").bytes
    for signature in ["OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF", "BTIN", "FAHD", "FADB"] {
      let place = try #require(
        (0..<original.count).first { original[$0...].starts(with: signature.utf8) }, "\(signature)")
      var bytes = original
      // Behind the version and the flags, where any value may be sound.
      bytes[place + 20] ^= 1
      #expect(throws: FileError.self, "\(signature)") { try HDF5.read(bytes) }
    }
    let earliest = try HDF5Vector.h5py("earliest").bytes
    let number = try #require((0..<earliest.count).first { earliest[$0...].starts(with: [0x78, 0x5E]) })
    for place in [number + 8, number + 1] {
      var bytes = earliest
      bytes[place] ^= 4
      #expect(message { _ = try HDF5.read(bytes) }.contains("a piece of the dataset /pieces/"))
    }
  }

  @Test func piecesThatLieAreErrors() throws {
    // Chunked by a tree at the end of the file.
    func chunked(
      _ shape: UInt64, _ length: UInt8, _ keys: [(size: UInt32, start: UInt64, address: UInt64)],
      filters: [UInt8]? = nil, data: [UInt8] = [0, 0, 128, 63, 0, 0, 0, 64]
    ) -> [UInt8] {
      var more: [(kind: UInt8, body: [UInt8])] = []
      if let filters { more.append((11, filters)) }
      func bytes(_ tree: UInt64) -> [UInt8] {
        dataset([shape], [3, 2, 2] + word(tree) + [length, 0, 0, 0, 4, 0, 0, 0], more, data)
      }
      let tree = UInt64(bytes(0).count)
      var node = Array("TREE".utf8) + [1, 0, UInt8(keys.count), 0] + word(.max) + word(.max)
      for key in keys {
        node += word(UInt64(key.size)) + word(key.start) + word(0) + word(key.address == 0 ? tree - 8 : key.address)
      }
      let file = bytes(tree) + node
      return Self.ended(file, at: 40)
    }
    #expect(try HDF5.read(chunked(2, 2, [(8, 0, 0)])).tensors["x"]?.doubles == [1, 2])
    #expect(try HDF5.read(chunked(1, 2, [(8, 0, 0)])).tensors["x"]?.doubles == [1])
    expect(chunked(4, 2, [(8, 1, 0)]), "a piece begins at [1], where none of [2] in [4] does")
    expect(chunked(4, 2, [(8, 4, 0)]), "a piece begins at [4]")
    expect(chunked(4, 2, [(8, 0, 0), (8, 0, 0)]), "there are two pieces at [0]")
    expect(chunked(2, 2, [(4, 0, 0)]), "4 bytes cannot stand for the 8 of a piece")
    expect(chunked(2, 2, [(8, 0, 1 << 40)]), "a piece of the dataset /x", "8 bytes from byte 1099511627776")
    expect(chunked(2, 0, [(8, 0, 0)]), "pieces of [0] elements do not make [2]")
    // A bomb: eight bytes that claim 200,000,000 numbers, of which none is ever allocated.
    let gzip: [UInt8] = [2, 1, 1, 0, 0, 0, 0, 0]
    #expect(
      try HDF5.read(chunked(1 << 40, 255, [(8, 0, 0)], filters: gzip)).unread["x"]?.reason.contains("never written")
        == true)
    expect(chunked(255, 255, [(8, 0, 0)], filters: gzip), "at byte", "a piece does not begin as zlib's streams do")
    let stored: [UInt8] = [0x78, 0x01, 1, 8, 0, 0xF7, 0xFF, 0, 0, 128, 63, 0, 0, 0, 64, 5, 0, 1, 0]
    expect(
      chunked(2, 2, [(19, 0, 0)], filters: gzip, data: stored + [0, 0, 0, 0, 0]), "a piece of the dataset /x")
  }
}
