import Foundation

/// A plugin that computes nothing and fails as it is told, built from `Tests/PJRTTests/fake_plugin.c` by a compiler of C.
public struct FakePlugin {
  /// The shared library.
  public let path: String

  /// Nil where there is no compiler.
  public static let compiler: String? = {
    let paths = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
    let tools = paths.flatMap { folder in ["clang", "cc"].map { folder + "/" + $0 } }
    return tools.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// It did not compile.
  public struct NotBuilt: Error {}

  /// Builds one, with definitions such as `FAILING=20`.
  public init(_ definitions: String...) throws {
    guard let compiler = Self.compiler else { throw NotBuilt() }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-fake-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appendingPathComponent("plugin.so").path
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: compiler)
    process.arguments =
      ["-shared", "-fPIC", "-o", path, tests.appendingPathComponent("PJRTTests/fake_plugin.c").path]
      + definitions.map { "-D" + $0 }
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NotBuilt() }
  }

  /// The objects that it has made and that are not released.
  public var alive: Int32 { count("fake_alive") }
  /// The modules that it has compiled, in this process.
  public var compilations: Int32 { count("fake_compilations") }

  private func count(_ name: String) -> Int32 {
    typealias Count = @convention(c) () -> Int32
    return unsafe function(name).map { unsafe unsafeBitCast($0, to: Count.self)() } ?? -1
  }

  /// What it has run and what was read of it in this process, in order.
  public enum Event: Hashable, Sendable {
    /// The execution with this number, from 1.
    case run(Int)
    /// A result of that execution; 0 for what was sent there.
    case read(Int)
  }

  public var events: [Event] {
    typealias Text = @convention(c) () -> UnsafePointer<CChar>?
    guard let symbol = unsafe function("fake_events"), let text = unsafe unsafeBitCast(symbol, to: Text.self)() else {
      return []
    }
    return unsafe String(cString: text).split(separator: " ").compactMap { word in
      word.hasPrefix("<") ? Int(word.dropFirst()).map { .read($0) } : Int(word).map { .run($0) }
    }
  }

  private func function(_ name: String) -> UnsafeMutableRawPointer? {
    guard let library = unsafe dlopen(path, RTLD_NOW) else { return nil }
    return unsafe dlsym(library, name)
  }

  /// Deletes the library.
  public func remove() { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
}
