public import EbbFiles
public import EbbTensors
internal import Foundation

/// Named tensors in a file of any supported format, recognised by the file's bytes.
public enum TensorFile {
  /// The formats, by file extension.
  public enum Format: String, Sendable, CaseIterable {
    /// Hugging Face's safetensors, NumPy's archive and NumPy's single array.
    case safetensors, npz, npy
    /// PyTorch's state dicts, by either name.
    case pt, pth
    /// HDF5, which Keras calls `.weights.h5`, and Keras's archive of a whole model.
    case h5, keras
  }

  /// The contents of a file of any format: those of a safetensors file. The numbers and texts of a checkpoint of PyTorch,
  /// the architecture of a model of Keras and the attributes of ONNX's layers are metadata; files of NumPy have none.
  public typealias Contents = Safetensors

  /// The tensors of a file; the tensor of an npy file has the file's name without extension. Tensors of unsupported
  /// types are left out; `contents` names them.
  public static func read(_ path: String) throws(FileError) -> [String: Tensor] {
    let contents = try contents(of: path)
    // The only tensor of its file.
    if contents.tensors.isEmpty, let (name, tensor) = contents.unread.first, contents.unread.count == 1 {
      throw FileError(path, "\(name): \(tensor.reason)")
    }
    return contents.tensors
  }

  /// The tensors of a file with further information.
  public static func contents(of path: String) throws(FileError) -> Contents {
    try contents(
      InputFile.bytes(path, expecting: "a safetensors, npz, npy, pt, h5, keras or onnx file"), source: path,
      folder: ONNXFolder(ofFile: path))
  }

  /// The tensors of a file's bytes, with further information.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - source: Its name, for messages; a tensor without a name has its last part without the ending.
  public static func contents(of bytes: [UInt8], source: String) throws(FileError) -> Contents {
    try contents(Data(bytes), source: source, folder: nil)
  }

  private static func contents(
    _ bytes: Data, source path: String, folder: ONNXFolder?
  ) throws(FileError) -> Contents {
    if bytes.starts(with: Npy.magic) {
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      var contents = Contents([:])
      contents.add(try Npy.read(bytes, source: path), named: name)
      return contents
    }
    // A zip archive: the first local header, or the end of one without members.
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
      let archive = ZipArchive(bytes, source: path)
      let members = try archive.members()
      if TorchArchive.holds(members) {
        return try TorchFile.read(archive, members, byteCount: bytes.count, path: path)
      }
      if let model = try KerasFile.read(archive, members, source: path) { return model }
      return try Npz.read(archive, members, source: path)
    }
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) { return try KerasFile.hdf5(bytes, source: path) }
    if TorchStream.begins(bytes) { return try TorchFile.read(bytes, path: path) }
    // A model of ONNX begins with no mark.
    if path.hasSuffix(".onnx") || ONNXFile.holds(bytes) {
      return try ONNXFile.read(bytes, path: path, folder: folder)
    }
    return try Safetensors(bytes, source: path)
  }

  /// Writes the tensors in the format of the path's extension, all of the file or nothing.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name; exactly one for an npy file.
  ///   - metadata: Further strings for a safetensors or an HDF5 file; the other formats have no place for them.
  ///   - path: A path ending in `.safetensors`, `.npz`, `.npy`, `.pt`, `.pth`, `.h5` or `.keras`. In a `.weights.h5` file,
  ///     tensors with the names of Keras's layers are where `model.load_weights` looks for them:
  ///     `layers/lstm/cell/vars/0` for `lstm/lstm_cell/kernel`. In an `.h5` file they keep their names, and attributes
  ///     list them for Keras. A `.keras` file is a model that `keras.saving.load_model` opens, of layers one after the
  ///     other, or the one that was read; tensors that are no such model are an error. The string `return_sequences` of
  ///     the metadata is that setting of the last recurrent layer, by default `true`.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String
  ) throws(FileError) {
    let ending = URL(fileURLWithPath: path).pathExtension
    guard tensors["__metadata__"] == nil else {
      throw FileError(path, "a tensor is named __metadata__, which is the place of a safetensors file's strings")
    }
    switch Format(rawValue: ending) {
    case .safetensors: try Safetensors(tensors, metadata: metadata).write(to: path)
    case .npz: try DiskStore().replace(path, with: Npz.bytes(of: tensors))
    case .npy:
      guard tensors.count == 1, let tensor = tensors.values.first else {
        throw FileError(path, "an npy file holds one tensor, not \(tensors.count)")
      }
      try Npy(tensor).write(to: path)
    case .pt, .pth: try DiskStore().replace(path, with: TorchWriter.bytes(of: tensors))
    case .h5: try DiskStore().replace(path, with: KerasFile.bytes(of: tensors, metadata: metadata, path: path))
    case .keras: try DiskStore().replace(path, with: KerasFile.archive(of: tensors, metadata: metadata, path: path))
    case nil:
      let known = Format.allCases.map { "." + $0.rawValue }.joined(separator: ", ")
      throw FileError(path, "the name must end in one of \(known)")
    }
  }
}
