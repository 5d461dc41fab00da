public import EbbFiles
public import EbbTensors
internal import Foundation

/// HDF5 files, as Keras, h5py and older versions of Keras write them: named arrays in groups, with attributes.
///
///     superblock         the version, where the file ends, where the root's header is
///     header             of each group and dataset: messages, such as a shape, a type, a layout, an attribute
///     group              names and the addresses of headers: a tree and a heap of names, or messages
///     dataset            its numbers in one piece, in pieces that can be compressed, or in the header
///
/// Reads superblocks 0 to 3 and both forms of headers and groups (HDF5 File Format Specification 3.0), floats of 16, 32
/// and 64 bits, bfloat16, integers of 1 to 8 bytes and truth values, in either order of bytes; pieces compressed with
/// gzip or lzf, with shuffle and fletcher32; datasets that can become longer. What was never written has the fill value.
/// A tensor's name is its path. The text, numbers and lists in attributes become
/// metadata, by `OBJECT/ATTRIBUTE`. A dataset of another kind is left out, with the reason. Writes superblock 2, one
/// contiguous dataset for each tensor, and the metadata as attributes.
public enum HDF5 {
  /// Reads the bytes of a file, strictly: each structure belongs to one object, all checksums must hold, and all data
  /// lie within the file.
  public static func read(_ bytes: [UInt8], source: String = "hdf5") throws(FileError) -> TensorFile.Contents {
    try read(Data(bytes), source: source)
  }

  static func read(_ bytes: Data, source: String) throws(FileError) -> TensorFile.Contents {
    var reader = try HDF5Reader(bytes, source: source)
    return try reader.contents()
  }

  /// A file's bytes: a function of only the tensors and the metadata.
  ///
  /// A name is a path: `a/b` is the dataset b in the group a. A string of the metadata is an attribute of the object
  /// before its last slash, or of the root if there is no such object.
  ///
  /// Throws if a name is no path, or is a tensor and the group of another one.
  public static func bytes(
    of tensors: [String: Tensor], metadata: [String: String] = [:], source: String = "hdf5"
  ) throws(FileError) -> [UInt8] {
    try HDF5Writer.bytes(of: HDF5Node(tensors, metadata: metadata, source: source), source: source)
  }
}
