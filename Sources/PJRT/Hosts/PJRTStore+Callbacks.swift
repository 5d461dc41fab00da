internal import Foundation

/// The functions that a plugin calls, in the words of their structs: size, extensions, key, its size, then
///
///     get:      milliseconds, error, store, value, its size, release
///     try get:                error, store, value, its size, release
///     put:      value, its size, error, store
extension PJRTStore {
  private typealias Words = UnsafeMutablePointer<UInt>
  private typealias Callback = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?

  /// The words of a client's arguments: get and its store, put and its store.
  var callbacks: [UInt] {
    let store = unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())
    let get: Callback = { unsafe PJRTStore.get($0, place: 5) { unsafe Int(Int32(truncatingIfNeeded: $0[4])) } }
    let put: Callback = { unsafe PJRTStore.put($0) }
    return unsafe [unsafeBitCast(get, to: UInt.self), store, unsafeBitCast(put, to: UInt.self), store]
  }

  /// The word of a client's arguments that asks without waiting, and its store.
  var tryCallback: [UInt] {
    let store = unsafe UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())
    let get: Callback = { unsafe PJRTStore.get($0, place: 4) { _ in 0 } }
    return unsafe [unsafeBitCast(get, to: UInt.self), store]
  }

  /// - Parameter place: That of the function that makes errors; the store and the value follow.
  private static func get(
    _ arguments: UnsafeMutableRawPointer, place: Int, _ milliseconds: (Words) -> Int
  ) -> UnsafeMutableRawPointer? {
    let words = unsafe arguments.assumingMemoryBound(to: UInt.self)
    let key = unsafe bytes(words[2], words[3])
    do {
      let (store, wait) = unsafe (store(words[place + 1]), milliseconds(words))
      guard let value = try store.value(key, milliseconds: wait) else {
        return unsafe error(words[place], 5, "no host has put \(String(decoding: key, as: UTF8.self))")
      }
      // The plugin copies the value, then calls the function that releases it.
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, value.count))
      unsafe copy.initialize(from: value, count: value.count)
      let release: @convention(c) (UnsafeMutablePointer<UInt8>?) -> Void = { unsafe $0?.deallocate() }
      unsafe words[place + 2] = UInt(bitPattern: copy)
      unsafe words[place + 3] = UInt(value.count)
      unsafe words[place + 4] = unsafeBitCast(release, to: UInt.self)
      return nil
    } catch let failure {
      return unsafe error(words[place], 14, failure.description)
    }
  }

  private static func put(_ arguments: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    let words = unsafe arguments.assumingMemoryBound(to: UInt.self)
    do {
      let (store, key, value) = unsafe (store(words[7]), bytes(words[2], words[3]), bytes(words[4], words[5]))
      try store.put(key, value)
      return nil
    } catch let failure {
      return unsafe error(words[6], 14, failure.description)
    }
  }

  private static func store(_ address: UInt) -> PJRTStore {
    guard let pointer = unsafe UnsafeRawPointer(bitPattern: address) else {
      preconditionFailure("a call without a store")
    }
    return unsafe Unmanaged<PJRTStore>.fromOpaque(pointer).takeUnretainedValue()
  }

  private static func bytes(_ address: UInt, _ count: UInt) -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: Int(count)))
  }

  /// An error as the plugin makes it: PJRT's code, and words.
  private static func error(_ maker: UInt, _ code: Int32, _ text: String) -> UnsafeMutableRawPointer? {
    typealias Maker = @convention(c) (Int32, UnsafePointer<CChar>, Int) -> UnsafeMutableRawPointer?
    // A pointer to a pointer to a function.
    guard let place = unsafe UnsafePointer<UnsafeRawPointer>(bitPattern: maker) else { return nil }
    let make = unsafe unsafeBitCast(place.pointee, to: Maker.self)
    return unsafe text.withCString { unsafe make(code, $0, text.utf8.count) }
  }
}
