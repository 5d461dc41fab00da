internal import EbbFiles
internal import EbbMarkup
internal import EbbTensors
internal import Foundation

/// An attribute of an object, as text: a string itself, a number in digits, a list as JSON.
struct HDF5Attribute {
  var name: String
  var text: String
}

extension HDF5Reader {
  /// The attributes of an object that are text, numbers or lists of these; others are left out.
  mutating func attributes(of header: HDF5Header) throws(FileError) -> [HDF5Attribute] {
    var bodies = header.all(.attribute).filter { !$0.isShared }.map(\.body)
    if var information = header.first(.attributeInformation)?.body {
      _ = try information.expectVersion(0...0, of: "the list of attributes")
      let flags = try information.byte()
      // The largest index of creation.
      if flags & 1 != 0 { try information.skip(2) }
      if let heap = try information.address(), let tree = try information.address() {
        bodies += try records(
          tree, heap: heap, hashBytes: 0, of: "the attributes of \(shown(header.name))")
      }
    }
    var attributes: [HDF5Attribute] = []
    for var body in bodies {
      if let attribute = try attribute(&body, of: header.name) { attributes.append(attribute) }
    }
    return attributes
  }

  /// An attribute message: the sizes of name, type and shape, then these, in version 1 aligned, then the data.
  private mutating func attribute(
    _ cursor: inout HDF5Cursor, of object: String
  ) throws(FileError) -> HDF5Attribute? {
    let version = try cursor.expectVersion(1...3, of: "an attribute")
    let flags = try cursor.byte()
    let sizes = [try cursor.short(), try cursor.short(), try cursor.short()]
    // The encoding of the name.
    if version == 3 { try cursor.skip(1) }
    // The type or the shape is elsewhere.
    guard version == 1 || flags & 3 == 0 else { return nil }
    var parts: [HDF5Cursor] = []
    for size in sizes {
      let start = cursor.position
      parts.append(try cursor.part(size))
      if version == 1 { try cursor.align(from: start) }
    }
    let name = try parts[0].text()
    let type = try HDF5Type(&parts[1])
    let shape = try HDF5Shape(&parts[2])
    guard case .dimensions(let dimensions, limits: _) = shape else { return nil }
    let (count, overflow) = Self.product(dimensions)
    guard !overflow, count <= cursor.remaining / type.size else {
      throw cursor.failure(
        "the attribute \(name) has \(dimensions) elements of \(type.size) bytes, and there are fewer")
    }
    try takeText(count * type.size + name.utf8.count + object.utf8.count, cursor)
    var data = try cursor.part(count * type.size)
    let values: [JSONValue]
    switch type.kind {
    case .text: values = try texts(&data, count, type.size).map { .string($0) }
    case .heapText:
      var found: [JSONValue] = []
      for _ in 0..<count { found.append(.string(try heapText(&data, "the attribute \(name) of \(shown(object))"))) }
      values = found
    case .number(let number, let isBigEndian):
      let bytes = Self.littleEndian(try data.bytes(count * type.size), type.size, isBigEndian)
      guard let tensor = try? number.tensor([count], littleEndian: bytes) else { return nil }
      values = Self.numbers(tensor)
    case .opaque, .other: return nil
    }
    guard dimensions.isEmpty else {
      return HDF5Attribute(name: name, text: JSONValue.array(values).text(indented: false))
    }
    return values.first.map { HDF5Attribute(name: name, text: $0.string ?? $0.text(indented: false)) }
  }

  static func product(_ dimensions: [Int]) -> (Int, overflow: Bool) {
    guard !dimensions.contains(0) else { return (0, false) }
    var product = 1
    for length in dimensions {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow { return (0, true) }
      product = next
    }
    return (product, false)
  }

  private static func numbers(_ tensor: Tensor) -> [JSONValue] {
    switch tensor.storage {
    case .int32(let values): values.map { .integer(Int($0)) }
    case .bool(let values): values.map { .bool($0) }
    case .float32(let values): values.map { .number(Double($0)) }
    case .float64(let values): values.map { .number($0) }
    }
  }

  /// Texts of a fixed length end at their first zero; those padded with spaces keep them.
  private func texts(_ data: inout HDF5Cursor, _ count: Int, _ size: Int) throws(FileError) -> [String] {
    var texts: [String] = []
    for _ in 0..<count { texts.append(String(decoding: try data.bytes(size).prefix { $0 != 0 }, as: UTF8.self)) }
    return texts
  }

  // MARK: Global heaps

  /// A text of any length: its length, the address of its heap, and its number there.
  private mutating func heapText(_ data: inout HDF5Cursor, _ what: String) throws(FileError) -> String {
    let length = try data.word()
    let heap = try data.address()
    let number = try data.word()
    guard length > 0, let heap, heap > 0 else { return "" }
    if heaps[heap] == nil { heaps[heap] = try globalHeap(heap, what) }
    guard let place = heaps[heap]?[number], place.count >= length else {
      throw data.failure("\(what) is the text \(number) of the heap at byte \(heap), which does not have it")
    }
    try takeText(length, data)
    var cursor = try file.cursor(at: place.lowerBound, count: length, what)
    return String(decoding: try cursor.bytes(length).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The places of a heap's texts by their numbers.
  private mutating func globalHeap(_ address: Int, _ what: String) throws(FileError) -> [Int: Range<Int>] {
    var cursor = try file.cursor(at: address, "the heap of \(what)")
    try visit(address, cursor)
    try cursor.expect("GCOL")
    _ = try cursor.expectVersion(1...1, of: "the heap")
    try cursor.skip(3)
    let size = try cursor.length()
    cursor = try file.cursor(at: address, count: size, "the heap of \(what)")
    try cursor.skip(8 + file.lengthSize)
    var places: [Int: Range<Int>] = [:]
    while cursor.remaining >= 8 + file.lengthSize {
      let number = try cursor.short()
      // The number of references, and reserved bytes.
      try cursor.skip(6)
      let count = try cursor.length()
      // The rest is free.
      guard number > 0 else { break }
      places[number] = cursor.position..<cursor.position
      try cursor.skip(count)
      places[number] = cursor.position - count..<cursor.position
      try cursor.skip(min((8 - count % 8) % 8, cursor.remaining))
    }
    return places
  }
}
