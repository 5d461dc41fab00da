/// A value of a pickle. Texts and bytes are ranges of the pickle's bytes, and containers are places in a list of objects:
/// a value is small whatever a file claims, and no chain of values is deep.
enum PickleValue {
  case none
  case truth(Bool)
  case integer(Int)
  case number(Double)
  /// Valid UTF-8.
  case text(Range<Int>)
  case bytes(Range<Int>)
  /// An integer beyond Int, little-endian in two's complement.
  case long(Range<Int>)
  case object(Int)
}

/// What a pickle makes and can refer to again.
struct PickleObject {
  enum Kind {
    case list, tuple, set
    /// Its items are keys and values in turn.
    case dict
    /// What a module calls by this name: `torch.FloatStorage`.
    case name(String)
    case storage(TorchStorage)
    case tensor(TorchTensor)
    case unread(UnreadTensor)
    /// NumPy's, before its state is set and after.
    case array(PickledArray?)
    case numpyType(String)
    /// Bytes that a call makes of a text.
    case data([UInt8])
    /// What this name would have made, had it been called.
    case foreign(String)
  }

  var kind: Kind
  var items: [PickleValue] = []
  /// The byte of the instruction that made it.
  var position: Int
}

/// The values of a pickle.
struct PickleValues {
  let bytes: [UInt8]
  var objects: [PickleObject] = []

  func text(_ value: PickleValue) -> String? {
    guard case .text(let range) = value else { return nil }
    return String(decoding: bytes[range], as: UTF8.self)
  }

  func integer(_ value: PickleValue) -> Int? {
    guard case .integer(let number) = value else { return nil }
    return number
  }

  func object(_ value: PickleValue) -> PickleObject? {
    guard case .object(let place) = value else { return nil }
    return objects[place]
  }

  /// The items of a tuple.
  func tuple(_ value: PickleValue) -> [PickleValue]? {
    guard let object = object(value), case .tuple = object.kind else { return nil }
    return object.items
  }

  func name(_ value: PickleValue) -> String? {
    guard case .name(let name)? = object(value)?.kind else { return nil }
    return name
  }

  /// What kind of value it is, for messages.
  func described(_ value: PickleValue) -> String {
    switch value {
    case .none: "None"
    case .truth: "a truth value"
    case .integer, .long: "an integer"
    case .number: "a number"
    case .text: "a text"
    case .bytes: "bytes"
    case .object(let place):
      switch objects[place].kind {
      case .list: "a list"
      case .tuple: "a tuple"
      case .set: "a set"
      case .dict: "a dict"
      case .name(let name): name
      case .storage: "a storage"
      case .tensor, .unread: "a tensor"
      case .array: "an array"
      case .numpyType: "a type of NumPy"
      case .data: "bytes"
      case .foreign(let name): "an object of \(name)"
      }
    }
  }
}
