internal import EbbFiles
internal import EbbMarkup
internal import EbbTensors

/// A group or a dataset to be written, with its attributes.
struct HDF5Node {
  /// The numbers of a dataset; nil for a group.
  var tensor: Tensor?
  var members: [String: HDF5Node] = [:]
  var attributes: [String: Attribute] = [:]

  struct Attribute {
    var texts: [String]
    /// Whether it is a list of texts.
    var isList = false

    /// The lists that older versions of Keras read are in JSON, as `["lstm","dense"]`; everything else is a text.
    init(_ name: String, _ text: String) {
      let isKnown = name == "layer_names" || name == "weight_names"
      if isKnown, let list = (try? JSONValue(parsing: text))?.array, list.allSatisfy({ $0.string != nil }) {
        (texts, isList) = (list.compactMap(\.string), true)
      } else {
        texts = [text]
      }
    }
  }

  /// More groups within one another than any model has.
  static let maximumDepth = 64

  /// The tree of tensors by their paths. A string is an attribute of the object before its last slash if there is one,
  /// else of the root. The names of Keras's layers, `GROUP/vars/name`, make their groups, as in Keras's own files.
  init(_ tensors: [String: Tensor], metadata: [String: String], source: String) throws(FileError) {
    for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      let path = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard path.count <= Self.maximumDepth, path.allSatisfy({ !$0.isEmpty && $0 != "." && !$0.contains("\0") }) else {
        throw FileError(
          source, "\"\(name)\" is no path in an HDF5 file: at most \(Self.maximumDepth) names, joined by slashes")
      }
      guard insert(tensor, path[...]) else {
        throw FileError(source, "\"\(name)\" cannot be a tensor and the group of another one in an HDF5 file")
      }
    }
    for (name, text) in metadata {
      let path = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      if !setAttribute(path[...], text, makesGroups: name.hasSuffix("vars/name")) {
        attributes[name] = Attribute(name, text)
      }
    }
  }

  private init() {}

  private mutating func insert(_ tensor: Tensor, _ path: ArraySlice<String>) -> Bool {
    guard let first = path.first, self.tensor == nil else { return false }
    if path.count == 1 {
      var node = HDF5Node()
      node.tensor = tensor
      return members.updateValue(node, forKey: first) == nil
    }
    return members[first, default: HDF5Node()].insert(tensor, path.dropFirst())
  }

  private mutating func setAttribute(_ path: ArraySlice<String>, _ text: String, makesGroups: Bool) -> Bool {
    guard path.count <= Self.maximumDepth, let first = path.first, !first.isEmpty else { return false }
    if makesGroups, path.count > 1, tensor == nil, members[first] == nil { members[first] = HDF5Node() }
    if path.count == 1 {
      attributes[first] = Attribute(first, text)
      return true
    }
    return members[first]?.setAttribute(path.dropFirst(), text, makesGroups: makesGroups) ?? false
  }
}
