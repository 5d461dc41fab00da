import EbbFiles
import EbbTensors
import EbbTraining
import Foundation
import Testing

@Suite struct ModelFileTests {
  struct Settings: Codable, Equatable {
    var cell: String
    var scale: Double
    var words: [String]
  }

  static let settings = Settings(cell: "lstm", scale: 0.1 + 0.2, words: ["a/b", "\"c\"", "é\n"])
  static let parameters = ["w": Tensor([2, 2], [1, 2, 3, 4] as [Float]), "b": Tensor([2], [0.1, -0.2] as [Double])]

  func path() -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent("ebb-\(UUID()).safetensors").path
  }

  @Test func comesBackAsItWas() throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ModelFile(kind: "text", configuration: Self.settings, parameters: Self.parameters).write(to: path)
    let file = try ModelFile(contentsOf: path)
    #expect(file.parameters == Self.parameters)
    #expect(try file.configuration(Settings.self, kind: "text") == Self.settings)
  }

  @Test func anotherKindIsRefusedByName() throws {
    let file = try ModelFile(kind: "text", configuration: Self.settings, parameters: [:])
    let error = #expect(throws: FileError.self) { try file.configuration(Settings.self, kind: "forecast") }
    #expect(error?.message == "this is a model of the kind 'text'; one of the kind 'forecast' is needed")
  }

  @Test func anotherConfigurationIsDamage() throws {
    let file = try ModelFile(kind: "text", configuration: ["x": 1], parameters: [:])
    let error = #expect(throws: FileError.self) { try file.configuration(Settings.self, kind: "text") }
    #expect(error?.message.hasPrefix("the model is damaged") == true)
  }

  @Test func otherFilesAreNoModels() throws {
    let path = path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("hello".utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: FileError.self) { try ModelFile(contentsOf: path) }
    #expect(throws: FileError.self) { try ModelFile(contentsOf: path + ".missing") }
  }
}
