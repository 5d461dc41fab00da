internal import EbbFiles

/// A version 2 B-tree, over the hashes of names or the places of pieces. Its order does not matter here: all records are
/// read.
///
///     header     the size of nodes and records, the depth, the root
///     leaf       records
///     inner      records, and between them children with their numbers of records
struct HDF5SearchTree {
  var nodeSize: Int
  var recordSize: Int
  var depth: Int
  var root: Int?
  var count: Int

  init(_ cursor: inout HDF5Cursor, _ start: Int) throws(FileError) {
    try cursor.expect("BTHD")
    _ = try cursor.expectVersion(0...0, of: "the tree")
    // The kind of the records, which their place implies.
    try cursor.skip(1)
    nodeSize = try cursor.word()
    recordSize = try cursor.short()
    depth = try cursor.short()
    // Percentages at which nodes split and merge.
    try cursor.skip(2)
    root = try cursor.address()
    count = try cursor.short()
    _ = try cursor.length()
    try cursor.expectChecksum(from: start)
    guard recordSize > 0, nodeSize >= 64, depth <= 32 else {
      throw cursor.failure("a tree of the depth \(depth) with nodes of \(nodeSize) and records of \(recordSize) bytes")
    }
  }

  /// For each level, leaves first: how many records fit a node, and the bytes of the numbers of records in a child on
  /// this level and below it.
  func levels(addressSize: Int) -> [(fit: Int, countBytes: Int, totalBytes: Int)] {
    // Signature, version, kind and checksum.
    let fixed = 10
    let leaf = (nodeSize - fixed) / recordSize
    var levels = [(fit: leaf, countBytes: Self.bytes(leaf), totalBytes: 0)]
    var total = leaf
    for _ in 0..<depth {
      let below = levels[levels.count - 1]
      let pointer = addressSize + levels[0].countBytes + below.totalBytes
      let fit = max(0, nodeSize - fixed - pointer) / (recordSize + pointer)
      let (product, overflow) = (fit + 1).multipliedReportingOverflow(by: total)
      total = overflow || product > Int.max / 2 ? Int.max / 2 : product + fit
      levels.append((fit, levels[0].countBytes, Self.bytes(total)))
    }
    return levels
  }

  /// The bytes of a number up to this one.
  static func bytes(_ largest: Int) -> Int { (Int.bitWidth - 1 - max(largest, 1).leadingZeroBitCount) / 8 + 1 }
}

extension HDF5Reader {
  /// The objects of a fractal heap that a tree lists, except those too large for the heap's blocks: attributes beyond
  /// 64 KiB.
  ///
  /// - Parameter hashBytes: The bytes of a hash before the object's place in the heap: 4 for links, none for attributes.
  mutating func records(
    _ address: Int, heap: Int, hashBytes: Int, of what: String
  ) throws(FileError) -> [HDF5Cursor] {
    let heap = try fractalHeap(heap, what)
    var found: [HDF5Cursor] = []
    for var record in try records(address, of: what) {
      try record.skip(hashBytes)
      if let object = try object(&record, in: heap) { found.append(object) }
    }
    return found
  }

  /// All records of a tree.
  mutating func records(_ address: Int, of what: String) throws(FileError) -> [HDF5Cursor] {
    var cursor = try file.cursor(at: address, "the tree of \(what)")
    try visit(address, cursor)
    let tree = try HDF5SearchTree(&cursor, address)
    guard let root = tree.root else { return [] }
    let levels = tree.levels(addressSize: file.addressSize)
    var found: [HDF5Cursor] = []
    var pending = [(address: root, count: tree.count, level: tree.depth)]
    while let node = pending.popLast() {
      var cursor = try file.cursor(at: node.address, "the tree of \(what)")
      try visit(node.address, cursor)
      try cursor.expect(node.level == 0 ? "BTLF" : "BTIN")
      try cursor.skip(2)
      guard node.count <= levels[node.level].fit else {
        throw cursor.failure("\(node.count) records do not fit a node of \(tree.nodeSize) bytes")
      }
      for _ in 0..<node.count { found.append(try cursor.part(tree.recordSize)) }
      if node.level > 0 {
        for _ in 0...node.count {
          guard let child = try cursor.address() else { throw cursor.failure("a child is nowhere") }
          let count = try cursor.number(levels[node.level - 1].countBytes)
          if node.level > 1 { try cursor.skip(levels[node.level - 1].totalBytes) }
          pending.append((child, count, node.level - 1))
        }
      }
      try cursor.expectChecksum(from: node.address)
    }
    return found
  }
}
