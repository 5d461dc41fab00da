import Foundation
import Testing

/// A plugin that `fake_plugin.c` describes, built by the toolchain's clang.
struct FakePlugin {
  /// The shared library.
  let path: String

  /// Nil where there is no compiler.
  static let compiler: String? = {
    let paths = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
    let tools = paths.flatMap { folder in ["clang", "cc"].map { folder + "/" + $0 } }
    return tools.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Builds one, with definitions such as `FAILING=20`.
  init(_ definitions: String...) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-fake-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appendingPathComponent("plugin.so").path
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("fake_plugin.c")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.compiler))
    process.arguments = ["-shared", "-fPIC", "-o", path, source.path] + definitions.map { "-D" + $0 }
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// The objects that it has made and that are not released.
  var alive: Int32 {
    typealias Count = @convention(c) () -> Int32
    guard let library = dlopen(path, RTLD_NOW), let symbol = dlsym(library, "fake_alive") else { return -1 }
    return unsafeBitCast(symbol, to: Count.self)()
  }

  func remove() { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }
}
