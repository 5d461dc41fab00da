import EbbFiles
import EbbInterchange
import EbbTensors
import EbbTestSupport
import Testing

/// Pickles that call functions, lie about lengths or repeat themselves: each is an error that names what and where.
@Suite struct TorchHostileTests {
  private static let start = TorchPickle()

  private func problem(_ pickle: TorchPickle) -> String {
    message { _ = try TensorFile.contents(of: pickle.file, source: "f") }
  }

  @Test func whatIsSoundIsRead() throws {
    let read = try TensorFile.contents(of: Self.start.op("}").text("w").tensor().op("s").file, source: "f")
    #expect(read.tensors["w"]?.dimensions == [2, 3] && read.notes.isEmpty)
    let part = Self.start.op("}").text("w").adding(Self.part(2, 3, of: 6)).op("s")
    #expect(try TensorFile.contents(of: part.file, source: "f").tensors["w"] == Tensor([3], [2, 3, 4] as [Float]))
    // Python 2: a dict of pairs, texts as bytes.
    let old = Self.start.name("collections", "OrderedDict").op("(](U\u{1}w").tensor().op("tatR")
    #expect(try TensorFile.contents(of: old.file, source: "f").tensors == read.tensors)
  }

  // MARK: Calls

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("os", "popen"), ("subprocess", "Popen"),
    ("builtins", "eval"), ("__builtin__", "eval"), ("builtins", "exec"), ("builtins", "getattr"),
    ("builtins", "__import__"), ("builtins", "compile"), ("builtins", "open"), ("importlib", "import_module"),
    ("runpy", "run_path"), ("operator", "attrgetter"), ("_operator", "methodcaller"), ("pickle", "loads"),
    ("_pickle", "loads"), ("torch.serialization", "load"), ("torch.hub", "load"), ("torch.jit._script", "x"),
    ("types", "FunctionType"), ("webbrowser", "open"), ("sys", "exit"), ("shutil", "rmtree"), ("ctypes", "CDLL"),
    ("socket", "create_connection"), ("urllib.request", "urlopen"), ("numpy.testing._private.utils", "runstring"),
  ])
  func callsAreRefusedByName(_ module: String, _ name: String) {
    let whole = (module == "__builtin__" ? "builtins" : module) + "." + name
    let pickles = [
      Self.start.call(module, name, "ls"),
      Self.start.op("}").text("w").tensor().op("s").text("x").call(module, name).op("s"),
      Self.start.op("(").text("ls").op("i\(module)\n\(name)\n"),
      Self.start.op("(").name(module, name).text("ls").op("o"),
      Self.start.name(module, name).op("(").text("ls").op("t").raw(0x81),
      Self.start.name(module, name).op(")}").raw(0x92), Self.start.text(module).text(name).raw(0x93).op(")R"),
    ]
    for (index, pickle) in pickles.enumerated() {
      let found = problem(pickle)
      #expect(found.hasPrefix("f: the pickle, at byte ") && found.contains("it calls \(whole), "), "\(index): \(found)")
    }
  }

  @Test func chainsOfCallsAreRefused() {
    let getter = Self.start.name("builtins", "getattr").op("(").name("os", "path").text("sys").op("tR")
    #expect(problem(getter).contains("it calls builtins.getattr"))
    // What an unknown name would have made can be called: it stays opaque.
    let opaque = Self.start.name("a", "b").op(")R)R(").text("ls").op("tR")
    #expect(problem(opaque).contains("this is an object of a.b, and not the tensors of one"))
    let reference = Self.start.op("}").text("f").name("os", "system").op("s")
    #expect(problem(reference).contains("there is no tensor in it, but f (os.system)"))
    #expect(problem(Self.start.name("__torch__.Model", "x").op(")").raw(0x81)).contains("a program of TorchScript"))
  }

  // MARK: Structure

  @Test(arguments: [
    (start.op("0"), "the stack is empty"), (start, "the stack is empty"), (start.op("Na"), "the stack is empty"),
    (start.op("s"), "the stack is empty"), (start.op("R"), "the stack is empty"),
    (start.raw(0x86), "the stack is empty"),
    (start.op("b"), "the stack is empty"), (start.op("N(0"), "no error"), (start.op("N(R"), "the stack is empty"),
    (start.op("N(."), "the stack is empty"), (start.op("t"), "no mark"), (start.op("]e"), "no mark"),
    (start.op("o"), "no mark"), (start.op("(o"), "made of nothing"), (start.op("2"), "the stack is empty"),
    (start.op("h\u{5}"), "nothing was remembered as 5"), (start.op("j").number(1 << 31, 4), "remembered as 2147483648"),
    (start.op("g-1\n"), "no number"), (start.op("p12"), "a line does not end"), (start.raw(0x94), "the stack is empty"),
    (start.op("N)R"), "None is called, and is no name"), (start.op("cos\nsystem\nNR"), "os.system is called with None"),
    (start.op("]Ns"), "the stack is empty"), (start.op("]NNs"), "a list takes no items of this kind"),
    (start.op("}Na"), "a dict takes no items"), (start.op(")Na"), "a tuple takes no items"),
    (start.op("NNa"), "None takes no items"), (start.op("}(Nu"), "a dict's last key has no value"),
    (start.op("]Nb"), "the state of a list is set"), (start.op("NNb"), "the state of None is set"),
    (start.tensor().op("Nb"), "the state of a tensor is set"), (start.raw(0xFF), "begins with the byte 255"),
    (start.raw(0x82, 1), "a number of copyreg"), (start.op("P0\n"), "cannot name a storage"),
    (start.raw(0x97), "a buffer outside"), (start.raw(0x80, 6), "has protocol 6, and 5 is the last"),
    (start.op("Ix\n"), "other characters than digits"), (start.op("Fx\n"), "a number is none"),
    (start.op("S'a\n"), "has no quotes"), (start.op("Va\\u0041\n"), "has escapes"),
    (start.op("}").text("a").op("Ns").text("a").op("Ns"), "has the key \"a\" twice"),
    (
      start.op("}").text("a").op("}").text("b").op("K\u{1}ss").text("a.b").op("K\u{1}s"),
      "the name \"a.b\" is there twice"
    ),
    (start.op("]q\u{0}h\u{0}a"), "contains itself"), (start.op("}q\u{0}").text("a").op("h\u{0}s"), "contains itself"),
    (start.op("](h\u{0}t"), "nothing was remembered"), (start.op("]q\u{0}(h\u{0}ta"), "contains itself"),
  ])
  func structuresThatAreNoneAreErrors(_ pickle: TorchPickle, _ expected: String) {
    let found = problem(pickle)
    #expect(found.contains(expected), "\(found)")
  }

  // MARK: Lengths

  @Test(arguments: [
    start.raw(0x8B).number(0x7FFF_FFFF, 4), start.raw(0x8B).number(0xFFFF_FFFF, 4),
    start.op("X").number(0xFFFF_FFFF, 4),
    start.op("T").number(0xFFFF_FFFF, 4), start.op("B").number(0xFFFF_FFFF, 4), start.raw(0x8D).number(1 << 62, 8),
    start.raw(0x8D).number(-1, 8), start.raw(0x8E).number(Int.max, 8), start.raw(0x96).number(Int.min, 8),
    start.raw(0x95).number(1 << 62, 8), start.raw(0x95).number(-1, 8), start.raw(0x8A, 255), start.op("U").raw(255),
    start.op("C").raw(255), start.raw(0x8C, 255),
  ])
  func lengthsBeyondTheFileAreErrors(_ pickle: TorchPickle) {
    let found = problem(pickle)
    #expect(found.contains("bytes are said to follow, and "), "\(found)")
    #expect(found.hasPrefix("f: the pickle, at byte 23: "), "\(found)")
  }

  @Test func longNamesAreErrors() {
    let long = String(repeating: "a", count: 1_000_000)
    #expect(problem(Self.start.text(long).text("b").raw(0x93)).contains("a name has 1000000 characters"))
    #expect(problem(Self.start.name(long, "b")).contains("1000000 characters"))
    #expect(problem(Self.start.op("L" + long + "\n")).contains("1000000 characters"))
  }

  @Test func deepNestingIsAnError() {
    let deep = 100_000
    let lists = Self.start.op(String(repeating: "]", count: deep) + String(repeating: "a", count: deep - 1))
    #expect(problem(lists).contains("lies 64 levels deep"))
    var tuples = Self.start.op(")")
    tuples.bytes += [UInt8](repeating: 0x85, count: deep)
    #expect(problem(tuples).contains("lies 64 levels deep"))
    #expect(problem(Self.start.op(String(repeating: "(", count: deep))).contains("the stack is empty"))
  }

  /// Sixty tuples, each with the one before twice: 2⁶⁰ ways.
  @Test func repetitionsAreErrors() {
    var tuples = Self.start.tensor()
    for _ in 0..<60 { tuples = tuples.op("2").raw(0x86) }
    #expect(problem(tuples).contains("the pickle repeats its own parts so often"))
    // The same list, made a set again and again.
    var sets = Self.start.op("](" + String(repeating: "N", count: 10_000) + "eq\u{0}0")
    for _ in 0..<10_000 { sets.bytes += Self.start.name("builtins", "set").op("(h\u{0}tR0").bytes }
    #expect(problem(sets).contains("its calls copy more items than it has bytes"))
    // A long text, a hundred thousand times.
    var texts = Self.start.text(String(repeating: "t", count: 100_000)).op("q\u{0}0](")
    texts.bytes += [[UInt8]](repeating: Array("h\u{0}".utf8), count: 100_000).flatMap(\.self)
    #expect(problem(texts.op("e")).contains("repeats its own parts so often"))
    // A key of a million letters above a thousand numbers.
    var keys = Self.start.op("}").text(String(repeating: "k", count: 1_000_000)).op("}")
    for key in 0..<1000 { keys.bytes += Self.start.int(key).op("K\u{1}s").bytes }
    #expect(problem(keys.op("s")).contains("repeats its own parts so often"))
  }

  // MARK: Tensors

  /// A tensor of six numbers that are a part of a storage.
  private static func part(_ offset: Int, _ count: Int, of whole: Int) -> TorchPickle {
    func wide(_ value: Int) -> TorchPickle { TorchPickle().raw(0x8A, 8).number(value, 8) }
    let identity =
      start.name("torch._utils", "_rebuild_tensor").op("((").text("storage").name("torch", "FloatStorage")
      .text("0").text("cpu").bytes + wide(whole).bytes
    let view = start.op("(").text("0").bytes + wide(offset).bytes + wide(count).bytes
    return TorchPickle(bytes: identity + view, hasStorage: true).op("ttQ").int(0).ints([count]).ints([1]).op("tR")
  }

  /// An array of NumPy of this shape, whose bytes are so many.
  private static func array(_ shape: TorchPickle, _ type: String, _ count: Int) -> TorchPickle {
    let made = start.name("numpy.core.multiarray", "_reconstruct").op(")R(K\u{1}")
    let numpyType = start.name("numpy", "dtype").op("(").text(type).op("tR(K\u{3}").text("<").op("tb")
    return TorchPickle(bytes: made.bytes + shape.bytes + numpyType.bytes)
      .raw(0x89).op("B").number(count, 4).op(String(repeating: "\u{0}", count: count)).op("tb")
  }

  private static func call(_ function: String, _ arguments: TorchPickle) -> TorchPickle {
    TorchPickle(bytes: start.name("torch._utils", function).op("(").bytes + arguments.bytes).op("tR")
  }

  @Test(arguments: [
    (start.tensor([2, 4], [4, 1]), "ends at number 7 of a storage of 6"),
    (start.tensor(offset: 1), "ends at number 6 of a storage of 6"),
    (start.tensor(offset: -1), "begins at number -1"), (start.tensor([2, 3], [-3, 1]), "none is negative"),
    (start.tensor([-2, 3]), "a tensor has the shape [-2, 3]"),
    (start.tensor([2], [1, 1]), "1 dimensions has 2 strides"),
    (start.tensor([1 << 30, 1 << 30, 4], [0, 0, 0]), "is too large"),
    (start.tensor([1 << 30], [1 << 30]), "ends at number"), (start.tensor(count: -6), "is no number, or too large"),
    (start.tensor(count: 7), "is said to have 28 bytes, and has 24"),
    (start.tensor(count: 5), "ends at number 5 of a storage of 5"),
    (part(0, 6, of: 6), "no error"), (part(1, 6, of: 6), "storage 0 is not within it"),
    (part(Int.max / 2, 6, of: Int.max), "storage 0 is not within it"), (part(-1, 6, of: 6), "is not within it"),
    (part(6, 6, of: 12), "is said to have 48 bytes, and has 24"),
    (start.tensor([Int](repeating: 1, count: 65), [Int](repeating: 1, count: 65)), "at most 64 sizes and strides"),
    (start.op("NQ"), "is no storage"), (start.op("(").text("module").op("NNNNtQ"), "a whole module with its source"),
    (start.storage("NoStorage"), "torch.NoStorage is no class of storages"),
    (start.op("(").text("storage").op("NNNNtQ"), "a storage's class is no name"),
    (start.op("(").text("storage").name("torch", "FloatStorage").op("NNNtQ"), "a storage's key is no text"),
    (call("_rebuild_tensor_v2", start.op("NNNN")), "needs a storage, an offset"),
    (call("_rebuild_tensor_v2", start), "needs a storage, an offset"),
    (call("_rebuild_tensor_v3", start.storage().int(0).ints([6]).ints([1]).op("NNN")), "has no type"),
    (call("_rebuild_parameter", start.op("N")), "has no tensor"), (call("_rebuild_parameter", start), "has no tensor"),
    (start.name("torch._tensor", "_rebuild_from_type_v2").op("(NNNtR"), "has no function of tensors"),
    (
      start.name("torch._tensor", "_rebuild_from_type_v2").op("(").name("torch._tensor", "_rebuild_from_type_v2")
        .op("N)NtR"), "has no function of tensors"
    ),
    (start.name("torch", "Size").op("(NtR"), "a torch.Size is no tuple"),
    (start.name("collections", "OrderedDict").op("(](NtatR"), "a dict's item is no pair"),
    (start.name("collections", "OrderedDict").op("(NtR"), "a dict is made of None"),
    (start.name("builtins", "set").op("(NtR"), "a set is made of None"),
    (array(start.ints([3]), "f4", 8), "takes 12 bytes, not 8"), (array(start.ints([-2]), "f4", 8), "the shape [-2]"),
    (array(start.ints([1 << 30, 1 << 30, 1 << 30]), "f4", 8), "is too large"),
    (array(start.op("N"), "f4", 8), "this is an object of numpy.ndarray"),
    (array(start.ints([2]), "f4", 8).op("Nb"), "the state of an array is set"),
    (start.name("numpy.core.multiarray", "_reconstruct").op(")R"), "an array of NumPy without numbers"),
    (start.name("numpy.core.multiarray", "scalar").op(")R"), "this is an object of numpy.core.multiarray.scalar"),
    (start.name("_codecs", "encode").op("(").text("λ").op("tR"), "this is an object of _codecs.encode"),
  ])
  func tensorsThatAreNoneAreErrors(_ pickle: TorchPickle, _ expected: String) {
    let found = problem(pickle)
    #expect(found.contains(expected), "\(found)")
  }

  /// A stride of 0 repeats a number: as many as a file could hold are read, and 10¹² are not.
  @Test func repeatedNumbersAreBounded() throws {
    let few = Self.start.op("}").text("w").tensor([100, 2], [0, 1]).op("s")
    #expect(try TensorFile.contents(of: few.file, source: "f").tensors["w"]?.count == 200)
    let many = Self.start.op("}").text("w").tensor([1_000_000, 1_000_000], [0, 0]).op("s").text("v").tensor().op("s")
    let read = try TensorFile.contents(of: many.file, source: "f")
    #expect(read.tensors.keys.sorted() == ["v"])
    #expect(read.unread["w"]?.reason.hasPrefix("its 1000000000000 numbers repeat those of the file too often") == true)
  }

  @Test func streamsThatAreNoneAreErrors() {
    let good = Self.start.op("}").text("w").tensor().op("s").file
    func found(_ bytes: [UInt8]) -> String { message { _ = try TensorFile.contents(of: bytes, source: "f") } }
    #expect(found(good) == "no error")
    #expect(found(good + [0]).contains("1 bytes at the end belong to no storage"))
    #expect(found(Array(good.dropLast())).contains("storage 0, at byte \(good.count - 32), is cut off"))
    var other = good
    other[18] = 4
    #expect(found(other).contains("the version of the file is none that is known here"))
    other = good
    other[5] = 0
    #expect(found(other).contains("this is a pickle, and not one of torch.save"))
    // The length of the storage.
    for (place, value) in [(31, 0x7F), (25, 1), (32, 5)] as [(Int, UInt8)] {
      other = good
      other[good.count - place] = value
      #expect(found(other).contains("f: "), "\(place)")
    }
  }
}
