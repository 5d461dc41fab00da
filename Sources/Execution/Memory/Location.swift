/// A byte of some memory: of a value in an arena, or of a tensor. A handle, which owns nothing and counts no
/// references.
///
/// It may lie outside, like a base for other addresses. Accesses must be inside: debug builds check this.
struct Location: BitwiseCopyable {
  /// The address, inside or not.
  private(set) var address: UnsafeMutableRawPointer
  #if DEBUG
    private let memory: UnsafeMutableRawBufferPointer
  #endif

  /// The beginning of some memory.
  init(_ start: UnsafeMutableRawPointer, bytes: Int) {
    address = start
    #if DEBUG
      memory = UnsafeMutableRawBufferPointer(start: start, count: bytes)
    #endif
  }

  /// The beginning of a table.
  init<Element>(_ table: Table<Element>) {
    self.init(UnsafeMutableRawPointer(table.start), bytes: table.count * MemoryLayout<Element>.stride)
  }

  @inline(__always)
  static func + (location: Location, bytes: Int) -> Location {
    var result = location
    result.address += bytes
    return result
  }

  @inline(__always)
  static func += (location: inout Location, bytes: Int) { location.address += bytes }

  /// Bytes from one location to another.
  static func - (left: Location, right: Location) -> Int { left.address - right.address }

  // MARK: Touching

  /// In debug builds, traps on bytes outside the memory.
  @inline(__always)
  private func check(_ bytes: Int) {
    #if DEBUG
      let first = address - memory.start
      precondition(
        first >= 0 && first + bytes <= memory.count,
        "bytes \(first)..<\(first + bytes) of \(memory.count) bytes are touched")
    #endif
  }

  /// The address, for kernels.
  @inline(__always)
  var pointer: UnsafeMutableRawPointer {
    check(1)
    return address
  }

  /// The address, for kernels that only read.
  @inline(__always)
  var readOnly: UnsafeRawPointer { UnsafeRawPointer(pointer) }

  @inline(__always)
  func load<Number: BitwiseCopyable>(as type: Number.Type) -> Number {
    check(MemoryLayout<Number>.size)
    return address.load(as: type)
  }

  @inline(__always)
  func store<Number: BitwiseCopyable>(_ number: Number) {
    check(MemoryLayout<Number>.size)
    address.storeBytes(of: number, as: Number.self)
  }

  @inline(__always)
  func copy(_ bytes: Int, from source: Location) {
    check(bytes)
    source.check(bytes)
    address.copyMemory(from: source.address, byteCount: bytes)
  }

  /// Writes zeros.
  @inline(__always)
  func clear(_ bytes: Int) {
    check(bytes)
    address.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
  }

  /// Writes a function of each number at another location.
  @inline(__always)
  func map<From: BitwiseCopyable, To: BitwiseCopyable>(
    _ count: Int, from source: Location, _ function: (From) -> To
  ) {
    check(count * MemoryLayout<To>.stride)
    source.check(count * MemoryLayout<From>.stride)
    let target = address.assumingMemoryBound(to: To.self)
    let source = source.address.assumingMemoryBound(to: From.self)
    for index in 0..<count { target[index] = function(source[index]) }
  }

  /// Adds numbers to those at this location, one to one.
  func add<Number: FloatingPoint & BitwiseCopyable>(_ count: Int, from source: Location, as type: Number.Type) {
    check(count * MemoryLayout<Number>.stride)
    source.check(count * MemoryLayout<Number>.stride)
    let target = address.assumingMemoryBound(to: type)
    let source = source.address.assumingMemoryBound(to: type)
    for index in 0..<count { target[index] += source[index] }
  }
}

extension Array where Element: BitwiseCopyable {
  /// The location of the elements, for the duration of a read-only call.
  func withLocation(_ body: (Location) -> Void) { withTable { body(Location($0)) } }

  /// The location of the elements, for the duration of a call.
  mutating func withMutableLocation(_ body: (Location) -> Void) {
    withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      body(Location(start, bytes: bytes.count))
    }
  }
}
