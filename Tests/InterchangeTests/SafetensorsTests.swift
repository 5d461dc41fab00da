import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

@Suite struct SafetensorsTests {
  static let sample = Safetensors(
    [
      "w": Tensor([2, 3], [1, -2.5, .infinity, 0, -0.0, .leastNonzeroMagnitude] as [Float]),
      "β \"x\"\\": Tensor([], [0.1] as [Double]),
      "ids": Tensor([3], [-1, 0, Int32.max] as [Int32]), "mask": Tensor([2], [true, false]),
      "none": Tensor([0, 4], [] as [Float]),
    ], metadata: ["format": "pt", "line\nbreak": "\u{1}"])

  /// A file with this header and data.
  private func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let header = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data
  }

  private func message(_ bytes: [UInt8]) -> String {
    do {
      return "read \(try Safetensors(bytes: bytes, source: "f").tensors.count) tensors"
    } catch {
      return error.description
    }
  }

  @Test func whatIsWrittenReadsBack() throws {
    let back = try Safetensors(bytes: Self.sample.bytes)
    #expect(back == Self.sample)
    // -0 == 0, so the bits are compared too.
    #expect(back.bytes == Self.sample.bytes)
    #expect(try Safetensors(bytes: Safetensors([:]).bytes) == Safetensors([:]))
  }

  @Test func theBytesAreThoseOfTheFormat() {
    let file = Safetensors(["a": Tensor([2], [1, 2] as [Float])]).bytes
    // 54 characters and two spaces
    let header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
    #expect(header.utf8.count == 54)
    #expect(file == [56, 0, 0, 0, 0, 0, 0, 0] + Array((header + "  ").utf8) + [0, 0, 128, 63, 0, 0, 0, 64])
  }

  @Test func aHeaderOfAnotherOrderAndSpacingIsRead() throws {
    let header = """
      {
       "b": {"data_offsets": [1, 3], "shape": [2], "dtype": "BOOL"},\t"__metadata__": {},
      "\\u00e9\\ud83d\\ude00": {"dtype":"BOOL","shape":[],"data_offsets":[0,1]} }\u{20}
      """
    let read = try Safetensors(bytes: file(header, [1, 0, 1]))
    #expect(read.tensors == ["b": Tensor([2], [false, true]), "é😀": Tensor([], [true])])
  }

  @Test(arguments: [
    ("{", "the header, at byte 1: the end where '\"' is expected"),
    ("[]", "begins with '[', and must begin with '{'"),
    ("{} x", "'x' after its end"),
    ("{\"a\":{\"dtype\":\"F32\",\"more\":1}}", "\"more\", which is unknown or there twice"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"shape\":[1]}}", "\"shape\", which is unknown or there twice"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "needs a dtype, a shape and two data_offsets"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", "needs a dtype, a shape and two data_offsets"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", "more than 2 numbers"),
    ("{\"a\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[0,4]}}", "BF16 [3] takes 6 bytes, not 4"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "F32 [2] takes 8 bytes, not 4"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}", "are said to be 4 ..< 0 of 4"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", "are said to be 0 ..< 8 of 4"),
    ("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[1,4]}}", "and the next ones begin at 0"),
    ("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[0],\"data_offsets\":[0,0]}}", "4 bytes at the end belong"),
    ("{}", "4 bytes at the end belong to no tensor"),
    ("{\"a\":{\"dtype\":\"BOOL\",\"shape\":[4],\"data_offsets\":[0,4]}}", "a truth value is neither 0 nor 1"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "'-' where a whole number"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[01],\"data_offsets\":[0,4]}}", "a number begins with 0"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}", "'.' where ']' is expected"),
    ("{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}", "a number is too large"),
    (
      "{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,4]}}",
      "the shape [4294967296, 4294967296] is too large"
    ),
    ("{\"__metadata__\":{\"a\":1}}", "'1' where '\"' is expected"),
    ("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "the metadata \"a\" is there twice"),
    ("{\"a\\ud800\":1}", "a lone surrogate"), ("{\"a\\x\":1}", "an unknown escape"), ("{\"a", "a string does not end"),
    ("{\"a\u{1}\":1}", "a control character"),
  ])
  func whatIsNotTheFormatIsAnError(_ header: String, _ expected: String) {
    let found = message(file(header, [2, 0, 0, 0]))
    #expect(found.contains(expected), "\(found)")
    #expect(found.hasPrefix("f: "))
  }

  @Test func aNameThatIsThereTwiceIsAnError() {
    let entry = "\"a\":{\"dtype\":\"BOOL\",\"shape\":[0],\"data_offsets\":[0,0]}"
    #expect(message(file("{\(entry),\(entry)}")).contains("the name \"a\" is there twice"))
  }

  @Test func tensorsThatOverlapAreAnError() {
    func entry(_ name: String) -> String { "\"\(name)\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}" }
    #expect(message(file("{\(entry("a")),\(entry("b"))}", [0, 0, 0, 0])).contains("the next ones begin at 4"))
  }

  @Test func aLengthThatTheFileDoesNotHaveIsAnError() {
    #expect(message([]).contains("has 0 bytes"))
    #expect(message([1, 0, 0, 0, 0, 0, 0]).contains("has 7 bytes"))
    #expect(message([UInt8](repeating: 255, count: 8)).contains("18446744073709551615 bytes long, and 0 follow"))
    #expect(message([3, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)).contains("3 bytes long, and 2 follow"))
    #expect(message([0, 0, 0, 0, 0, 0, 0, 1] + Array("{}".utf8)).contains("bytes long, and 2 follow"))
    #expect(message([UInt8](repeating: 0, count: 8)).contains("begins with the end"))
  }

  @Test func everyCutIsAnError() {
    let bytes = Self.sample.bytes
    for count in 0..<bytes.count { #expect(!message(Array(bytes[..<count])).hasPrefix("read")) }
  }

  /// Whatever bytes a file has, reading it gives tensors or an error, and what is read takes no more than the file.
  @Test func aThousandMutationsDoNoHarm() {
    let original = Self.sample.bytes
    var dice = SplitMix(2718)
    var failures = 0
    for _ in 0..<1000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        let place = Int.random(in: 0..<bytes.count, using: &dice)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
        case 2: bytes.insert(Array("0123456789[]{},:\"\\".utf8).randomElement(using: &dice)!, at: place)
        default: bytes.remove(at: place)
        }
      }
      guard let read = try? Safetensors(bytes: bytes) else {
        failures += 1
        continue
      }
      let size = read.tensors.values.reduce(0) { $0 + $1.count }
      #expect(size <= bytes.count)
    }
    #expect(failures > 500)
  }

  @Test func filesAreWrittenWholeOrNotAtAll() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("p.safetensors").path
    try Self.sample.write(to: path)
    #expect(try Safetensors(contentsOf: path) == Self.sample)
    try Safetensors([:]).write(to: path)
    #expect(try Safetensors(contentsOf: path) == Safetensors([:]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["p.safetensors"])

    #expect { try Self.sample.write(to: path + "/below") } throws: { "\($0)".contains("below: cannot be written: ") }
    #expect { try Safetensors(contentsOf: folder.path) } throws: { "\($0)".hasSuffix("give a safetensors file") }
    #expect { try Safetensors(contentsOf: path + "x") } throws: { "\($0)" == path + "x: there is no such file" }
    #expect { try Safetensors(contentsOf: "/dev/zero") } throws: { "\($0)".contains("this is a device") }
  }

  /// What another program does with a file is known; what damage does is refused.
  @Test func aFileWithAChecksumIsReadIfItIsWhole() throws {
    let file = Safetensors(["w": Tensor([2], [1, 2] as [Float])], metadata: ["a": "b"]).withChecksum
    #expect(try Safetensors(bytes: file.bytes) == file)
    var changed = file
    changed.tensors["w"] = Tensor([2], [1, 3] as [Float])
    let error = #expect(throws: FileError.self) { try Safetensors(bytes: changed.bytes, source: "f") }
    #expect(error?.message.contains("is not that of its contents") == true)
    changed.metadata[Safetensors.checksumName] = nil
    #expect(try Safetensors(bytes: changed.bytes) == changed)
  }
}
