import EbbGraph
import EbbPJRT
import EbbStableHLO
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

/// Plugins that are none, that are of another time, and that fail at every call: errors that say so, and nothing leaks.
@Suite(.enabled(if: FakePlugin.compiler != nil)) struct HostilePluginTests {
  /// y = x² over three samples.
  static let graph: Graph = {
    var graph = Graph()
    let b = graph.addAxis(AxisDescription(name: "b", kind: .batch))
    let x = graph.appendLeaf(.input, NodeType(.float32, [b]), name: "x")
    graph.setOutput("y", graph.append(.unary(.square), [x]))
    return graph
  }()

  static func run(_ device: PJRTDevice) throws -> Tensor? {
    let session = try PJRTSession(graph, lengths: [3], device: device)
    try session.set("x", Tensor([3], [1, 2, 3] as [Float]))
    try session.run()
    return try session.output("y")
  }

  static func error(_ body: () throws -> Void) -> String { thrown(body) ?? "no error" }

  static func thrown(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func aPluginThatWorks() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    do {
      let device = try PJRTDevice(plugin: plugin.path, options: ["a": "1", "b": "true", "c": "text"])
      #expect(device.platform == "fake")
      #expect(device.deviceCount == 2)
      // 0x40404040 in each float.
      #expect(try Self.run(device) == Tensor([3], [Float](repeating: Float(bitPattern: 0x4040_4040), count: 3)))
    }
    #expect(plugin.alive == 0)
  }

  @Test(arguments: [
    ("NO_SYMBOL", "is no PJRT plugin: it has no function GetPjrtApi"),
    ("NO_TABLE", "GetPjrtApi returned no table of functions"),
    ("MAJOR=1", "has version 1.81 of PJRT's interface; Ebb knows versions 0.81 and later 0.*"),
    (
      "FUNCTIONS=117",
      "has version 0.81 of PJRT's interface with 117 functions; 0.81, the first that Ebb knows, has 118"
    ),
    ("NO_CLIENT", "failed to open the device: it returned no client"),
    ("NO_DEVICE", "has no device that this process may use"),
    ("MISSING=20", "lacks function 20 of PJRT's interface, to compile"),
    ("MISSING=3", "lacks function 3 of PJRT's interface, to begin"),
  ])
  func whatIsNotThere(definition: String, message: String) throws {
    let plugin = try FakePlugin(definition)
    defer { plugin.remove() }
    let found = Self.error { _ = try Self.run(PJRTDevice(plugin: plugin.path)) }
    #expect(found.contains(message), "\(found)")
    if !definition.hasPrefix("NO_SYMBOL") { #expect(plugin.alive == 0) }
  }

  /// The plugin's words come back, with what was tried.
  @Test(arguments: [
    (3, "to begin"), (8, "to copy to the device"), (10, "to open the device"), (12, "to name its devices"),
    (16, "to name its devices"), (20, "to compile"), (22, "to copy to the device"), (55, "to run"),
    (70, "to copy from the device"),
  ])
  func everyCallThatFails(function: Int, purpose: String) throws {
    let plugin = try FakePlugin("FAILING=\(function)")
    defer { plugin.remove() }
    let found = Self.error { _ = try Self.run(PJRTDevice(plugin: plugin.path)) }
    let place = [20, 55, 70].contains(function) ? " (the graph of y, for b = 3)" : ""
    #expect(found == "\(plugin.path) failed \(purpose): the fake will not\(place)")
    #expect(plugin.alive == 0)
  }

  /// An error in a line of the module names that line, and the equation of the graph that it computes.
  @Test(arguments: ["-:LINE:10: error: no", "no, says source_file=- source_line=LINE"])
  func anErrorWithALine(words: String) throws {
    let graph = try Graph(
      parsing: """
        axis t: time
        %0 x: f32 {t} = input
        %1: f32 = constant(0)
        %2: f32 {t} = delay(h, initial %1; along t)
        %3: f32 {t} = add(x, %2)
        %4 gate: f32 {t} = sigmoid(%3)
        %5: f32 {t} = multiply(gate, %2)
        %6 h: f32 {t} = tanh(%5)
        output y = h
        """)
    let lines = try graph.stableHLO(lengths: ["t": 3]).text.split(separator: "\n")
    for (operation, equation) in [
      ("stablehlo.logistic", "%4 gate: f32 {t} = sigmoid(%3)"),
      ("stablehlo.multiply", "%5: f32 {t} = multiply(gate, %2), part of h"),
    ] {
      let line = try #require(lines.firstIndex { $0.contains(operation) })
      let said = words.replacing("LINE", with: "\(line + 1)")
      let plugin = try FakePlugin("FAILING=20", "WORDS=\"\(said)\"")
      defer { plugin.remove() }
      let found = Self.error { _ = try PJRTSession(graph, lengths: [3], device: PJRTDevice(plugin: plugin.path)) }
      let text = lines[line].drop { $0 == " " }
      #expect(
        found == "\(plugin.path) failed to compile: \(said) (line \(line + 1) of the module: \(text); in the graph "
          + "\(equation); the graph of y, for t = 3)")
    }
  }

  /// Where memory is short, the error names what takes most of it.
  @Test func anErrorOfMemory() throws {
    let plugin = try FakePlugin("FAILING=55", "WORDS=\"RESOURCE_EXHAUSTED: too much\"")
    defer { plugin.remove() }
    let found = Self.error { _ = try Self.run(PJRTDevice(plugin: plugin.path)) }
    #expect(
      found == "\(plugin.path) failed to run: RESOURCE_EXHAUSTED: too much (the graph of y, for b = 3; its largest "
        + "values are x: f32 [3], 12 bytes; y: f32 [3], 12 bytes)")
  }

  /// Also those that only several devices need.
  @Test func devicesThatAreNotNamed() throws {
    let plugin = try FakePlugin("FAILING=52")
    defer { plugin.remove() }
    let found = Self.error { _ = try Self.run(PJRTDevice(plugin: plugin.path, count: 2)) }
    #expect(found == "\(plugin.path) failed to name its devices: the fake will not (the graph of y, for b = 3)")
    #expect(plugin.alive == 0)
  }

  @Test func filesThatAreNoPlugins() throws {
    #expect(
      Self.error { _ = try PJRTDevice(plugin: "/nowhere/plugin.so") }.contains("there is no file /nowhere/plugin.so"))
    let text = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID().uuidString).so")
    try "text".write(to: text, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: text) }
    #expect(Self.error { _ = try PJRTDevice(plugin: text.path) }.contains("is no shared library that can be loaded"))
  }

  /// A library that was cut off anywhere, as by a download, does not end the process.
  @Test func filesThatAreCutOff() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    let whole = try Data(contentsOf: URL(fileURLWithPath: plugin.path))
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ebb-cut-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    var cut = 0
    for length in stride(from: 0, to: whole.count, by: 97) {
      // Each in a file of its own: where nothing that is loaded is missing, it works and stays loaded.
      let file = folder.appendingPathComponent("\(length).so")
      try whole.prefix(length).write(to: file)
      guard let error = Self.thrown({ _ = try PJRTDevice(plugin: file.path) }) else { continue }
      let isCut = error.contains("is cut off: it has \(length) bytes")
      #expect(isCut || error.contains("is no shared library"), "\(error)")
      if isCut { cut += 1 }
    }
    #expect(cut > 10)
  }

  @Test func valuesThatDoNotFit() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    let session = try PJRTSession(Self.graph, lengths: [3], device: PJRTDevice(plugin: plugin.path))
    #expect(
      Self.error { try session.set("z", Tensor([3], [1, 2, 3] as [Float])) } == "there is no parameter or input named z"
    )
    #expect(Self.error { try session.set("x", Tensor([2], [1, 2] as [Float])) } == "x takes f32 [3], not f32 [2]")
    #expect(Self.error { try session.run() } == "x has no value")
    #expect(try session.output("y") == nil)
  }
}
