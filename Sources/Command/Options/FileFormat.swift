/// The contents of a file, according to its extension.
enum FileFormat: String, Sendable, CaseIterable {
  case html, svg, dot, text, latex, swift, json, jsonLines, csv, safetensors, npz, npy, torch, hdf5, keras, onnx,
    stableHLO

  /// The first is the preferred one.
  var endings: [String] {
    switch self {
    case .html: ["html", "htm"]
    case .svg: ["svg"]
    case .dot: ["dot", "gv"]
    case .text: ["txt"]
    case .latex: ["tex"]
    case .swift: ["swift"]
    case .json: ["json"]
    case .jsonLines: ["jsonl", "ndjson"]
    case .csv: ["csv"]
    case .safetensors: ["safetensors"]
    case .npz: ["npz"]
    case .npy: ["npy"]
    case .torch: ["pt", "pth"]
    case .onnx: ["onnx"]
    case .stableHLO: ["mlir"]
    case .hdf5: ["h5"]
    case .keras: ["keras"]
    }
  }

  /// The format of a name's extension; nil without an extension, or with an unknown one.
  init?(ofName path: String) {
    guard let ending = Self.ending(of: path), let format = Self.allCases.first(where: { $0.endings.contains(ending) })
    else { return nil }
    self = format
  }

  /// Throws if a name implies another format than the one written: a page called `x.png` could not be opened.
  ///
  /// A name that implies none, such as `result` or `run.2`, is accepted.
  static func check(_ path: String, isOneOf formats: [FileFormat], _ label: String) throws(UsageError) {
    guard let ending = ending(of: path) else { return }
    let known = formats.flatMap(\.endings)
    guard !known.contains(ending), foreign.contains(ending) || FileFormat(ofName: path) != nil else { return }
    let possible = formats.flatMap(\.endings).map { "." + $0 }.joined(separator: ", ")
    throw UsageError("\(label) cannot write '\(path)': .\(ending) is not written here; possible is \(possible)")
  }

  /// The characters after the last dot of a file's name, in lower case.
  private static func ending(of path: String) -> String? {
    guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: "."), dot > name.startIndex else {
      return nil
    }
    return name[name.index(after: dot)...].lowercased()
  }

  /// Extensions of formats that no command writes.
  private static let foreign: Set<String> = [
    // Pictures, pages and tables.
    "png", "jpg", "jpeg", "gif", "webp", "bmp", "tif", "tiff", "ps", "eps", "pdf", "md", "rst", "doc", "docx",
    "odt", "rtf", "xls", "xlsx", "ods", "ppt", "pptx", "tsv", "xml", "yaml", "yml", "toml", "parquet", "ipynb",
    // Films, sounds and archives.
    "mp4", "webm", "avi", "mov", "wav", "mp3", "zip", "gz", "tar", "tgz", "bz2", "xz", "zst",
    // Models and arrays of others.
    "hdf5", "pb", "tflite", "pkl", "pickle", "mat", "gguf",
  ]
}
