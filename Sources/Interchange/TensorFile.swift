public import EbbFiles
public import EbbTensors
internal import Foundation

/// Named tensors in a file of any supported format, recognised by the file's first bytes.
public enum TensorFile {
  /// The formats, by file extension.
  public enum Format: String, Sendable, CaseIterable {
    /// Hugging Face's safetensors, NumPy's archive and single array, and HDF5, which Keras calls `.weights.h5`.
    case safetensors, npz, npy, h5
  }

  /// The contents of a file of any format: those of a safetensors file. NumPy's files have no metadata.
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
    let bytes = try InputFile.bytes(path, expecting: "a safetensors, npz, npy, HDF5 or Keras file")
    if bytes.starts(with: Npy.magic) {
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      var contents = Contents([:])
      contents.add(try Npy.read(bytes, source: path), named: name)
      return contents
    }
    // A zip archive: the first local header, or the end of one without members.
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
      if let model = try KerasFile.archive(bytes, source: path) { return model }
      return try Npz.read(bytes, source: path)
    }
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) { return try KerasFile.hdf5(bytes, source: path) }
    // Protocol 2 of Python's pickle, which PyTorch wrote before version 1.6.
    if bytes.starts(with: [0x80, 2]) { throw FileError(path, picklesAreNotRead) }
    return try Safetensors(bytes, source: path)
  }

  /// Writes the tensors in the format of the path's extension, all of the file or nothing.
  ///
  /// - Parameters:
  ///   - tensors: The tensors by name; exactly one for an npy file.
  ///   - metadata: Further strings for a safetensors or an HDF5 file; the other formats have no place for them.
  ///   - path: A path ending in `.safetensors`, `.npz`, `.npy` or `.h5`. In a `.weights.h5` file, tensors with the names
  ///     of Keras's layers are where `model.load_weights` looks for them: `layers/lstm/cell/vars/0` for
  ///     `lstm/lstm_cell/kernel`. In an `.h5` file they keep their names, and attributes list them for Keras.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String
  ) throws(FileError) {
    let ending = URL(fileURLWithPath: path).pathExtension
    switch Format(rawValue: ending) {
    case .safetensors: try Safetensors(tensors, metadata: metadata).write(to: path)
    case .npz: try DiskStore().replace(path, with: Npz.bytes(of: tensors))
    case .npy:
      guard tensors.count == 1, let tensor = tensors.values.first else {
        throw FileError(path, "an npy file holds one tensor, not \(tensors.count)")
      }
      try Npy(tensor).write(to: path)
    case .h5: try DiskStore().replace(path, with: KerasFile.bytes(of: tensors, metadata: metadata, path: path))
    case nil:
      let known = Format.allCases.map { "." + $0.rawValue }.joined(separator: ", ")
      throw FileError(path, "the name must end in one of \(known)")
    }
  }
}

/// Reading a pickle can run arbitrary code.
let picklesAreNotRead = """
  this is a pickle of PyTorch, which is not read here, since a pickle is a program; convert it: \
  python -c "import torch; from safetensors.torch import save_file; \
  save_file({k: v.contiguous() for k, v in torch.load('model.pt', weights_only=True).items()}, 'model.safetensors')"
  """
