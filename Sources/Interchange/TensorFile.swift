public import EbbTensors
internal import Foundation

/// Named tensors in a file of any format that is read here, told by the file's first bytes.
public enum TensorFile {
  /// The formats, by the endings of their names.
  public enum Format: String, Sendable, CaseIterable {
    case safetensors, npz, npy
  }

  /// The tensors of a file; that of an npy file has the file's name without its ending.
  public static func read(_ path: String) throws(InterchangeError) -> [String: Tensor] {
    let bytes = try InputFile.bytes(path, expecting: "a safetensors, npz or npy file")
    if bytes.starts(with: Npy.magic) {
      let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
      return [name: try Npy(bytes, source: path).tensor]
    }
    // A zip archive: the first local header, or the end of one without members.
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) {
      return try Npz(bytes, source: path).tensors
    }
    if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) { throw InterchangeError(path, hdf5IsNotRead) }
    // Protocol 2 of Python's pickle, which PyTorch wrote before version 1.6.
    if bytes.starts(with: [0x80, 2]) { throw InterchangeError(path, picklesAreNotRead) }
    return try Safetensors(bytes, source: path).tensors
  }

  /// Writes the tensors in the format that the path's ending names, all of the file or nothing.
  public static func write(_ tensors: [String: Tensor], to path: String) throws(InterchangeError) {
    let ending = URL(fileURLWithPath: path).pathExtension
    switch Format(rawValue: ending) {
    case .safetensors: try Safetensors(tensors).write(to: path)
    case .npz: try Npz(tensors).write(to: path)
    case .npy:
      guard tensors.count == 1, let tensor = tensors.values.first else {
        throw InterchangeError(path, "an npy file holds one tensor, not \(tensors.count)")
      }
      try Npy(tensor).write(to: path)
    case nil:
      let known = Format.allCases.map { "." + $0.rawValue }.joined(separator: ", ")
      throw InterchangeError(path, "the name must end in one of \(known)")
    }
  }
}

/// Pickles can run any code when they are read.
let picklesAreNotRead = """
  this is a pickle of PyTorch, which is not read here, since a pickle is a program; convert it: \
  python -c "import torch; from safetensors.torch import save_file; \
  save_file({k: v.contiguous() for k, v in torch.load('model.pt', weights_only=True).items()}, 'model.safetensors')"
  """

let hdf5IsNotRead = """
  this is an HDF5 file, which is not read here; convert a Keras model: \
  python -c "import keras, numpy; model = keras.saving.load_model('model.keras'); \
  numpy.savez('model.npz', **{w.path: w.numpy() for w in model.weights})"
  """
