import EbbFiles
import Foundation
import Testing

@Suite struct AtomicWritingTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "ebb-files-\(UUID().uuidString)"
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

  /// What a process that was killed has left is one file, over which the next one writes; there is no other draft.
  @Test func aDraftThatWasLeftIsWrittenOver() throws {
    try withFolder { folder in
      try Data("half of a pa".utf8).write(to: URL(fileURLWithPath: folder + "/a.txt.part"))
      try writeAtomically("new", to: folder + "/a.txt")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.txt"])
      #expect(try String(contentsOfFile: folder + "/a.txt", encoding: .utf8) == "new")
    }
  }

  /// While the bytes go to the disk nothing but the draft is beside the file.
  @Test func theDraftIsTheOnlyOtherFile() throws {
    try withFolder { folder in
      let text = String(repeating: "0123456789", count: 300_000)
      let names = Names()
      let watch = Thread {
        while !names.isDone { names.add((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []) }
      }
      watch.start()
      for _ in 0..<20 { try writeAtomically(text, to: folder + "/a.txt") }
      names.isDone = true
      #expect(names.all.isSubset(of: ["a.txt", "a.txt.part"]))
      #expect(names.all.contains("a.txt.part"))
    }
  }

  @Test func theNewFileMayBeReadByWhoMightReadTheOldOne() throws {
    try withFolder { folder in
      let path = folder + "/a.txt"
      try writeAtomically("one", to: path)
      func mode() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      }
      let first = try mode()
      let mask = umask(0)
      umask(mask)
      #expect(first == 0o666 & ~Int(mask))
      for permissions in [0o600, 0o640] {
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
        try writeAtomically("two", to: path)
        #expect(try mode() == permissions)
      }
    }
  }

  /// The file system takes names of 255 bytes, and a draft's is longer.
  @Test func aNameMayBeAsLongAsTheSystemTakes() throws {
    try withFolder { folder in
      let names = [String(repeating: "a", count: 255), String(repeating: "ß", count: 127)]
      for name in names { try writeAtomically("text", to: folder + "/" + name) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names.sorted())
      #expect(throws: FileWritingError.self) {
        try writeAtomically("text", to: folder + "/" + String(repeating: "a", count: 256))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
      // So it is for locks.
      let lock = try FileLock(for: folder + "/" + names[0])
      #expect(throws: FileError.self) { try FileLock(for: folder + "/" + names[0]) }
      withExtendedLifetime(lock) {}
    }
  }

  @Test func whatCannotBeWrittenIsSaidBeforehand() throws {
    try withFolder { folder in
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/nowhere")
      let reasons = [
        "": "The path is empty", folder: "Is a directory", folder + "/link": "No such file or directory",
        folder + "/no/a": "No such file or directory",
      ]
      for (path, reason) in reasons {
        let error = #expect(throws: FileWritingError.self) { try checkWritable(path) }
        #expect(error?.reason == reason, "\(path)")
      }
      for path in [folder + "/new", "/dev/null"] { try checkWritable(path) }
      try Data().write(to: URL(fileURLWithPath: folder + "/file"))
      let inFile = #expect(throws: FileWritingError.self) { try checkWritable(folder + "/file/a") }
      #expect(inFile?.reason == "Not a directory")
    }
  }

  @Test func foldersAreMadeIfTheyCanBe() throws {
    try withFolder { folder in
      let deep = folder + "/a/b"
      try checkWritableFolder(deep)
      #expect(!FileManager.default.fileExists(atPath: folder + "/a"), "a check makes nothing")
      try makeFolder(deep)
      try makeFolder(deep)
      try checkWritableFolder(deep)
      try writeAtomically("x", to: deep + "/file")
      for path in [deep + "/file", deep + "/file/in"] {
        for act in [checkWritableFolder, makeFolder] {
          let error = #expect(throws: FileWritingError.self) { try act(path) }
          #expect(error?.path == path && error?.reason.isEmpty == false, "\(path)")
        }
      }
      let empty = #expect(throws: FileWritingError.self) { try checkWritableFolder("") }
      #expect(empty?.reason == "The path is empty")
    }
  }
}

/// Names that one thread sees and another asks for.
private final class Names: @unchecked Sendable {
  private let lock = NSLock()
  private var seen: Set<String> = []
  private var done = false

  func add(_ names: [String]) { lock.withLock { seen.formUnion(names) } }
  var all: Set<String> { lock.withLock { seen } }
  var isDone: Bool {
    get { lock.withLock { done } }
    set { lock.withLock { done = newValue } }
  }
}
