internal import EbbFiles
internal import Foundation

/// The header of an object, a group or a dataset: a list of messages, each of one kind.
struct HDF5Header {
  enum Kind: Int {
    case dataspace = 0x1
    case linkInformation = 0x2
    case type = 0x3
    case oldFillValue = 0x4
    case fillValue = 0x5
    case link = 0x6
    case externalFiles = 0x7
    case layout = 0x8
    case filters = 0xB
    case attribute = 0xC
    case continuation = 0x10
    case symbolTable = 0x11
    case attributeInformation = 0x15
  }

  struct Message {
    var kind: Kind
    /// Whether the message is elsewhere, and this is its place.
    var isShared: Bool
    var body: HDF5Cursor
  }

  /// The object's name, for messages.
  let name: String
  fileprivate(set) var messages: [Message] = []

  func first(_ kind: Kind) -> Message? { messages.first { $0.kind == kind } }
  func all(_ kind: Kind) -> [Message] { messages.filter { $0.kind == kind } }

  var isGroup: Bool { first(.symbolTable) != nil || first(.linkInformation) != nil || first(.link) != nil }
}

extension HDF5Reader {
  /// Reads a header and its continuations. Its blocks must not have been read before.
  mutating func header(at address: Int, of name: String) throws(FileError) -> HDF5Header {
    var header = HDF5Header(name: name)
    var cursor = try file.cursor(at: address, "the header of \(shown(name))")
    try visit(address, cursor)
    let isNew = file.bytes.part(from: address, count: 4)?.elementsEqual("OHDR".utf8) == true
    let flags = isNew ? try newBlock(&cursor, &header) : try oldBlock(&cursor, &header)
    // The list grows while it is read: continuations have continuations.
    var next = 0
    while next < header.messages.count {
      let message = header.messages[next]
      next += 1
      guard message.kind == .continuation else { continue }
      var place = message.body
      guard let start = try place.address() else { throw place.failure("a continuation is nowhere") }
      let count = try place.length()
      var block = try file.cursor(at: start, count: count, "the header of \(shown(name)), continued")
      try visit(start, block)
      if let flags {
        guard count >= 8 else { throw block.failure("a continuation of \(count) bytes has no place for its checksum") }
        try block.expect("OCHK")
        try newMessages(&block, count - 8, flags, &header)
        try block.expectChecksum(from: start)
      } else {
        try oldMessages(&block, &header)
      }
    }
    return header
  }

  /// Version 1: the messages' number and size, then messages aligned to 8 bytes.
  private func oldBlock(_ cursor: inout HDF5Cursor, _ header: inout HDF5Header) throws(FileError) -> Int? {
    let start = cursor.position
    _ = try cursor.expectVersion(1...1, of: "the header")
    // A reserved byte, the number of messages and that of references.
    try cursor.skip(7)
    let size = try cursor.word()
    try cursor.align(from: start)
    var messages = try cursor.part(size)
    try oldMessages(&messages, &header)
    return nil
  }

  private func oldMessages(_ cursor: inout HDF5Cursor, _ header: inout HDF5Header) throws(FileError) {
    // Fewer bytes than a message's own header are a gap.
    while cursor.remaining >= 8 {
      let kind = try cursor.short()
      let size = try cursor.short()
      let flags = try cursor.byte()
      try cursor.skip(3)
      add(kind, flags, try cursor.part(size), to: &header)
    }
  }

  /// Version 2: flags, then packed messages and a checksum. Returns the flags, which the continuations need.
  private func newBlock(_ cursor: inout HDF5Cursor, _ header: inout HDF5Header) throws(FileError) -> Int? {
    let start = cursor.position
    try cursor.expect("OHDR")
    _ = try cursor.expectVersion(2...2, of: "the header")
    let flags = try cursor.byte()
    // Four times; the numbers of attributes at which their storage changes.
    if flags & 0x20 != 0 { try cursor.skip(16) }
    if flags & 0x10 != 0 { try cursor.skip(4) }
    let size = try cursor.number(1 << (flags & 3))
    try newMessages(&cursor, size, flags, &header)
    try cursor.expectChecksum(from: start)
    return flags
  }

  private func newMessages(
    _ cursor: inout HDF5Cursor, _ size: Int, _ flags: Int, _ header: inout HDF5Header
  ) throws(FileError) {
    var block = try cursor.part(size)
    let hasOrder = flags & 4 != 0
    while block.remaining >= (hasOrder ? 6 : 4) {
      let kind = try block.byte()
      let size = try block.short()
      let flags = try block.byte()
      if hasOrder { try block.skip(2) }
      add(kind, flags, try block.part(size), to: &header)
    }
  }

  /// Adds a message of a kind that matters here; the others are times, comments and gaps.
  private func add(_ kind: Int, _ flags: Int, _ body: HDF5Cursor, to header: inout HDF5Header) {
    guard let kind = HDF5Header.Kind(rawValue: kind) else { return }
    header.messages.append(.init(kind: kind, isShared: flags & 2 != 0, body: body))
  }
}
