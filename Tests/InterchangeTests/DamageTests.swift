import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Testing

/// Whatever bytes a file has, reading it gives tensors or an error, and what is read takes no more than the file.
@Suite struct DamageTests {
  enum Format: CaseIterable {
    case npy, columns, npz, safetensors

    var original: [UInt8] {
      get throws {
        switch self {
        case .npy: return Npy(Tensor([2, 3], [1, 2, 3, 4, 5, 6] as [Float])).bytes
        case .columns:
          let bytes = Npy(Tensor([2, 3], [1, 2, 3, 4, 5, 6] as [Double])).bytes
          // False and its comma make room for True, a comma and a space.
          let place = try #require((0..<bytes.count).first { bytes[$0...].starts(with: "False,".utf8) })
          return Array(bytes[..<place]) + Array("True, ".utf8) + Array(bytes[(place + 6)...])
        case .npz: return try Npz.bytes(of: NumpyTests.sample)
        case .safetensors: return Safetensors(NumpyTests.sample, metadata: ["a": "b"]).bytes
        }
      }
    }

    func read(_ bytes: [UInt8]) throws(FileError) -> [Tensor] {
      switch self {
      case .npy, .columns: [try Npy(bytes: bytes).tensor]
      case .npz: Array(try Npz.read(bytes).tensors.values)
      case .safetensors: Array(try Safetensors(bytes: bytes).tensors.values)
      }
    }
  }

  static let mutations = effort(debug: 400, optimized: 5000)

  @Test(arguments: Format.allCases)
  func everyCutIsAnError(_ format: Format) throws {
    let bytes = try format.original
    _ = try format.read(bytes)
    for count in 0..<bytes.count {
      #expect(throws: FileError.self) { try format.read(Array(bytes[..<count])) }
    }
    #expect(throws: FileError.self) { try format.read(bytes + [0]) }
  }

  @Test(arguments: Format.allCases)
  func mutationsDoNoHarm(_ format: Format) throws {
    let original = try format.original
    var dice = SplitMix(31415)
    var failures = 0
    for _ in 0..<Self.mutations {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &dice) { mutate(&bytes, &dice) }
      guard let read = try? format.read(bytes) else {
        failures += 1
        continue
      }
      #expect(read.reduce(0) { $0 + $1.count } <= bytes.count)
    }
    #expect(failures > Self.mutations / 4)
  }

  /// One change of the kinds that find mistakes in readers: bits, digits, lengths that are huge, parts that move.
  private func mutate(_ bytes: inout [UInt8], _ dice: inout SplitMix) {
    guard bytes.count > 8 else { return }
    // Headers and directories are where the lies are.
    let end = Bool.random(using: &dice) ? min(bytes.count, 160) : bytes.count
    let place = Int.random(in: 0..<end - 8, using: &dice)
    bytes.mutate(at: place, with: "0123456789[]{}(),:'\"\\", &dice) { bytes, _ in
      bytes.replaceSubrange(place..<place, with: "99999999".utf8)
    }
  }
}

extension [UInt8] {
  /// One change of a file at a place: bits, a character more or a byte less, numbers that are huge or zero, bytes of
  /// elsewhere, or the last kind.
  ///
  /// - Parameters:
  ///   - place: At least eight bytes before the end.
  ///   - characters: What may be inserted.
  ///   - last: Another kind of change.
  mutating func mutate(
    at place: Int, with characters: String, _ dice: inout SplitMix, last: (inout [UInt8], inout SplitMix) -> Void
  ) {
    switch Int.random(in: 0..<7, using: &dice) {
    case 0: self[place] = UInt8.random(in: 0...255, using: &dice)
    case 1: self[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
    case 2: insert(Array(characters.utf8).randomElement(using: &dice) ?? 0, at: place)
    case 3: remove(at: place)
    case 4:
      let length = [1, 2, 4, 8].randomElement(using: &dice) ?? 1
      let value: UInt8 = Bool.random(using: &dice) ? 255 : 0
      for offset in 0..<length { self[place + offset] = value }
    case 5:
      let from = Int.random(in: 0..<count - 8, using: &dice)
      for offset in 0..<8 { self[place + offset] = self[from + offset] }
    case _: last(&self, &dice)
    }
  }
}
