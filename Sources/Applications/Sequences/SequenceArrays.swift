internal import EbbFiles
internal import EbbInterchange
internal import EbbTensors

/// Arrays of a file and what each is for, by name.
struct SequenceArrays {
  let source: String
  var input: (name: String, tensor: Tensor)
  var lengths: (name: String, tensor: Tensor)?
  var targets: (name: String, tensor: Tensor)?
  var others: [String] = []

  private static let inputNames = ["x", "X", "inputs", "input", "data", "sequences", "tokens"]
  private static let lengthNames = ["lengths", "length", "lens", "seq_lens", "seq_lengths", "sequence_lengths"]
  static let targetNames = ["targets", "target", "y", "Y", "labels", "label"]

  init(_ contents: TensorFile.Contents, source: String) throws(FileError) {
    self.source = source
    var tensors = contents.tensors
    if let (name, tensor) = contents.unread.min(by: { $0.key < $1.key }), tensors.isEmpty {
      throw FileError(source, "\(name): \(tensor.reason)")
    }
    func take(_ names: [String]) -> (name: String, tensor: Tensor)? {
      for name in names {
        if let tensor = tensors.removeValue(forKey: name) { return (name, tensor) }
      }
      return nil
    }
    if tensors.count == 1, let only = tensors.first {
      input = (only.key, only.value)
      return
    }
    guard let input = take(Self.inputNames) else {
      let list = tensors.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.dimensions)" }.joined(separator: ", ")
      throw FileError(
        source,
        "of several arrays one must be named x (or \(Self.inputNames.dropFirst(2).joined(separator: ", "))); "
          + "they are \(list.isEmpty ? "none" : list)")
    }
    self.input = input
    lengths = take(Self.lengthNames)
    targets = take(Self.targetNames)
    others = tensors.keys.sorted() + contents.unread.keys.sorted()
  }

  /// The array of targets in a file of its own: the one with such a name, or the only one.
  static func targets(
    _ contents: TensorFile.Contents, source: String
  ) throws(FileError) -> (name: String, tensor: Tensor) {
    for name in targetNames {
      if let tensor = contents.tensors[name] { return (name, tensor) }
    }
    guard contents.tensors.count == 1, let only = contents.tensors.first else {
      throw FileError(
        source,
        "of several arrays one must be named \(targetNames[0]); they are "
          + contents.tensors.keys.sorted().joined(separator: ", "))
    }
    return (only.key, only.value)
  }

  /// The lengths as numbers of steps.
  func stepCounts() throws(FileError) -> [Int]? {
    guard let lengths else { return nil }
    guard lengths.tensor.dimensions.count == 1 else {
      throw FileError(
        source,
        "\(lengths.name) has the dimensions \(lengths.tensor.dimensions); a length for each sequence is expected")
    }
    var counts: [Int] = []
    for (sample, number) in lengths.tensor.doubles.enumerated() {
      guard let count = Int(exactly: number), count >= 1 else {
        throw FileError(source, "\(lengths.name)[\(sample)] is \(number); a length is a whole number of at least 1")
      }
      counts.append(count)
    }
    return counts
  }
}

extension Tensor {
  /// The first two dimensions exchanged.
  func exchangingFirstTwo() -> Tensor {
    let inner = dimensions[2...].reduce(1, *)
    var places: [Int] = []
    places.reserveCapacity(count)
    for column in 0..<dimensions[1] {
      for row in 0..<dimensions[0] {
        let start = (row * dimensions[1] + column) * inner
        places += start..<start + inner
      }
    }
    let shape = [dimensions[1], dimensions[0]] + dimensions[2...]
    switch storage {
    case .float32(let values): return Tensor(shape, places.map { values[$0] })
    case .float64(let values): return Tensor(shape, places.map { values[$0] })
    case .int32(let values): return Tensor(shape, places.map { values[$0] })
    case .bool(let values): return Tensor(shape, places.map { values[$0] })
    }
  }

  /// The same numbers in other dimensions.
  func shaped(_ dimensions: [Int]) -> Tensor { Tensor(dimensions, storage) }

  /// Whole numbers as Int32; nil if a number is none.
  func wholeNumbers() -> Tensor? {
    if element == .int32 { return self }
    var numbers: [Int32] = []
    for value in doubles {
      guard let number = Int32(exactly: value) else { return nil }
      numbers.append(number)
    }
    return Tensor(dimensions, numbers)
  }
}
