/// What is in a file, as the ending of its name says it.
enum FileFormat: String, Sendable, CaseIterable {
  case html, svg, dot, text, json, jsonLines, csv, safetensors, npz, npy

  /// The first is the one to propose.
  var endings: [String] {
    switch self {
    case .html: ["html", "htm"]
    case .svg: ["svg"]
    case .dot: ["dot", "gv"]
    case .text: ["txt"]
    case .json: ["json"]
    case .jsonLines: ["jsonl", "ndjson"]
    case .csv: ["csv"]
    case .safetensors: ["safetensors"]
    case .npz: ["npz"]
    case .npy: ["npy"]
    }
  }

  /// The format that a name's ending says; nil for one without an ending, or with one that says nothing.
  init?(ofName path: String) {
    guard let ending = Self.ending(of: path), let format = Self.allCases.first(where: { $0.endings.contains(ending) })
    else { return nil }
    self = format
  }

  /// Throws where a name says that something is in the file that is not written: a page called `x.png` would open nowhere.
  ///
  /// A name that says nothing, such as `result` or `run.2`, takes what is written.
  static func check(_ path: String, isOneOf formats: [FileFormat], _ label: String) throws(UsageError) {
    guard let ending = ending(of: path) else { return }
    let known = formats.flatMap(\.endings)
    guard !known.contains(ending), foreign.contains(ending) || FileFormat(ofName: path) != nil else { return }
    let possible = formats.flatMap(\.endings).map { "." + $0 }.joined(separator: ", ")
    throw UsageError("\(label) cannot write '\(path)': .\(ending) is not written here; possible is \(possible)")
  }

  /// The letters after the last dot of a file's name, in small letters.
  private static func ending(of path: String) -> String? {
    guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: "."), dot > name.startIndex else {
      return nil
    }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Endings that say of a file what no command writes.
  private static let foreign: Set<String> = [
    // Pictures, pages and tables.
    "png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "ps", "eps", "pdf", "tex", "md", "rst", "doc", "docx",
    "odt", "rtf", "xls", "xlsx", "ods", "ppt", "pptx", "tsv", "xml", "yaml", "yml", "toml", "parquet", "ipynb",
    // Films, sounds and archives.
    "mp4", "webm", "avi", "mov", "wav", "mp3", "zip", "gz", "tar", "tgz", "bz2", "xz", "zst",
    // Models and arrays of others.
    "pt", "pth", "onnx", "h5", "hdf5", "keras", "pb", "tflite", "pkl", "pickle", "mat", "gguf",
  ]
}
