public import EbbFiles
public import EbbTensors
internal import Foundation

/// Named arrays in NumPy's npz format, which `numpy.savez` and `numpy.savez_compressed` write: a zip archive of npy
/// files.
///
/// Reads both kinds; writes without compression.
public struct Npz: Hashable, Sendable {
  /// The arrays by name.
  public var tensors: [String: Tensor]
  /// NumPy's names for the types of the arrays, by array name; empty if nothing was read from a file.
  public internal(set) var types: [String: String] = [:]
  /// The arrays of the file that tensors cannot hold, by name; the others are read anyway.
  public internal(set) var unread: [String: UnreadTensor] = [:]

  /// Arrays to be written.
  public init(_ tensors: [String: Tensor]) { self.tensors = tensors }

  /// Reads a file, which is mapped into memory and must not be truncated meanwhile.
  public init(contentsOf path: String) throws(FileError) {
    try self.init(InputFile.bytes(path, expecting: "an npz file"), source: path)
  }

  /// Reads the bytes of a file, strictly: members must not overlap, and their checksums must hold.
  public init(bytes: [UInt8], source: String = "npz") throws(FileError) {
    try self.init(Data(bytes), source: source)
  }

  init(_ bytes: Data, source: String) throws(FileError) {
    var archive = ZipArchive(bytes, source: source)
    tensors = [:]
    let members = try archive.members()
    if members.contains(where: { $0.name.hasSuffix("data.pkl") }) { throw FileError(source, picklesAreNotRead) }
    for member in members {
      guard member.name.hasSuffix(".npy") else {
        throw FileError(source, "\(member.name) in the archive is no npy file")
      }
      let name = String(member.name.dropLast(4))
      guard tensors[name] == nil, unread[name] == nil else {
        throw FileError(source, "the name \"\(name)\" is there twice")
      }
      switch try Npy.read(archive.content(of: member), source: "\(source): \(name)") {
      case .tensor(let tensor, let type): (tensors[name], types[name]) = (tensor, type)
      case .unread(let array): unread[name] = array
      }
    }
  }

  /// Whether two files hold the same tensors, regardless of the types of numbers in their source files.
  public static func == (left: Npz, right: Npz) -> Bool {
    left.tensors == right.tensors && left.unread == right.unread
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(tensors) }

  /// The file's bytes: a function of only the tensors, in the order of their names.
  ///
  /// Throws if a name is longer than the format allows, there are more than 65,535 tensors or the file reaches 4 GiB.
  public func bytes() throws(FileError) -> [UInt8] {
    var writer = ZipWriter()
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      try writer.add(name + ".npy", Npy(tensor).bytes)
    }
    return writer.finish()
  }

  /// Writes all of the file or nothing.
  public func write(to path: String) throws(FileError) { try DiskStore().replace(path, with: bytes()) }
}
