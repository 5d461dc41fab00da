internal import Foundation

/// A shared library with XLA behind PJRT's C interface, which is called without a header of its own.
///
/// The library stays loaded: none of those there are survives being unloaded.
struct PJRTPlugin: Sendable {
  /// The file, for messages.
  let path: String
  /// The version of the interface that it has.
  let version: (major: Int, minor: Int)
  /// The address of the table of functions.
  private let table: UInt

  /// Loads the library and checks its table.
  init(path: String) throws(PJRTError) {
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw PJRTError("there is no file \(path); a PJRT plugin is a shared library, such as pjrt_c_api_cpu_plugin.so")
    }
    try Self.checkLength(path)
    let full = path.contains("/") ? path : "./" + path
    guard let library = unsafe dlopen(full, RTLD_NOW | RTLD_LOCAL) else {
      throw PJRTError("\(path) is no shared library that can be loaded: \(Self.loaderMessage)")
    }
    guard let symbol = unsafe dlsym(library, "GetPjrtApi") else {
      throw PJRTError("\(path) is no PJRT plugin: it has no function GetPjrtApi")
    }
    typealias Getter = @convention(c) () -> UnsafeRawPointer?
    let getter = unsafe unsafeBitCast(symbol, to: Getter.self)
    guard let table = unsafe getter() else { throw PJRTError("\(path): GetPjrtApi returned no table of functions") }
    self.table = UInt(bitPattern: table)
    // size, extensions, { size, extensions, major, minor }, functions
    let size = unsafe table.load(as: Int.self)
    guard size >= 40 else { throw PJRTError("\(path): the table of functions has \(size) bytes, which is no table") }
    let (major, minor) = unsafe (
      table.load(fromByteOffset: 32, as: Int32.self), table.load(fromByteOffset: 36, as: Int32.self)
    )
    version = (Int(major), Int(minor))
    guard major == 0 else {
      throw PJRTError(
        "\(path) has version \(major).\(minor) of PJRT's interface; Ebb knows versions 0.81 and later 0.*")
    }
    guard size >= 40 + 8 * PJRTFunction.count else {
      throw PJRTError(
        "\(path) has version \(major).\(minor) of PJRT's interface with \((size - 40) / 8) functions; 0.81, the first "
          + "that Ebb knows, has \(PJRTFunction.count)")
    }
    var begin = PJRTWords([])
    try call(.pluginInitialize, &begin)
  }

  private static var loaderMessage: String {
    guard let message = unsafe dlerror() else { return "the loader does not say why" }
    return unsafe String(cString: message)
  }

  /// Calls a function with its struct; an error has the plugin's words.
  func call(_ function: PJRTFunction, _ words: inout PJRTWords) throws(PJRTError) {
    try call(function, &words, to: function)
  }

  /// Calls a function that is part of what another one does.
  private func call(_ function: PJRTFunction, _ words: inout PJRTWords, to whole: PJRTFunction) throws(PJRTError) {
    guard let error = try address(function, &words) else { return }
    throw PJRTError("\(path) failed \(whole.purpose): \(try message(of: error))")
  }

  /// Calls a function whose failure would change nothing, as that of a release.
  func release(_ function: PJRTFunction, _ object: UInt) {
    guard object != 0 else { return }
    var words = PJRTWords([object])
    if let error = try? address(function, &words) { _ = try? message(of: error) }
  }

  /// The address of the error that a function returns, if there is one.
  private func address(_ function: PJRTFunction, _ words: inout PJRTWords) throws(PJRTError) -> UInt? {
    typealias Function = @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer?
    guard let table = unsafe UnsafeRawPointer(bitPattern: table),
      let entry = unsafe table.load(fromByteOffset: 40 + 8 * function.rawValue, as: UnsafeRawPointer?.self)
    else { throw PJRTError("\(path) lacks function \(function.rawValue) of PJRT's interface, \(function.purpose)") }
    let call = unsafe unsafeBitCast(entry, to: Function.self)
    let error = unsafe words.withAddress { unsafe call($0) }
    return unsafe error.map { UInt(bitPattern: $0) }
  }

  /// The words of an error, which is then released.
  private func message(of error: UInt) throws(PJRTError) -> String {
    var words = PJRTWords([error, 0, 0])
    // This function returns nothing: what stands in its register is no error.
    _ = try address(.errorMessage, &words)
    let text = Self.text(words[1], words[2])
    var end = PJRTWords([error])
    _ = try address(.errorDestroy, &end)
    return text.isEmpty ? "it does not say why" : text
  }

  /// Text that belongs to the plugin.
  static func text(_ address: UInt, _ count: UInt) -> String {
    guard count > 0, count < 1 << 24, let start = unsafe UnsafeRawPointer(bitPattern: address) else { return "" }
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: Int(count)), as: UTF8.self)
  }

  /// A list that belongs to the plugin.
  static func words(_ address: UInt, _ count: UInt) -> [UInt] {
    guard count > 0, count < 1 << 24, let start = unsafe UnsafePointer<UInt>(bitPattern: address) else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// Waits for an event of the device, and releases it; its failure is that of the function that it came from.
  func wait(for event: UInt, _ function: PJRTFunction) throws(PJRTError) {
    guard event != 0 else { return }
    defer { release(.eventDestroy, event) }
    var words = PJRTWords([event])
    try call(.eventAwait, &words, to: function)
  }
}
