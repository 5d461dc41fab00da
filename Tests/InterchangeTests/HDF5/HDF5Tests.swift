import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// HDF5 files that h5py wrote, in the forms of the library's versions, and files that are written here.
@Suite struct HDF5Tests {
  @Test func thereAreVectors() {
    #expect(HDF5Vector.h5py.map(\.name) == ["earliest", "v108", "latest"] && HDF5Vector.keras.count == 9)
    #expect(HDF5Vector.growing.map(\.name) == ["earliest", "latest"])
  }

  @Test(arguments: HDF5Vector.h5py)
  func filesOfH5pyAreRead(_ vector: HDF5Vector) throws {
    let contents = try HDF5.read(vector.bytes, source: vector.name)
    for (name, expected) in vector.tensors {
      #expect(contents.tensors[name] == expected, "\(name)")
      #expect(contents.types[name] == vector.types[name], "\(name)")
    }
    let count = vector.name == "earliest" ? 300 : 70
    for number in 0..<count { #expect(contents.tensors["many/n\(number)"]?.doubles == [Double(number)]) }
    // Beside the datasets there are three soft links and one more name; visititems names an object once.
    let others = Set(contents.tensors.keys).subtracting(vector.tensors.keys).filter { !$0.hasPrefix("many/") }
    #expect(others.isSubset(of: ["soft", "softest", "types/softer", "hard", "scalar"]), "\(others)")
    #expect(contents.tensors["softest"] == vector.tensors["types/<f4"])
    #expect(contents.tensors["hard"] == contents.tensors["scalar"])
    for (name, text) in vector.attributes { #expect(contents.metadata[name] == text, "\(name)") }
  }

  @Test(arguments: HDF5Vector.h5py)
  func whatIsNoTensorIsLeftOutWithTheReason(_ vector: HDF5Vector) throws {
    let unread = try HDF5.read(vector.bytes).unread.mapValues(\.reason)
    let expected = [
      "text": "its type is string, and must be a number or a truth value", "empty": "it is empty, without a shape",
      "records": "its type is compound, and must be a number or a truth value",
      "other": "it leads to /x of another file, other.h5, which is not opened",
      "types/softer": "it leads to /types/../soft, which is no tensor of this file",
    ]
    #expect(unread == expected)
  }

  /// Datasets that can become longer, compressed with lzf, or only written in part.
  @Test(arguments: HDF5Vector.growing)
  func datasetsThatGrowAreRead(_ vector: HDF5Vector) throws {
    let contents = try HDF5.read(vector.bytes, source: vector.name)
    #expect(contents.unread.isEmpty && contents.tensors.count == 14 && vector.tensors.count == 14)
    for (name, expected) in vector.tensors {
      #expect(contents.tensors[name] == expected, "\(name)")
      #expect(contents.types[name] == vector.types[name], "\(name)")
    }
  }

  // MARK: What is written

  static let sample = NumpyTests.sample.merging([
    "a/b/c": Tensor([1, 2], [1, 2] as [Float]), "a/d": Tensor([], [3] as [Int32]),
    "é.weight": Tensor([1], [1] as [Double]),
  ]) { $1 }
  static let metadata = [
    "a/b/made": "here", "é": "ü", "empty": "", "not/there": "kept", "long": String(repeating: "x", count: 100_000),
  ]

  @Test func whatIsWrittenReadsBack() throws {
    let bytes = try HDF5.bytes(of: Self.sample, metadata: Self.metadata)
    let read = try HDF5.read(bytes)
    #expect(read == TensorFile.Contents(Self.sample, metadata: Self.metadata))
    // -0 == 0, so the bits are compared too.
    #expect(try HDF5.bytes(of: read.tensors, metadata: read.metadata) == bytes)
    #expect(read.types["f4"] == "<f4" && read.types["b1"] == "|b1" && read.types["i4"] == "<i4")
    #expect(try HDF5.read(HDF5.bytes(of: [:])) == TensorFile.Contents([:]))
  }

  @Test func manyNamesReadBack() throws {
    let names = (0..<3000).map { "group/\($0)" }
    let tensors = Dictionary(uniqueKeysWithValues: names.map { ($0, Tensor([], [Float($0.count)])) })
    let metadata = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("n\($0)", "\($0)") })
    #expect(try HDF5.read(HDF5.bytes(of: tensors)).tensors == tensors)
    #expect(try HDF5.read(HDF5.bytes(of: [:], metadata: metadata)).metadata == metadata)
  }

  @Test(arguments: [
    ("a//b", "is no path"), ("/a", "is no path"), ("a/./b", "is no path"), ("", "is no path"), ("a\0b", "is no path"),
    (String(repeating: "a/", count: 64) + "a", "at most 64 names"),
    (String(repeating: "a", count: 60_001), "60,000 bytes"),
    ("taken/x", "cannot be a tensor and the group of another one"),
  ])
  func namesThatAreNoPathsAreErrors(_ name: String, _ expected: String) {
    let tensor = Tensor([], [1] as [Float])
    let found = message { _ = try HDF5.bytes(of: [name: tensor, "taken": tensor], source: "f") }
    #expect(found.hasPrefix("f: ") && found.contains(expected), "\(found)")
  }

  @Test func theEndingNamesTheFormat() throws {
    try withFile("a.h5", []) { path in
      try TensorFile.write(Self.sample, metadata: Self.metadata, to: path)
      #expect(try TensorFile.contents(of: path) == TensorFile.Contents(Self.sample, metadata: Self.metadata))
    }
  }
}
