import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Files that NumPy wrote, files that are written here, and files that are neither.
@Suite struct NumpyTests {
  static let sample: [String: Tensor] = [
    "f4": Tensor([2, 2], [1, -2.5, .infinity, -0.0] as [Float]), "f8": Tensor([], [0.1] as [Double]),
    "i4": Tensor([3], [-1, 0, Int32.max] as [Int32]), "b1": Tensor([2], [true, false]),
    "empty": Tensor([0, 4], [] as [Float]), "columns": Tensor([2, 3], [0, 0.5, 1, 1.5, 2, 2.5] as [Double]),
  ]

  private func npy(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let header = Array(header.utf8)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.count & 255), UInt8(header.count >> 8)] + header + data
  }

  // MARK: What NumPy writes

  @Test func filesOfNumPyAreRead() throws {
    #expect(try TensorFile.contents(of: PeerVector.path("stored.npz")).tensors == Self.sample)
    let rows = Tensor([2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25] as [Float])
    #expect(try Npy(contentsOf: PeerVector.path("rows.npy")).tensor == rows)
    #expect(try Npy(contentsOf: PeerVector.path("columns.npy")).tensor == rows.converted(to: .float64))
    #expect(try TensorFile.read(PeerVector.path("rows.npy")) == ["rows": rows])
    #expect(try Npy(contentsOf: PeerVector.path("half.npy")).tensor == Tensor([2, 3], [0, 1, 2, 3, 4, 5] as [Float]))
    #expect(try TensorFile.read(PeerVector.path("stored.npz")) == Self.sample)
  }

  @Test func threeDimensionsOfColumnsAreTurned() throws {
    // aᵢⱼₖ = 100 i + 10 j + k, the first index fastest
    var data: [UInt8] = []
    for k in 0..<2 { for j in 0..<3 { for i in 0..<2 { data += [UInt8(100 * i + 10 * j + k), 0, 0, 0] } } }
    let file = npy("{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3, 2)}", data)
    let expected: [Int32] = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]
    #expect(try Npy(bytes: file).tensor == Tensor([2, 3, 2], expected))
  }

  @Test(arguments: [
    ("big-endian.npy", "the type >f4 is not known here; the types are <f8, <f4, <f2, <i8, <i4, <i2, |i1"),
    ("torch/module.pt", "this is an object of torch.nn.modules.rnn.RNN"), ("none.npz", "there is no such file"),
  ])
  func whatIsNotReadSaysSo(_ file: String, _ expected: String) {
    let found = message { _ = try TensorFile.read(PeerVector.path(file)) }
    #expect(found.contains(expected), "\(found)")
    #expect(found.contains(file))
  }

  // MARK: What is written

  @Test func whatIsWrittenReadsBack() throws {
    let file = try Npz.bytes(of: Self.sample)
    let read = try Npz.read(file)
    #expect(read == TensorFile.Contents(Self.sample))
    // -0 == 0, so the bits are compared too.
    #expect(try Npz.bytes(of: read.tensors) == file)
    #expect(try Npz.read(Npz.bytes(of: [:])) == TensorFile.Contents([:]))
    for tensor in Self.sample.values {
      let bytes = Npy(tensor).bytes
      #expect(try Npy(bytes: bytes).tensor == tensor)
      let header = Int(bytes[8]) | Int(bytes[9]) << 8
      #expect((10 + header) % 64 == 0)
    }
  }

  @Test func theBytesAreThoseOfNumPy() throws {
    let file = try Data(contentsOf: URL(fileURLWithPath: PeerVector.path("rows.npy")))
    #expect(try Npy(Npy(contentsOf: PeerVector.path("rows.npy")).tensor).bytes == Array(file))
  }

  @Test func theEndingNamesTheFormat() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for ending in ["npz", "safetensors"] {
      let path = folder.appendingPathComponent("a." + ending).path
      try TensorFile.write(Self.sample, to: path)
      #expect(try TensorFile.read(path) == Self.sample)
    }
    let path = folder.appendingPathComponent("a.onnx").path
    #expect(message { try TensorFile.write(Self.sample, to: path) }.contains(".safetensors, .npz, .npy, .pt, .pth"))
    let single = folder.appendingPathComponent("a.npy").path
    #expect(message { try TensorFile.write(Self.sample, to: single) }.contains("holds one tensor, not 6"))
  }

  // MARK: What is not the format

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "takes 4 bytes, not 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "is too large"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4, 0)}", "is too large"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "a number is too large"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "a whole number of at least 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0)}", "ends with a comma"),
    ("{'descr': '<f4', 'fortran_order': False}", "needs descr, fortran_order and shape"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (0,)}", "True or False is expected"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,)}", "the elements are records"),
    ("{'descr': '<f4', 'descr': '<f4'}", "\"descr\" is unknown or there twice"),
    ("{'x': 1}", "\"x\" is unknown"), ("{'descr': '|O', 'fortran_order': False, 'shape': (0,)}", "the type |O"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)} exec()", "more after its end"), ("", "'{' is expected"),
    ("{'descr", "a string does not end"), ("{'a\\x': 1}", "a string has an escape"),
    ("{'descr': '<f4' 'shape': (0,)}", "'}' is expected"),
    ("{'shape': (\(String(repeating: "1,", count: 65)))}", "more than 64 dimensions"),
  ])
  func aHeaderThatIsNotTheFormatIsAnError(_ header: String, _ expected: String) {
    let found = message { _ = try Npy(bytes: npy(header), source: "f") }
    #expect(found.contains(expected), "\(found)")
    #expect(found.hasPrefix("f: "))
  }

  @Test func archivesThatLieAreErrors() throws {
    let good = try Npz.bytes(of: ["a": Tensor([2], [1, 2] as [Float]), "b": Tensor([1], [3] as [Float])])
    func changed(_ place: Int, _ values: [UInt8]) -> String {
      var bytes = good
      let start = place >= 0 ? place : bytes.count + place
      bytes.replaceSubrange(start..<start + values.count, with: values)
      return message { _ = try Npz.read(bytes, source: "f") }
    }
    // A number of the data, the count of members, the directory's size, the second member's offset.
    #expect(changed(30 + 5 + 128, [9]).contains("a.npy is damaged: its checksum does not hold"))
    #expect(changed(-12, [255, 255]).contains("in several files") || changed(-12, [255, 255]).contains("65,535"))
    #expect(changed(-10, [1, 0, 0, 0]).contains("not where its end says"))
    #expect(changed(-22 - 5 - 4, [0, 0, 0, 0]).contains("b.npy is not where the archive's directory says"))
    #expect(changed(-22 - 51 - 51 + 8, [1]).contains("a.npy is encrypted"))
    #expect(changed(-22 - 51 - 51 + 10, [12]).contains("a.npy is compressed with zip's method 12"))
    #expect(changed(-22 - 51 - 51 + 20, [255, 255, 255, 255, 255, 255, 255, 255]).contains("4 GiB or more"))
    #expect(changed(-22 - 51 - 51 + 20, [255, 255, 255, 0, 255, 255, 255, 0]).contains("a.npy is cut off"))
  }

  /// Two entries of the directory that name one member would give more numbers than the file has bytes.
  @Test func membersThatOverlapAreAnError() throws {
    let bytes = try Npz.bytes(of: ["a": Tensor([1], [1] as [Float])])
    let end = bytes.count - 22
    let entry = Array(bytes[end - 51..<end])
    var record = Array(bytes[end...])
    record[8] = 2
    record[10] = 2
    record[12] = 102
    let doubled = Array(bytes[..<end]) + entry + record
    #expect(message { _ = try Npz.read(doubled, source: "f") } == "f: a.npy and a.npy overlap")
  }
}
