internal import EbbFiles
internal import Foundation

/// Reads a file from its root: every structure once, so that time is bounded by the file's size whatever refers to what.
struct HDF5Reader {
  let file: HDF5Bytes
  private let root: Int
  /// The addresses of all structures read so far.
  private var visited: Set<Int> = []
  /// How many more bytes of data there can be: all of them lie in the file, and none twice.
  private var dataLeft: Int
  /// How many more bytes there can be that were never written: what a file claims without storing it.
  private var fillLeft: Int
  /// How many more bytes of names and texts there can be. Names are joined to paths, and texts can be referred to from
  /// several places, so there can be more than the file has.
  private var textLeft: Int
  /// The places of the texts in the global heaps read so far, by the heap's address and the text's number.
  var heaps: [Int: [Int: Range<Int>]] = [:]
  /// The direct blocks of fractal heaps whose checksums hold.
  var soundBlocks: Set<Int> = []

  init(_ bytes: Data, source: String) throws(FileError) {
    let superblock = try HDF5Superblock(bytes, source: source)
    (file, root) = (superblock.file, superblock.root)
    dataLeft = bytes.count
    textLeft = 16 * bytes.count + 65_536
    fillLeft = 16 * bytes.count + 65_536
  }

  /// Marks a structure as read; throws if it was before, since then it belongs to two objects or contains itself.
  mutating func visit(_ address: Int, _ cursor: HDF5Cursor) throws(FileError) {
    guard visited.insert(address).inserted else {
      throw cursor.failure("this structure is a part of two objects, or of itself", at: address)
    }
  }

  mutating func takeData(_ count: Int, _ cursor: HDF5Cursor) throws(FileError) {
    guard count <= dataLeft else { throw cursor.failure("all data together are larger than the file") }
    dataLeft -= count
  }

  /// Whether so many bytes of a dataset with parts that were never written are not too many for this file.
  mutating func takeFill(_ count: Int) -> Bool {
    guard count <= fillLeft else { return false }
    fillLeft -= count
    return true
  }

  mutating func takeText(_ count: Int, _ cursor: HDF5Cursor) throws(FileError) {
    guard count <= textLeft else { throw cursor.failure("all names and texts together are far larger than the file") }
    textLeft -= count
  }

  /// An object's name in messages.
  func shown(_ name: String) -> String { "/" + name }

  // MARK: The walk

  /// All tensors by their paths without the leading slash, and the texts of all attributes by `OBJECT/ATTRIBUTE`.
  mutating func contents() throws(FileError) -> TensorFile.Contents {
    var contents = TensorFile.Contents([:])
    var paths: [Int: String] = [:]
    var groups: Set<Int> = []
    var pending = [(path: "", address: root)]
    while let (path, address) = pending.popLast() {
      if let other = paths[address] {
        guard !groups.contains(address) else {
          throw FileError(file.source, "the group \(shown(path)) is also \(shown(other)), and possibly within itself")
        }
        // A second name of the same dataset.
        (contents.tensors[path], contents.types[path]) = (contents.tensors[other], contents.types[other])
        contents.unread[path] = contents.unread[other]
        continue
      }
      paths[address] = path
      let header = try header(at: address, of: path)
      guard header.isGroup || !path.isEmpty else { throw FileError(file.source, "its root is no group") }
      let attributes = try attributes(of: header)
      for attribute in attributes { contents.metadata[joined(path, attribute.name)] = attribute.text }
      if header.isGroup {
        groups.insert(address)
        for link in try links(of: header) {
          let name = joined(path, link.name)
          let cursor = try file.cursor(at: address, "the group \(shown(path))")
          try takeText(name.utf8.count, cursor)
          switch link.target {
          case .object(let address): pending.append((name, address))
          case .path(let target): softLinks.append((name, target, group: path))
          case .file(let target, let path):
            contents.unread[name] = UnreadTensor(
              type: "external link", dimensions: [],
              reason: "it leads to \(path) of another file, \(target), which is not opened")
          }
        }
      } else if header.first(.layout) != nil {
        let isBrain = attributes.contains { $0.name == "dtype" && $0.text == "bfloat16" }
        contents.add(try dataset(header, isBrain: isBrain), named: path)
      }
    }
    follow(&contents)
    return contents
  }

  func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : path + "/" + name }

  // MARK: Soft links

  private var softLinks: [(name: String, target: String, group: String)] = []
  /// More links after one another than anyone has.
  static let maximumLinks = 16

  /// Gives tensors the names of the soft links that lead to them.
  private func follow(_ contents: inout TensorFile.Contents) {
    let targets = Dictionary(
      softLinks.map { link in
        (link.name, link.target.hasPrefix("/") ? String(link.target.dropFirst()) : joined(link.group, link.target))
      }, uniquingKeysWith: { first, _ in first })
    let unread = contents.unread
    for (name, first) in targets {
      var target = first
      for _ in 0..<Self.maximumLinks { target = targets[target] ?? target }
      if let tensor = contents.tensors[target] {
        (contents.tensors[name], contents.types[name]) = (tensor, contents.types[target])
      } else if let other = unread[target] {
        contents.unread[name] = other
      } else {
        contents.unread[name] = UnreadTensor(
          type: "soft link", dimensions: [], reason: "it leads to /\(first), which is no tensor of this file")
      }
    }
  }
}
