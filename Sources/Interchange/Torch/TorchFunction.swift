internal import EbbFiles

/// The functions of PyTorch by which a pickle makes tensors, with the arguments that are used here.
enum TorchFunction: String {
  /// (storage, offset, sizes, strides)
  case tensor = "torch._utils._rebuild_tensor"
  /// (storage, offset, sizes, strides, needs a gradient, hooks, and possibly what is pending for the numbers)
  case tensor2 = "torch._utils._rebuild_tensor_v2"
  /// (storage, offset, sizes, strides, needs a gradient, hooks, type, and possibly what is pending)
  case tensor3 = "torch._utils._rebuild_tensor_v3"
  /// (tensor, …)
  case parameter = "torch._utils._rebuild_parameter"
  case parameterWithState = "torch._utils._rebuild_parameter_with_state"
  case parameterClass = "torch.nn.parameter.Parameter"
  case bufferClass = "torch.nn.parameter.Buffer"
  case fromCPU = "torch._utils._rebuild_device_tensor_from_cpu_tensor"
  /// (function, class, its arguments, state): a tensor with attributes
  case ofClass = "torch._tensor._rebuild_from_type_v2"
  /// (function, class, its arguments, state), before 1.12
  case ofClassBefore = "torch._tensor._rebuild_from_type"
  /// (storage, offset, sizes, strides, …)
  case quantized = "torch._utils._rebuild_qtensor"
  /// (layout, (indices, values, sizes, …))
  case sparse = "torch._utils._rebuild_sparse_tensor"
  /// (type, sizes, strides, needs a gradient)
  case meta = "torch._utils._rebuild_meta_tensor_no_storage"
  case nested = "torch._utils._rebuild_nested_tensor"
  case wrapper = "torch._utils._rebuild_wrapper_subclass"
  case fromNumPy = "torch._utils._rebuild_device_tensor_from_numpy"
}

extension PickleReader {
  /// The tensor that a call would give.
  mutating func rebuilt(_ function: TorchFunction, _ arguments: [PickleValue]) throws(FileError) -> PickleValue {
    switch function {
    case .tensor, .tensor2, .tensor3: return try view(function, arguments)
    case .parameter, .parameterWithState, .parameterClass, .bufferClass, .fromCPU:
      guard let tensor = arguments.first, isTensor(tensor) else { throw failure("\(function.rawValue) has no tensor") }
      return tensor
    case .ofClass, .ofClassBefore:
      guard arguments.count >= 3, let name = values.name(arguments[0]), let inner = TorchFunction(rawValue: name),
        inner != .ofClass, inner != .ofClassBefore, let others = values.tuple(arguments[2])
      else { throw failure("\(function.rawValue) has no function of tensors") }
      return try rebuilt(inner, others)
    case .quantized:
      let whole = try view(.tensor, arguments)
      guard case .tensor(let tensor)? = values.object(whole)?.kind else { return whole }
      return try unread(tensor.type.rawValue, tensor.sizes, "a quantized tensor, which is not read; save .dequantize()")
    case .sparse:
      let data = arguments.count > 1 ? values.tuple(arguments[1]) : nil
      // In the compressed layouts there is one more before the values.
      let sizes = data?.compactMap({ self.sizes($0) }).first ?? []
      return try unread("sparse", sizes, "a sparse tensor, which is not read; save .to_dense()")
    case .meta:
      let type = arguments.first.flatMap { values.name($0) } ?? "meta"
      let sizes = arguments.dropFirst().first.flatMap { self.sizes($0) } ?? []
      return try unread(Self.typeName(type), sizes, "a tensor on the device meta, which has no numbers")
    case .nested: return try unread("nested", [], "a nested tensor, which is not read; save its parts")
    case .wrapper: return try unread("subclass", [], "a tensor of a class of its own, which is not read")
    case .fromNumPy:
      return try unread("numpy", [], "numbers of a device in NumPy's form, which is not read; save .cpu()")
    }
  }

  /// A view of a storage.
  private mutating func view(
    _ function: TorchFunction, _ arguments: [PickleValue]
  ) throws(FileError) -> PickleValue {
    guard arguments.count >= 4, case .storage(let storage)? = values.object(arguments[0])?.kind,
      let offset = values.integer(arguments[1]), let sizes = self.sizes(arguments[2]),
      let strides = self.sizes(arguments[3])
    else {
      throw failure(
        "\(function.rawValue) needs a storage, an offset, and at most \(TorchTensor.maximumRank) sizes and strides")
    }
    var type = storage.type ?? .uint8
    var pending = arguments.dropFirst(6)
    if function == .tensor3 {
      guard let name = pending.popFirst().flatMap({ values.name($0) }), name.hasPrefix("torch.") else {
        throw failure("\(function.rawValue) has no type")
      }
      guard let known = TorchType(rawValue: Self.typeName(name)) else {
        let types = TorchType.known.joined(separator: ", ")
        return try unread(
          Self.typeName(name), sizes, "the type \(Self.typeName(name)) is not known here; the types are \(types)")
      }
      type = known
    }
    let tensor = TorchTensor(storage: storage, type: type, offset: offset, sizes: sizes, strides: strides)
    if let problem = tensor.problem { throw failure(problem) }
    // A conjugate or a negative that torch has not computed yet.
    if let last = pending.first, let state = values.object(last), !state.items.isEmpty {
      return try unread(type.rawValue, sizes, "a view of numbers that are still to be negated; save .resolve_neg()")
    }
    return try object(.tensor(tensor))
  }

  private func isTensor(_ value: PickleValue) -> Bool {
    switch values.object(value)?.kind {
    case .tensor, .unread: true
    case .list, .tuple, .set, .dict, .name, .storage, .array, .numpyType, .data, .foreign, nil: false
    }
  }

  private mutating func unread(_ type: String, _ sizes: [Int], _ reason: String) throws(FileError) -> PickleValue {
    try object(.unread(UnreadTensor(type: type, dimensions: sizes, reason: reason)))
  }

  /// A tuple of whole numbers, at most as many as a tensor has dimensions.
  func sizes(_ value: PickleValue) -> [Int]? {
    guard let items = values.tuple(value), items.count <= TorchTensor.maximumRank else { return nil }
    let numbers = items.compactMap { values.integer($0) }
    return numbers.count == items.count ? numbers : nil
  }

  /// `float32` of `torch.float32`.
  private static func typeName(_ name: String) -> String {
    name.hasPrefix("torch.") ? String(name.dropFirst("torch.".count)) : name
  }
}
