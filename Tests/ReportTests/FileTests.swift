import EbbReport
import Foundation
import Testing

@Suite struct FileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "ebb-report-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func writesAndReplaces() throws {
    try withFolder { folder in
      try writeAtomically("one ∂", to: folder + "/a.txt")
      try writeAtomically("two", to: folder + "/a.txt")
      #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "two")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.txt"])
    }
  }

  @Test func failureNamesPathAndReasonAndLeavesNothing() throws {
    try withFolder { folder in
      let missing = folder + "/no/such/a.txt"
      let error = #expect(throws: FileWritingError.self) { try writeAtomically("x", to: missing) }
      #expect(error?.path == missing && error?.reason == "No such file or directory")
      try FileManager.default.createDirectory(atPath: folder + "/d", withIntermediateDirectories: true)
      let directory = #expect(throws: FileWritingError.self) { try writeAtomically("x", to: folder + "/d") }
      #expect(directory?.description == "cannot write '\(folder)/d': Is a directory")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["d"])
      #expect(throws: FileWritingError.self) { try writeAtomically("x", to: "") }
    }
  }

  @Test func linkStaysALink() throws {
    try withFolder { folder in
      try writeAtomically("old", to: folder + "/target.txt")
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link.txt", withDestinationPath: folder + "/target.txt")
      let before = try FileManager.default.attributesOfItem(atPath: folder + "/target.txt")[.systemFileNumber] as? Int
      try writeAtomically("new", to: folder + "/link.txt")
      // Another file took the name: nobody saw half of the text.
      let after = try FileManager.default.attributesOfItem(atPath: folder + "/target.txt")[.systemFileNumber] as? Int
      #expect(before != nil && before != after)
      #expect(try String(contentsOfFile: folder + "/target.txt", encoding: .utf8) == "new")
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: folder + "/link.txt") == folder + "/target.txt")
    }
  }

  @Test func pipeIsWrittenToAndNotReplaced() throws {
    try withFolder { folder in
      let path = folder + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      // Open for both, so that neither side waits for the other.
      let descriptor = open(path, O_RDWR | O_NONBLOCK)
      let reader = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try writeAtomically("through", to: path)
      #expect(try reader.read(upToCount: 7) == Data("through".utf8))
      #expect(try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType != .typeRegular)
    }
  }

  @Test func linkToNowhereIsAnError() throws {
    try withFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/nowhere")
      #expect(throws: FileWritingError.self) { try writeAtomically("x", to: folder + "/link") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["link"])
    }
  }
}
