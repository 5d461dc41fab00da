public import EbbFiles
public import Foundation

/// The file or pipe that a path names, as bytes to read.
public enum InputFile {
  /// The bytes of a file, mapped into memory if possible, so that only the parts that are read are loaded; or
  /// everything from a pipe (`<(…)`, a FIFO, `/dev/stdin`) to its end. `-` is standard input.
  ///
  /// - Parameters:
  ///   - path: The path of a file or a pipe, or `-`.
  ///   - kind: The expected kind of file, for messages: `a safetensors file`.
  public static func bytes(_ path: String, expecting kind: String) throws(FileError) -> Data {
    // The system follows links: the pipe of `<(…)` has no path of its own.
    let descriptor = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FileError(
        path, errno == ENOENT ? "there is no such file" : "cannot be read: \(systemMessage())")
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw FileError(path, "cannot be read: \(systemMessage())")
    }
    do {
      switch status.st_mode & S_IFMT {
      case S_IFDIR: throw FileError(path, "this is a folder; give \(kind)")
      case S_IFREG where path != "-":
        return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
      case S_IFCHR where isatty(descriptor) == 0:
        // A device such as /dev/zero never ends.
        guard try handle.read(upToCount: 1)?.isEmpty ?? true else {
          throw FileError(path, "this is a device; give \(kind)")
        }
        return Data()
      default: return try handle.readToEnd() ?? Data()
      }
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(path, "cannot be read: \(systemReason(error))")
    }
  }
}
