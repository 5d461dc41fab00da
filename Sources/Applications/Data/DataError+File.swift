internal import EbbInterchange
internal import EbbTraining
internal import Foundation

extension DataError {
  /// The bytes of a file, a pipe or, for `-`, standard input.
  static func bytes(_ path: String, expecting kind: String) throws(DataError) -> Data {
    do {
      return try InputFile.bytes(path, expecting: kind)
    } catch {
      throw DataError(path, error.message)
    }
  }
}
