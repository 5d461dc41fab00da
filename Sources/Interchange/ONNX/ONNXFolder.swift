internal import EbbFiles
internal import Foundation

/// The files beside a model that hold the numbers of its tensors.
///
/// Only regular files within the model's folder are opened: a location is a relative path, and neither `..` nor a link
/// leads out. Nothing is allocated before it is clear that the file has the bytes.
final class ONNXFolder {
  private let path: String
  /// The files that were opened, each with the number of bytes that tensors may still take from it: a few times its size,
  /// so that no model has the same bytes many times.
  private var files: [String: (data: Data, left: Int)] = [:]

  /// The folder of the file with this path.
  init(ofFile path: String) {
    self.path = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath().path
  }

  /// Where the bytes of a tensor are, as the format's entries say.
  struct Place {
    var location = ""
    var offset = "0"
    /// Nil if it is not given: what the tensor needs.
    var length: String?
  }

  /// Why a tensor has no numbers here.
  struct Problem: Error {
    var reason: String
  }

  /// The bytes at a place.
  ///
  /// - Parameter count: How many the tensor needs.
  func bytes(_ place: Place, count: Int) throws(Problem) -> Data {
    let name = place.location
    guard let offset = Int(place.offset), offset >= 0 else {
      throw Problem(reason: "its offset in the file \(name) is \(place.offset), and must be a number of at least 0")
    }
    if let length = place.length, Int(length) != count {
      throw Problem(reason: "it needs \(count) bytes, and \(length) of the file \(name) are said to be its own")
    }
    var (data, left) = try file(name)
    guard count <= data.count, offset <= data.count - count, let part = data.part(from: offset, count: count) else {
      throw Problem(
        reason: "it needs \(count) bytes from byte \(offset) of the file \(name), which has \(data.count)")
    }
    guard count <= left else { throw Problem(reason: "the file \(name) is read many times over") }
    left -= count
    files[name] = (data, left)
    return part
  }

  private func file(_ name: String) throws(Problem) -> (data: Data, left: Int) {
    if let known = files[name] { return known }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !name.contains("\0") else {
      throw Problem(
        reason: "its numbers are said to lie in the file \(name), and only files within the model's folder are opened")
    }
    let url = URL(fileURLWithPath: path + "/" + name).resolvingSymlinksInPath()
    guard url.path.hasPrefix(path == "/" ? path : path + "/") else {
      throw Problem(
        reason: "its numbers lie in the file \(name), a link out of the model's folder, which is not opened")
    }
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw Problem(reason: "its numbers lie in the file \(name), which is not in the model's folder")
    }
    guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true,
      let data = try? Data(contentsOf: url, options: .mappedIfSafe)
    else { throw Problem(reason: "its numbers lie in the file \(name), which cannot be read") }
    let (left, overflow) = data.count.multipliedReportingOverflow(by: 4)
    let opened = (data: data, left: overflow ? Int.max : left)
    files[name] = opened
    return opened
  }
}
