public import EbbFiles
public import EbbTensors
internal import Foundation

/// NumPy's npz format, which `numpy.savez` and `numpy.savez_compressed` write: a zip archive of npy files, one for each
/// named array.
///
/// Reads both kinds; writes without compression.
public enum Npz {
  /// Reads the bytes of a file, strictly: members must not overlap, and their checksums must hold.
  public static func read(_ bytes: [UInt8], source: String = "npz") throws(FileError) -> TensorFile.Contents {
    try read(Data(bytes), source: source)
  }

  static func read(_ bytes: Data, source: String) throws(FileError) -> TensorFile.Contents {
    let archive = ZipArchive(bytes, source: source)
    return try read(archive, archive.members(), source: source)
  }

  static func read(
    _ archive: ZipArchive, _ members: [ZipArchive.Member], source: String
  ) throws(FileError) -> TensorFile.Contents {
    var contents = TensorFile.Contents([:])
    for member in members {
      guard member.name.hasSuffix(".npy") else {
        throw FileError(source, "\(member.name) in the archive is no npy file")
      }
      let name = String(member.name.dropLast(4))
      guard contents.tensors[name] == nil, contents.unread[name] == nil else {
        throw FileError(source, "the name \"\(name)\" is there twice")
      }
      contents.add(try Npy.read(archive.content(of: member), source: "\(source): \(name)"), named: name)
    }
    return contents
  }

  /// A file's bytes: a function of only the tensors, in the order of their names.
  ///
  /// Throws if a name is longer than the format allows, there are more than 65,535 tensors or the file reaches 4 GiB.
  public static func bytes(of tensors: [String: Tensor]) throws(FileError) -> [UInt8] {
    var writer = ZipWriter()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      try writer.add(name + ".npy", Npy(tensor).bytes)
    }
    return writer.finish()
  }
}
