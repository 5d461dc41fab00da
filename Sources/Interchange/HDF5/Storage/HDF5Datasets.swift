internal import EbbFiles
internal import EbbTensors
internal import Foundation

extension HDF5Reader {
  /// A dataset as a tensor, or why it cannot be one.
  ///
  /// - Parameter isBrain: Whether an attribute says that elements of two bytes are bfloat16: h5py has no type for it.
  mutating func dataset(_ header: HDF5Header, isBrain: Bool) throws(FileError) -> StoredTensor {
    let what = "the dataset \(shown(header.name))"
    guard let typeMessage = header.first(.type), let shapeMessage = header.first(.dataspace),
      let layoutMessage = header.first(.layout)
    else { throw FileError(file.source, "\(what) lacks its type, its shape or its layout") }
    var (typeBody, shapeBody, layoutBody) = (typeMessage.body, shapeMessage.body, layoutMessage.body)
    func unread(_ type: String, _ dimensions: [Int], _ reason: String) -> StoredTensor {
      .unread(UnreadTensor(type: type, dimensions: dimensions, reason: reason))
    }
    guard !typeMessage.isShared, !shapeMessage.isShared else {
      return unread("shared", [], "its type or its shape is that of another object, which is not read here")
    }
    var type = try HDF5Type(&typeBody)
    guard case .dimensions(let dimensions, let limits) = try HDF5Shape(&shapeBody) else {
      return unread(type.name, [], "it is empty, without a shape")
    }
    if case .opaque = type.kind, type.size == 2, isBrain {
      (type.kind, type.name) = (.number(.bf16, isBigEndian: false), "bfloat16")
    }
    guard case .number(let stored, let isBigEndian) = type.kind else {
      return unread(type.name, dimensions, "its type is \(type.name), and must be a number or a truth value")
    }
    guard let size = stored.byteCount(of: dimensions) else {
      throw typeBody.failure("the shape \(dimensions) is too large")
    }
    guard header.first(.externalFiles) == nil else {
      return unread(type.name, dimensions, "its numbers are in other files, which are not opened")
    }
    let content = try numbers(header, &layoutBody, dimensions, limits, elementSize: stored.byteCount, size: size, what)
    switch content {
    case .reason(let reason): return unread(type.name, dimensions, reason)
    case .bytes(let bytes):
      return try StoredTensor(
        type.name, stored, known: [], dimensions, Self.littleEndian(bytes, stored.byteCount, isBigEndian)
      ) { layoutBody.failure("\(shown(header.name)): \($0)") }
    }
  }

  private enum Content {
    case bytes(Data)
    case reason(String)
  }

  private mutating func numbers(
    _ header: HDF5Header, _ cursor: inout HDF5Cursor, _ dimensions: [Int], _ limits: [Int?], elementSize: Int,
    size: Int, _ what: String
  ) throws(FileError) -> Content {
    switch try HDF5Layout(&cursor, rank: dimensions.count) {
    case .unknown(let reason): return .reason(reason)
    case .compact(var body): return .bytes(try body.bytes(body.remaining))
    case .contiguous(let address, let stored):
      guard size > 0 else { return .bytes(Data()) }
      guard let address else {
        guard takeFill(size) else { return .reason("its \(size) bytes were never written") }
        return .bytes(Data(try filled(header, size, elementSize)))
      }
      guard stored == size else { throw cursor.failure("\(dimensions) takes \(size) bytes, not \(stored)") }
      var body = try file.cursor(at: address, count: size, what)
      try takeData(size, body)
      return .bytes(try body.bytes(size))
    case .chunked(let lengths, let index):
      guard size > 0 else { return .bytes(Data()) }
      guard let grid = HDF5Grid(dimensions, limits, lengths, elementSize: elementSize) else {
        throw cursor.failure("pieces of \(lengths) elements do not make \(dimensions)")
      }
      var filters = HDF5Filters.none
      if var body = header.first(.filters)?.body { filters = try HDF5Filters(&body) }
      if let name = filters.unknown {
        return .reason(
          "it is compressed with the filter \(name); what is read is gzip and lzf, with shuffle and fletcher32")
      }
      let chunks = try chunks(index, grid, isFiltered: !filters.filters.isEmpty, what)
      return try joined(chunks, grid, filters, header, size: size, what)
    }
  }

  /// Bytes as they are read where nothing was written: the fill value, 0 unless it is set.
  private func filled(_ header: HDF5Header, _ size: Int, _ elementSize: Int) throws(FileError) -> [UInt8] {
    var value: [UInt8] = []
    if var body = header.first(.fillValue)?.body {
      let version = try body.expectVersion(1...3, of: "the fill value")
      let flags = try body.byte()
      if version < 3 { try body.skip(1) }
      let isSet = version == 3 ? flags & 0x20 != 0 : try body.byte() != 0
      if isSet { value = Array(try body.bytes(try body.word())) }
    } else if var body = header.first(.oldFillValue)?.body {
      value = Array(try body.bytes(try body.word()))
    }
    guard value.count == elementSize, value.contains(where: { $0 != 0 }) else {
      return [UInt8](repeating: 0, count: size)
    }
    return (0..<size / elementSize).flatMap { _ in value }
  }

  /// The numbers of all pieces. Nothing is allocated before it is clear that the stored bytes can stand for so many.
  private mutating func joined(
    _ chunks: [HDF5Chunk], _ grid: HDF5Grid, _ filters: HDF5Filters, _ header: HDF5Header, size: Int, _ what: String
  ) throws(FileError) -> Content {
    var seen: Set<Int> = []
    for chunk in chunks {
      let cursor = try file.cursor(at: chunk.address, count: chunk.size, "a piece of \(what)")
      try takeData(chunk.size, cursor)
      guard seen.insert(chunk.number).inserted else {
        throw cursor.failure("there are two pieces at \(grid.origin(of: chunk.number))")
      }
      guard filters.largest(chunk.size) >= grid.chunkSize else {
        throw cursor.failure("\(chunk.size) bytes cannot stand for the \(grid.chunkSize) of a piece")
      }
    }
    let isWhole = chunks.count == grid.count
    guard isWhole || takeFill(size) else {
      return .reason("of its \(grid.count) pieces, \(grid.count - chunks.count) were never written")
    }
    var bytes = isWhole ? [UInt8](repeating: 0, count: size) : try filled(header, size, grid.elementSize)
    for chunk in chunks {
      var cursor = try file.cursor(at: chunk.address, count: chunk.size, what)
      let piece = try filters.undone(
        try cursor.bytes(chunk.size), mask: chunk.mask, size: grid.chunkSize, elementSize: grid.elementSize,
        source: "\(file.source): a piece of \(what), at byte \(chunk.address)")
      grid.copy(piece, chunk.number, to: &bytes)
    }
    return .bytes(Data(bytes))
  }

  /// Numbers with the lowest byte first.
  static func littleEndian(_ bytes: Data, _ size: Int, _ isBigEndian: Bool) -> Data {
    guard isBigEndian, size > 1 else { return bytes }
    var result = Array(bytes)
    for start in stride(from: 0, to: result.count - size + 1, by: size) {
      result[start..<start + size].reverse()
    }
    return Data(result)
  }
}
