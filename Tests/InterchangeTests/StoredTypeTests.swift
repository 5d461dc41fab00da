import EbbCells
import EbbFiles
import EbbInterchange
import EbbTensors
import Foundation
import Testing

/// The types of numbers that files have and tensors have not.
@Suite struct StoredTypeTests {
  /// A safetensors file of one-dimensional tensors: name, type, numbers' bytes, count.
  private func file(_ entries: [(String, String, [UInt8], Int)]) -> [UInt8] {
    var (members, data): ([String], [UInt8]) = ([], [])
    for (name, type, bytes, count) in entries {
      let range = "[\(data.count),\(data.count + bytes.count)]"
      members.append("\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":\(range)}")
      data += bytes
    }
    let header = Array("{\(members.joined(separator: ","))}".utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data
  }

  private func bytes(_ values: [some FixedWidthInteger]) -> [UInt8] {
    values.flatMap { value in (0..<type(of: value).bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  @Test func everyTypeIsReadExactly() throws {
    let halves: [(UInt16, Float)] = [
      (0x3C00, 1), (0xC000, -2), (0x3555, 0x1.554p-2), (0x7BFF, 65504), (0x0400, 0x1p-14), (0x0001, 0x1p-24),
      (0x83FF, -0x1.FF8p-15), (0x7C00, .infinity), (0xFC00, -.infinity), (0x8000, -0.0),
    ]
    let brains: [(UInt16, Float)] = [(0x3F80, 1), (0xC049, -3.140625), (0x0001, 0x1p-133), (0x7F80, .infinity)]
    let read = try Safetensors(
      bytes: file([
        ("f16", "F16", bytes(halves.map(\.0)), halves.count), ("bf16", "BF16", bytes(brains.map(\.0)), brains.count),
        ("i64", "I64", bytes([-1, 7, Int64(Int32.max)]), 3), ("far", "I64", bytes([1, -(Int64(1) << 53)]), 2),
        ("i16", "I16", bytes([Int16.min, 3]), 2), ("i8", "I8", bytes([Int8.min, 3]), 2),
        ("u64", "U64", bytes([UInt64(5)]), 1), ("u32", "U32", bytes([UInt32.max]), 1),
        ("u16", "U16", bytes([UInt16.max]), 1), ("u8", "U8", bytes([UInt8.max, 0]), 2),
      ]))
    #expect(read.tensors["f16"] == Tensor([halves.count], halves.map(\.1)))
    #expect(read.tensors["f16"]?.doubles.last?.sign == .minus)
    #expect(read.tensors["bf16"] == Tensor([brains.count], brains.map(\.1)))
    #expect(read.tensors["i64"] == Tensor([3], [-1, 7, Int32.max] as [Int32]))
    #expect(read.tensors["far"] == Tensor([2], [1, -0x1p53] as [Double]))
    #expect(read.tensors["i16"] == Tensor([2], [-32768, 3] as [Int32]))
    #expect(read.tensors["i8"] == Tensor([2], [-128, 3] as [Int32]))
    #expect(read.tensors["u64"] == Tensor([1], [5] as [Int32]))
    #expect(read.tensors["u32"] == Tensor([1], [4_294_967_295] as [Double]))
    #expect(read.tensors["u16"] == Tensor([1], [65535] as [Int32]))
    #expect(read.tensors["u8"] == Tensor([2], [255, 0] as [Int32]))
    #expect(read.types["bf16"] == "BF16" && read.unread.isEmpty)
  }

  @Test func everyHalfIsTheNumberOfItsFormula() throws {
    let all = (0...UInt16.max).filter { $0 >> 10 & 31 != 31 }
    let read = try Safetensors(bytes: file([("h", "F16", bytes(all), all.count)])).tensors["h"]?.doubles ?? []
    for (bits, value) in zip(all, read) {
      let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
      let magnitude =
        exponent == 0
        ? fraction * 0x1p-24 : (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
      if value != (bits >> 15 == 0 ? magnitude : -magnitude) { Issue.record("\(bits): \(value)") }
    }
    #expect(read.count == all.count)
  }

  @Test func whatCannotBeHeldIsNamedAndTheRestIsRead() throws {
    let read = try Safetensors(
      bytes: file([
        ("w", "F32", bytes([Float(1.5).bitPattern]), 1), ("f8", "F8_E5M2", [1, 2], 2),
        ("huge", "I64", bytes([Int64.max]), 1),
      ]))
    #expect(read.tensors == ["w": Tensor([1], [1.5] as [Float])])
    #expect(read.unread["f8"]?.reason.hasPrefix("the type F8_E5M2 is not known here; the types are F64, F32") == true)
    #expect(read.unread["huge"]?.reason == "an integer is beyond what a Float64 holds exactly")
    #expect(read.unread["huge"]?.dimensions == [1])
  }

  /// The same in npz files: an array of strings beside one of numbers.
  @Test func arraysOfOtherKindsAreLeftOut() throws {
    func npy(_ type: String, _ count: Int, _ data: [UInt8]) -> [UInt8] {
      let header = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count),), }\n".utf8)
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count), 0] + header + data
    }
    #expect(try Npy(bytes: npy("<i8", 2, bytes([3, -4] as [Int64]))).tensor == Tensor([2], [3, -4] as [Int32]))
    #expect(try Npy(bytes: npy("|u1", 2, [3, 200])).tensor == Tensor([2], [3, 200] as [Int32]))
    #expect(throws: FileError.self) { try Npy(bytes: npy("<U1", 1, [65, 0, 0, 0])) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).npy")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(npy("<c8", 1, [UInt8](repeating: 0, count: 8))).write(to: folder)
    #expect(try TensorFile.contents(of: folder.path).unread.values.first?.type == "<c8")
    #expect { try TensorFile.read(folder.path) } throws: { "\($0)".contains("the type <c8 is not known here") }
  }

  /// A file of as many tensors as large models have; work that grows with their square would not end.
  @Test func aFileOfManyTensorsIsRead() throws {
    let count = 60_000
    let tensors = Dictionary(uniqueKeysWithValues: (0..<count).map { ("layer\($0).weight", Tensor([1], [Float($0)])) })
    let read = try Safetensors(bytes: Safetensors(tensors).bytes)
    #expect(read.tensors.count == count && read.tensors["layer59999.weight"] == Tensor([1], [59999] as [Float]))
    let map = try WeightMap(.pytorch, SimpleRNN(units: 1), features: 1)
    let error = #expect(throws: WeightError.self) { try map.parameters(from: read.tensors) }
    #expect(error?.problems.count == count + 4)
  }
}
