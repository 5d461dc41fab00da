internal import EbbFiles
internal import Foundation

/// A member of a group.
struct HDF5Link {
  enum Target {
    /// The address of an object's header.
    case object(Int)
    /// A path in this file: a soft link.
    case path(String)
    /// A path in another file: an external link.
    case file(String, path: String)
  }

  var name: String
  var target: Target
}

extension HDF5Reader {
  /// The members of a group, in any of the three forms: a symbol table, messages in the header, or messages in a heap.
  mutating func links(of header: HDF5Header) throws(FileError) -> [HDF5Link] {
    var links: [HDF5Link] = []
    if var table = header.first(.symbolTable)?.body {
      guard let tree = try table.address(), let heap = try table.address() else {
        throw table.failure("the group's tree or its names are nowhere")
      }
      links += try symbols(tree, names: heap, of: header.name)
    }
    for message in header.all(.link) {
      var body = message.body
      links.append(try link(&body))
    }
    if var information = header.first(.linkInformation)?.body {
      _ = try information.expectVersion(0...0, of: "the list of links")
      let flags = try information.byte()
      // The largest index of creation.
      if flags & 1 != 0 { try information.skip(8) }
      if let heap = try information.address(), let tree = try information.address() {
        let what = "the links of \(shown(header.name))"
        for var body in try records(tree, heap: heap, hashBytes: 4, of: what) { links.append(try link(&body)) }
      }
    }
    var names: Set<String> = []
    for link in links {
      let isSound = !link.name.isEmpty && !link.name.contains("/") && names.insert(link.name).inserted
      guard isSound else {
        throw FileError(
          file.source,
          "the group \(shown(header.name)) has the name \"\(link.name)\", which is there twice or is no name")
      }
    }
    return links
  }

  /// A link message: flags, then what they announce.
  private func link(_ cursor: inout HDF5Cursor) throws(FileError) -> HDF5Link {
    _ = try cursor.expectVersion(1...1, of: "a link")
    let flags = try cursor.byte()
    let kind = flags & 8 != 0 ? try cursor.byte() : 0
    // The order of creation; the encoding of the name, whose two values are both read as UTF-8.
    if flags & 4 != 0 { try cursor.skip(8) }
    if flags & 16 != 0 { try cursor.skip(1) }
    let name = try cursor.text(try cursor.number(1 << (flags & 3)))
    switch kind {
    case 0:
      guard let address = try cursor.address() else { throw cursor.failure("the link \(name) leads nowhere") }
      return HDF5Link(name: name, target: .object(address))
    case 1: return HDF5Link(name: name, target: .path(try cursor.text(try cursor.short())))
    case 64:
      var place = try cursor.part(try cursor.short())
      // Version and flags.
      try place.skip(1)
      let target = try place.text()
      return HDF5Link(name: name, target: .file(target, path: try place.text()))
    case let other: throw cursor.failure("the link \(name) is of the kind \(other); what is read is 0, 1 and 64")
    }
  }

  // MARK: Symbol tables

  /// The entries of a group's tree: nodes that have nodes below them, and lists of entries.
  private mutating func symbols(
    _ tree: Int, names heap: Int, of group: String
  ) throws(FileError) -> [HDF5Link] {
    let names = try localHeap(heap, of: group)
    var links: [HDF5Link] = []
    var pending = [(address: tree, level: Int?.none)]
    while let (address, expected) = pending.popLast() {
      var cursor = try file.cursor(at: address, "the tree of the group \(shown(group))")
      try visit(address, cursor)
      if expected == -1 {
        try cursor.expect("SNOD")
        _ = try cursor.expectVersion(1...1, of: "the list of names")
        try cursor.skip(1)
        for _ in 0..<(try cursor.short()) { links.append(try symbol(&cursor, names)) }
        continue
      }
      let level = try treeNode(&cursor, kind: 0, expected)
      for _ in 0..<level.count {
        try cursor.skip(file.lengthSize)
        guard let child = try cursor.address() else { throw cursor.failure("a child is nowhere") }
        pending.append((child, level.level - 1))
      }
    }
    return links
  }

  /// The beginning of a node of a version 1 B-tree; its level must be one less than its parent's.
  func treeNode(
    _ cursor: inout HDF5Cursor, kind: Int, _ expected: Int?
  ) throws(FileError) -> (level: Int, count: Int) {
    try cursor.expect("TREE")
    let found = try cursor.byte()
    guard found == kind else { throw cursor.failure("this tree is of the kind \(found), and must be of \(kind)") }
    let level = try cursor.byte()
    guard expected == nil || level == expected else {
      throw cursor.failure("the level of this node is \(level), and must be \(expected ?? 0)")
    }
    let count = try cursor.short()
    // The siblings.
    _ = try cursor.address()
    _ = try cursor.address()
    return (level, count)
  }

  /// Where its name is, the address of its header, and 16 bytes of what is known of it.
  private func symbol(_ cursor: inout HDF5Cursor, _ names: HDF5Cursor) throws(FileError) -> HDF5Link {
    func name(_ offset: Int) throws(FileError) -> String {
      var place = names
      try place.skip(offset)
      return try place.text()
    }
    let text = try name(try cursor.number(file.addressSize))
    let object = try cursor.address()
    let kind = try cursor.word()
    try cursor.skip(4)
    var scratch = try cursor.part(16)
    if kind == 2 { return HDF5Link(name: text, target: .path(try name(try scratch.word()))) }
    guard let object else { throw cursor.failure("the object \(text) is nowhere") }
    return HDF5Link(name: text, target: .object(object))
  }

  /// The names of a group.
  private func localHeap(_ address: Int, of group: String) throws(FileError) -> HDF5Cursor {
    let what = "the names in the group \(shown(group))"
    var cursor = try file.cursor(at: address, what)
    try cursor.expect("HEAP")
    _ = try cursor.expectVersion(0...0, of: "the heap")
    try cursor.skip(3)
    let size = try cursor.length()
    // The first free place.
    try cursor.skip(file.lengthSize)
    guard let data = try cursor.address() else { throw cursor.failure("the names are nowhere") }
    return try file.cursor(at: data, count: size, what)
  }
}
