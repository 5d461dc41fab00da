public import EbbGraph
public import EbbTensors

/// Axes, inputs, outputs and random numbers, which a recording's body declares around its cells.
extension Scope {
  // MARK: Axes

  /// Declares a time axis. A tensor's dimensions follow the order in which its axes are declared.
  ///
  /// - Parameters:
  ///   - name: The axis's name within the scope, such as `t`.
  ///   - length: The number of steps, if the program fixes it; otherwise each run's inputs determine it.
  ///   - truncation: With k > 0, no adjoint of a forward state crosses a step t that is a multiple of k (truncated
  ///     backpropagation through time, Williams & Peng 1990); values are unchanged.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func time(
    _ name: String, length: Int? = nil, truncation: Int = 0, fileID: String = #fileID, line: Int = #line
  ) -> Axis {
    recorder.note("time \"\(name)\"", fileID, line)
    if truncation < 0 { recorder.report("time \"\(name)\": truncation is every k ≥ 1 steps, or 0 for none") }
    let axis = recorder.axis(AxisDescription(name: Self.join(path, name), kind: .time, length: length))
    recorder.truncations[axis] = max(truncation, 0)
    return axis
  }

  /// Declares an unordered axis: samples of a batch, or the heads of a cell.
  ///
  /// Its name is one within the scope, as a parameter's: of two layers that have heads, the axes are `layer0.heads` and
  /// `layer1.heads`.
  public func batch(_ name: String, length: Int? = nil, fileID: String = #fileID, line: Int = #line) -> Axis {
    recorder.note("batch \"\(name)\"", fileID, line)
    return recorder.axis(AxisDescription(name: Self.join(path, name), kind: .batch, length: length))
  }

  /// Makes a time axis ragged: declares an Int32 input that holds the length of each sequence, in 0 ... T.
  ///
  /// An empty sequence adds nothing to sums over all steps. If the graph needs a step of each sequence, for `last`,
  /// `max` or a mean over its own steps, a batch with an empty sequence is an error. No value beyond a sequence's
  /// length reaches a result. Call this before recording anything over the axis.
  @discardableResult
  public func lengths(
    _ name: String, of axis: Axis, over batch: Domain, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("lengths \"\(name)\"", fileID, line)
    guard !recorder.graph.types.contains(where: { $0.domain.contains(axis) }) else {
      recorder.report("lengths \"\(name)\": declare the lengths before anything that is indexed by the axis")
      return recorder.signal(nil)
    }
    let lengths = recorder.input(Self.join(path, name), NodeType(.int32, batch))
    if let node = lengths.node { recorder.graph.setLengths(node, of: axis) }
    return lengths
  }

  /// The index along an axis: Int32, 0 ..< length.
  public func index(of axis: Axis) -> Signal { recorder.record(.axisIndex(axis), []) }

  /// The length of an axis: Int32; of a ragged axis, the length of each sequence.
  public func length(of axis: Axis) -> Signal { recorder.record(.axisLength(axis), []) }

  // MARK: Inputs and outputs

  /// A value supplied to each run: a tensor of the axes' lengths, in the order of their declaration, then `shape`.
  public func input(
    _ name: String, _ dimensions: [Int] = [], over domain: Domain, as element: ElementType? = nil,
    fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("input \"\(name)\"", fileID, line)
    guard let shape = recorder.shape(dimensions, "input \"\(name)\"") else { return recorder.signal(nil) }
    return recorder.input(Self.join(path, name), NodeType(element ?? self.element, domain, shape))
  }

  /// Makes a value an output of each run, under this name.
  public func output(_ name: String, _ signal: Signal, fileID: String = #fileID, line: Int = #line) {
    recorder.note("output \"\(name)\"", fileID, line)
    guard let nodes = recorder.nodes(of: [signal], in: "output \"\(name)\"") else { return }
    if recorder.graph.output(named: name) != nil { recorder.report("there are two outputs named \(name)") }
    recorder.graph.setOutput(name, nodes[0])
  }

  // MARK: Numbers

  /// A number.
  public func constant(_ value: Double, as element: ElementType? = nil) -> Signal {
    recorder.signal(recorder.leaf(.constant(value), NodeType(element ?? self.element)))
  }

  /// A tensor whose numbers belong to the equations and are never trained: a mask, a permutation, a fixed matrix.
  ///
  /// They are saved and printed with the graph. Literals with the same numbers and type are one. A tensor from a file is
  /// `try Npy(contentsOf: path).tensor`.
  ///
  /// - Parameters:
  ///   - tensor: The numbers, with their shape.
  ///   - element: Their type; by default the recording's for floats, and the tensor's own for others.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func literal(
    _ tensor: Tensor, as element: ElementType? = nil, fileID: String = #fileID, line: Int = #line
  ) -> Signal {
    recorder.note("literal", fileID, line)
    guard let shape = recorder.shape(tensor.dimensions, "literal") else { return recorder.signal(nil) }
    let element = element ?? (tensor.element.isFloat ? self.element : tensor.element)
    return recorder.literal(Literal(tensor), NodeType(element, .empty, shape))
  }

  /// A vector of these numbers, or a tensor of them in row-major order, as `literal` of a tensor.
  public func literal(
    _ numbers: [Double], _ dimensions: [Int]? = nil, as element: ElementType? = nil, fileID: String = #fileID,
    line: Int = #line
  ) -> Signal {
    recorder.note("literal", fileID, line)
    guard let shape = recorder.shape(dimensions ?? [numbers.count], "literal") else { return recorder.signal(nil) }
    return recorder.literal(Literal(numbers), NodeType(element ?? self.element, .empty, shape))
  }

  /// 0, 1, 2, … count − 1 as an Int32 vector.
  public func iota(_ count: Int) -> Signal { recorder.record(.iota(count), []) }

  /// Random numbers, drawn anew in each run: one for each index of these axes and each feature.
  ///
  /// A draw has its place along three axes; those of further axes are drawn with the features, so beyond three their
  /// lengths are fixed.
  public func random(
    _ distribution: Distribution, _ dimensions: [Int] = [], over domain: Domain, fileID: String = #fileID,
    line: Int = #line
  ) -> Signal {
    recorder.note("random", fileID, line)
    guard let shape = recorder.shape(dimensions, "random") else { return recorder.signal(nil) }
    let operation = Operation.random(distribution, stream: recorder.streams)
    recorder.streams += 1
    let fixed = domain.filter { recorder.graph.description(of: $0).length != nil }
    let further = fixed.suffix(max(0, domain.count - 3))
    guard domain.count - further.count <= 3 else {
      recorder.report("random: at most three of the axes have lengths that are not fixed")
      return recorder.signal(nil)
    }
    func draw(_ shape: Shape) -> Signal {
      recorder.signal(recorder.leaf(operation, NodeType(element, domain.subtracting(Domain(further)), shape)))
    }
    guard !further.isEmpty else { return draw(shape) }
    var lengths = further.map { recorder.graph.description(of: $0).length ?? 1 }
    var numbers = draw([lengths.reduce(shape.count, *)])
    for axis in further {
      let length = lengths.removeFirst()
      numbers = featureToAxis(reshape(numbers, [length, lengths.reduce(shape.count, *)]), axis)
    }
    return reshape(numbers, shape.array)
  }
}

extension Recorder {
  func axis(_ description: AxisDescription) -> Axis {
    if graph.axis(named: description.name) != nil {
      report(
        "there are two axes named \(description.name); those of cells have the names of their scopes: "
          + "scope.run(cell, x, named: \"layer1\")")
    }
    if let length = description.length, length < 1 {
      report("the axis \(description.name) has at least one index, not \(length)")
    }
    let axis = graph.addAxis(description)
    noteAxis(axis)
    return axis
  }

  /// The node of these numbers, recorded once; a problem if they are not of this type.
  func literal(_ literal: Literal, _ type: NodeType) -> Signal {
    if let problem = literal.problem(for: type) {
      report("literal: \(problem)")
      return signal(nil)
    }
    let key = LiteralKey(numbers: literal, type: type)
    let node = literals[key] ?? leaf(.literal(literal), type)
    literals[key] = node
    return signal(node)
  }

  func input(_ name: String, _ type: NodeType) -> Signal {
    guard claim(name) else { return signal(nil) }
    let node = leaf(.input, type, name: name)
    inputs.append(NamedNode(name: name, node: node))
    return signal(node)
  }
}
