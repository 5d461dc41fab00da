/// A fixed number of trivial values in memory of an arena, or of a call: a handle, which owns nothing and counts no
/// references.
///
/// Debug builds trap on an index outside. Accesses are transparent, since debug builds make millions of them.
struct Table<Element: BitwiseCopyable>: BitwiseCopyable {
  /// The first element, for kernels.
  let start: UnsafeMutablePointer<Element>
  let count: Int

  init(_ start: UnsafeMutablePointer<Element>, count: Int) {
    self.start = start
    self.count = count
  }

  /// The first element, for kernels that only read.
  var readOnly: UnsafePointer<Element> { UnsafePointer(start) }

  var indices: Range<Int> { 0..<count }

  subscript(index: Int) -> Element {
    @_transparent unsafeAddress {
      #if DEBUG
        precondition(index >= 0 && index < count, "an index outside a table is read")
      #endif
      return UnsafePointer(start + index)
    }
    @_transparent nonmutating unsafeMutableAddress {
      #if DEBUG
        precondition(index >= 0 && index < count, "an index outside a table is written")
      #endif
      return start + index
    }
  }
}

extension Table {
  func fill(_ element: Element) { start.update(repeating: element, count: count) }
}

/// One trivial value in memory of an arena: a handle, which owns nothing and counts no references.
struct Stored<Value: BitwiseCopyable>: BitwiseCopyable {
  /// The value, for kernels.
  let pointer: UnsafeMutablePointer<Value>

  init(_ table: Table<Value>) { pointer = table.start }

  var value: Value {
    @_transparent unsafeAddress { UnsafePointer(pointer) }
    @_transparent nonmutating unsafeMutableAddress { pointer }
  }
}

/// Memory for the duration of a call.
@inline(__always)
func withScratch<Element: BitwiseCopyable, Result>(
  _ initial: Element, count: Int, _ body: (Table<Element>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: Element.self, capacity: max(count, 1)) { buffer in
    buffer.initialize(repeating: initial)
    return body(Table(buffer.start, count: count))
  }
}

extension Array where Element: BitwiseCopyable {
  /// The elements as a table, for the duration of a read-only call.
  @inline(__always)
  func withTable<Result>(_ body: (Table<Element>) -> Result) -> Result {
    withUnsafeBufferPointer { buffer in
      // An empty array may have no memory; it is never read.
      body(Table(UnsafeMutablePointer(mutating: buffer.baseAddress ?? Self.nowhere), count: buffer.count))
    }
  }

  private static var nowhere: UnsafePointer<Element> {
    guard let place = UnsafePointer<Element>(bitPattern: MemoryLayout<Element>.alignment) else {
      preconditionFailure("an alignment of zero")
    }
    return place
  }
}
