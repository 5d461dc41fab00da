internal import EbbFiles

// What the names of a pickle mean. Nothing is called: the known names stand for tensors and containers, which are made
// here from the arguments.

extension PickleReader {
  /// What a call of this value would give.
  mutating func call(_ callee: PickleValue, _ arguments: [PickleValue]) throws(FileError) -> PickleValue {
    // What an opaque object would have returned is as opaque.
    if case .foreign(let name)? = values.object(callee)?.kind { return try object(.foreign(name)) }
    guard let name = values.name(callee) else { throw failure("\(values.described(callee)) is called, and is no name") }
    if let function = NumPyFunction(name: name) {
      if let made = try made(function, arguments) { return made }
      return try object(.foreign(name))
    }
    if let rebuild = TorchFunction(rawValue: name) { return try rebuilt(rebuild, arguments) }
    switch name {
    case "collections.OrderedDict": return try dict(arguments.first)
    // The first argument makes missing values.
    case "collections.defaultdict": return try dict(arguments.dropFirst().first)
    case "collections.Counter": return try dict(arguments.first)
    case "builtins.set", "builtins.frozenset": return try object(.set, items(arguments.first))
    case "torch.Size":
      guard let sizes = arguments.first, values.tuple(sizes) != nil else { throw failure("a torch.Size is no tuple") }
      return sizes
    // `cpu` and `torch.strided`.
    case "torch.device", "torch.serialization._get_layout": return arguments.first ?? .none
    // Lists of one type in a program of TorchScript.
    case "torch.jit._pickle.build_intlist", "torch.jit._pickle.build_tensorlist",
      "torch.jit._pickle.build_doublelist", "torch.jit._pickle.build_boollist",
      "torch.jit._pickle.restore_type_tag":
      return arguments.first ?? .none
    case _: break
    }
    guard !Self.acts(name) else {
      throw failure("it calls \(name), which is no data; the call was not made, and the file is not read")
    }
    return try object(.foreign(name))
  }

  /// Sets the state of an object: the numbers of an array of NumPy. The attributes of a dict, such as `_metadata`, are no
  /// items of it, and not used.
  mutating func setState(_ state: PickleValue, of value: PickleValue) throws(FileError) {
    guard case .object(let place) = value else {
      throw failure("the state of \(values.described(value)) is set, which has none")
    }
    switch values.objects[place].kind {
    case .foreign(let name):
      if name.hasPrefix(Self.scripted), let module = try module(of: state) { values.objects[place] = module }
    case .dict: break
    case .numpyType(let name): values.objects[place].kind = .numpyType(numpyType(name, state: state))
    case .array(nil):
      let array = try array(state: state)
      values.objects[place].kind = array.map { .array($0) } ?? .foreign("numpy.ndarray")
    case .list, .tuple, .set, .name, .storage, .tensor, .unread, .array, .data:
      throw failure("the state of \(values.described(value)) is set, which has none")
    }
  }

  /// The storage of a persistent identity: ('storage', torch.FloatStorage, key, location, count), and in files of before
  /// 1.6 the part of the storage that it is, or None.
  mutating func storage(_ identity: PickleValue) throws(FileError) -> PickleValue {
    guard let parts = values.tuple(identity), parts.count >= 5, values.text(parts[0]) == "storage" else {
      let kind = values.tuple(identity)?.first.flatMap { values.text($0) }
      if kind == "module" { throw failure("it holds a whole module with its source. " + Self.advice) }
      throw failure("what lies outside of the pickle is no storage")
    }
    guard let name = values.name(parts[1]) else { throw failure("a storage's class is no name") }
    let type = TorchType(storage: name)
    guard type != nil || Self.untypedStorages.contains(name) else {
      throw failure("\(name) is no class of storages that is known here")
    }
    guard case .text(let range) = parts[2], range.count <= Self.maximumName, let key = values.text(parts[2]) else {
      throw failure("a storage's key is no text of at most \(Self.maximumName) characters")
    }
    var storage = TorchStorage(key: key, type: type, count: 0)
    // The part: its key, where it begins, its length.
    let part = parts.count > 5 ? values.tuple(parts[5]) : nil
    guard let count = values.integer(part.flatMap { $0.count == 3 ? $0[2] : nil } ?? parts[4]), count >= 0,
      count <= Self.largestStorage
    else { throw failure("the length of storage \(key) is no number, or too large") }
    storage.count = count
    if let part {
      guard part.count == 3, let start = values.integer(part[1]), let whole = values.integer(parts[4]),
        whole <= Self.largestStorage, start >= 0,
        start <= whole, count <= whole - start
      else { throw failure("a part of storage \(key) is not within it") }
      (storage.start, storage.isPart) = (start, true)
    }
    return try object(.storage(storage))
  }

  /// More numbers than any storage has; their bytes can be counted.
  private static let largestStorage = Int.max / 32

  private static let untypedStorages: Set<String> = [
    "torch.storage.UntypedStorage", "torch.UntypedStorage", "torch.storage._UntypedStorage",
  ]

  // MARK: Modules of TorchScript

  /// What the names of a program's own classes begin with.
  static let scripted = "__torch__."

  /// The parameters and modules of a module of TorchScript, by their names; nil if its state is something else, such as
  /// the packed numbers of a quantised layer. Lists, numbers and texts under names with an underscore are PyTorch's own: lists
  /// of the same weights.
  private mutating func module(of state: PickleValue) throws(FileError) -> PickleObject? {
    guard let attributes = values.object(state), case .dict = attributes.kind else { return nil }
    try charge(attributes.items.count)
    var module = attributes
    module.items = []
    for place in stride(from: 0, to: attributes.items.count - 1, by: 2) {
      let isOwn: Bool =
        switch values.object(attributes.items[place + 1])?.kind {
        case .list?, .tuple?, .set?, nil: values.text(attributes.items[place])?.hasPrefix("_") == true
        case .dict?, .name?, .storage?, .tensor?, .unread?, .array?, .numpyType?, .data?, .foreign?: false
        }
      if !isOwn { module.items += attributes.items[place...place + 1] }
    }
    return module
  }

  // MARK: Containers

  /// A dict from nothing, from another dict, or from a list of pairs, as Python 2 writes it.
  private mutating func dict(_ source: PickleValue?) throws(FileError) -> PickleValue {
    guard let source else { return try object(.dict) }
    guard let given = values.object(source) else { throw failure("a dict is made of \(values.described(source))") }
    switch given.kind {
    case .dict:
      try charge(given.items.count)
      return try object(.dict, given.items)
    case .list, .tuple:
      try charge(2 * given.items.count)
      var items: [PickleValue] = []
      for pair in given.items {
        guard let object = values.object(pair), object.items.count == 2 else {
          throw failure("a dict's item is no pair")
        }
        items += object.items
      }
      return try object(.dict, items)
    case .set, .name, .storage, .tensor, .unread, .array, .numpyType, .data, .foreign:
      throw failure("a dict is made of \(values.described(source))")
    }
  }

  private mutating func items(_ source: PickleValue?) throws(FileError) -> [PickleValue] {
    guard let source else { return [] }
    guard let given = values.object(source) else { throw failure("a set is made of \(values.described(source))") }
    switch given.kind {
    case .list, .tuple, .set:
      try charge(given.items.count)
      return given.items
    case .dict, .name, .storage, .tensor, .unread, .array, .numpyType, .data, .foreign:
      throw failure("a set is made of \(values.described(source))")
    }
  }

  // MARK: What is refused

  /// Whether a name belongs to a module that acts on the machine or runs code. Since nothing is called, this protects
  /// nobody here: it is a warning about a file that other programs would run.
  private static func acts(_ name: String) -> Bool {
    if harmless.contains(name) { return false }
    let parts = name.split(separator: ".")
    return (1...max(1, parts.count - 1)).contains { acting.contains(parts.prefix($0).joined(separator: ".")) }
  }

  private static let harmless: Set<String> = Set(
    [
      "complex", "bytearray", "bytes", "slice", "range", "object", "dict", "list", "tuple", "int", "float", "str",
      "bool",
    ]
    .map { "builtins." + $0 } + ["types.SimpleNamespace"])

  private static let acting: Set<String> = [
    "builtins", "os", "posix", "nt", "posixpath", "sys", "subprocess", "_posixsubprocess", "commands", "popen2", "pty",
    "platform", "shutil", "socket", "ctypes", "_ctypes", "importlib", "imp", "runpy", "pkgutil", "pickle", "_pickle",
    "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "code", "codeop", "types", "operator", "_operator",
    "inspect", "gc", "timeit", "trace", "pdb", "bdb", "profile", "cProfile", "doctest", "asyncio", "multiprocessing",
    "threading", "_thread", "signal", "tempfile", "webbrowser", "http", "urllib", "urllib2", "ftplib", "smtplib",
    "requests", "pip", "ssl", "io", "linecache", "torch.hub", "torch.serialization", "torch.jit", "torch.ops",
    "torch.utils.cpp_extension", "numpy.testing", "numpy.f2py", "numpy.distutils",
  ]

  /// What to save instead of an object.
  static let advice = "Save the numbers alone: torch.save(model.state_dict(), 'model.pt')"

  /// A name as Python 3 has it.
  static func name(_ module: String, _ name: String) -> String {
    let modules = ["__builtin__": "builtins", "copy_reg": "copyreg", "exceptions": "builtins"]
    return (modules[module] ?? module) + "." + name
  }
}
