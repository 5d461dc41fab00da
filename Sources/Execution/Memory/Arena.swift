internal import Foundation

/// The memory of one session: the values, and the small tables that instructions point into. Kernels and bound
/// instructions hold addresses in it; it lives as long as the session. Other data shared by threads is in
/// `FixedMemory`.
final class Arena {
  private let base: UnsafeMutableRawPointer
  let byteCount: Int
  private var tables: [UnsafeMutableRawPointer] = []
  /// Bytes that were asked for, tables included.
  private(set) var allocated: Int

  /// The memory is not cleared: every number is written before it is read.
  init(byteCount: Int) {
    self.byteCount = byteCount
    allocated = byteCount
    // Panels are far apart, so a step touches many pages. With few large pages the addresses stay in the TLB, and a
    // fresh arena is mapped in a few hundred faults instead of tens of thousands.
    let isLarge = byteCount >= 2 * Self.largePage
    base = UnsafeMutableRawPointer.allocate(
      byteCount: max(byteCount, 1), alignment: isLarge ? Self.largePage : 4096)
    #if DEBUG
      // A read of memory that nothing wrote gives NaN.
      if byteCount <= Self.poisoned { memset(base, 0xFF, byteCount) }
    #endif
    #if os(Linux)
      if isLarge { madvise(base, byteCount, MADV_HUGEPAGE) }
    #endif
  }

  private static let largePage = 2 << 20
  private static let poisoned = 16 << 20

  /// Some bytes of the arena.
  func location(_ offset: Int, bytes: Int) -> Location { Location(base + offset, bytes: bytes) }

  /// A table of trivial values that lives as long as the arena.
  func table<Element: BitwiseCopyable>(_ elements: [Element]) -> Table<Element> {
    let count = max(elements.count, 1)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride, alignment: max(64, MemoryLayout<Element>.alignment))
    tables.append(raw)
    allocated += count * MemoryLayout<Element>.stride
    let typed = raw.bindMemory(to: Element.self, capacity: count)
    typed.initialize(from: elements, count: elements.count)
    return Table(typed, count: elements.count)
  }

  /// A trivial value that lives as long as the arena.
  func stored<Value: BitwiseCopyable>(_ value: Value) -> Stored<Value> { Stored(table([value])) }

  deinit {
    base.deallocate()
    for table in tables { table.deallocate() }
  }
}

/// All bytes of the arena, for the audit of regions in tests.
extension Arena {
  var contents: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: byteCount)) }

  func fill(with byte: UInt8) { memset(base, Int32(byte), byteCount) }

  /// Restores the contents of some bytes.
  func restore(_ run: Range<Int>, of contents: [UInt8]) {
    contents.withUnsafeBytes {
      (base + run.lowerBound).copyMemory(from: $0.start + run.lowerBound, byteCount: run.count)
    }
  }

  /// The first of these bytes whose contents differ.
  func firstDifference(from contents: [UInt8], in run: Range<Int>) -> Int? {
    contents.withUnsafeBytes { contents in
      guard memcmp(base + run.lowerBound, contents.start + run.lowerBound, run.count) != 0 else { return nil }
      return run.first { base.load(fromByteOffset: $0, as: UInt8.self) != contents[$0] }
    }
  }
}
