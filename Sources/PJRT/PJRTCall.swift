/// The functions of PJRT's C interface that are used, by their places in its table: the same from version 0.81 on.
enum PJRTFunction: Int {
  case errorDestroy = 0
  case errorMessage = 1
  case pluginInitialize = 3
  case eventDestroy = 5
  case eventAwait = 8
  case clientCreate = 10
  case clientDestroy = 11
  case clientPlatformName = 12
  case clientPlatformVersion = 14
  case clientDevices = 15
  case clientAddressableDevices = 16
  case clientCompile = 20
  case clientBufferFromHost = 22
  case programDestroy = 40
  case optimizedProgram = 48
  case executableDestroy = 50
  case executableProgram = 51
  case executableDevices = 52
  case executableExecute = 55
  case bufferDestroy = 58
  case bufferToHost = 70

  /// The number of functions in the table of version 0.81; later ones are appended.
  static let count = 118

  /// What the function does, for messages.
  var purpose: String {
    switch self {
    case .errorDestroy, .errorMessage: "to read an error"
    case .pluginInitialize: "to begin"
    case .eventDestroy, .eventAwait: "to wait"
    case .clientCreate, .clientDestroy: "to open the device"
    case .clientPlatformName, .clientPlatformVersion, .clientDevices, .clientAddressableDevices, .executableDevices:
      "to name its devices"
    case .clientCompile: "to compile"
    case .clientBufferFromHost: "to copy to the device"
    case .programDestroy, .optimizedProgram, .executableProgram: "to show what it compiled"
    case .executableDestroy, .executableExecute: "to run"
    case .bufferDestroy, .bufferToHost: "to copy from the device"
    }
  }
}

/// An argument struct of a C function: words of 64 bits.
///
/// Every member of the structs that are used is a pointer, a size or a 64-bit integer, or an `int` or enumeration that
/// is followed by one of these and so padded to a word; on the machines that Ebb runs on, which are little-endian, it is
/// the lower half. The first word is the size of the struct, which the plugin checks, the second a pointer to extensions.
struct PJRTWords {
  private(set) var words: [UInt]

  /// A struct with these members after the first two.
  init(_ members: [UInt]) { words = [UInt(8 * (members.count + 2)), 0] + members }

  /// Member number `index`, counted from the one after the extensions.
  subscript(index: Int) -> UInt { words[index + 2] }

  /// Calls `body` with the address of the struct.
  mutating func withAddress<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
    unsafe words.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { preconditionFailure("a struct without a size") }
      return unsafe body(base)
    }
  }
}
