/// A fixed number of elements in separate memory, for the lifetime of their owner, which threads may write
/// concurrently.
///
/// Debug builds trap on an index outside.
final class FixedMemory<Element: ~Copyable>: @unchecked Sendable {
  private let elements: UnsafeMutableBufferPointer<Element>

  init(count: Int, _ element: (Int) -> Element) {
    elements = .allocate(capacity: count)
    for index in elements.indices { elements.initializeElement(at: index, to: element(index)) }
  }

  deinit {
    elements.deinitialize()
    elements.deallocate()
  }

  var indices: Range<Int> { elements.indices }

  subscript(index: Int) -> Element {
    @inline(__always) _read { yield elements[index] }
    @inline(__always) _modify { yield &elements[index] }
  }
}
