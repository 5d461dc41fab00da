internal import EbbFiles
internal import Foundation

/// Notices that a file has another text, however it is written: in place, in pieces, or as another file with its name.
///
/// It asks for the file's stamp again and again, since editors that replace a file would leave any watch on it behind.
struct FileChanges {
  /// What the file has become.
  enum Change: Hashable {
    case text(String)
    case failure(FileError)
  }

  private let path: String
  /// Waits so many seconds; false ends the watching.
  private let wait: (Double) -> Bool
  private var last: Change
  private var stamp: FileStamp?
  /// How often the text is still to be read.
  private var readings = 2
  /// How many times in a row there was no file.
  private var absences = 0

  /// Seconds between two looks, and until a file counts as written that has just changed.
  static let interval = 0.05
  static let settling = 0.01
  /// An editor may remove a file before it writes the new one.
  static let patience = 8

  init(_ path: String, read text: String, wait: @escaping (Double) -> Bool) {
    self.path = path
    self.wait = wait
    last = .text(text)
  }

  /// Waits for the next change; nil if the watching has ended.
  mutating func next() -> Change? {
    while wait(stamp != nil && readings == 2 ? Self.settling : Self.interval) {
      guard let change = look(), change != last else { continue }
      last = change
      return change
    }
    return nil
  }

  /// What the file holds, if that may be something else than before.
  private mutating func look() -> Change? {
    let before = stamp
    stamp = FileStamp(path)
    if stamp == nil {
      absences += 1
      return absences == Self.patience ? .failure(FileError(path, "there is no such file")) : nil
    }
    absences = 0
    guard stamp == before else {
      readings = 2
      return nil
    }
    guard readings > 0 else { return nil }
    // The clock of the file system may stand still for a few milliseconds: what was written just after the first reading
    // is found by the second.
    readings -= 1
    do {
      return .text(String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self))
    } catch {
      return .failure(FileError(path, "cannot be read", because: systemReason(error)))
    }
  }
}
