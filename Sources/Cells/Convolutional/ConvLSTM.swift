public import EbbRecording
internal import EbbTensors

/// The LSTM whose products are convolutions over one to three spatial dimensions (Shi et al. 2015, without peepholes):
///
///     i  = σ(W_i ∗ [h, x] + b_i)        f = σ(W_f ∗ [h, x] + b_f)
///     c̃  = tanh(W_c ∗ [h, x] + b_c)     o = σ(W_o ∗ [h, x] + b_o)
///     c' = f ⊙ c + i ⊙ c̃                h' = o ⊙ tanh(c')
///
/// The input at each step is of shape [lengths of the spatial dimensions, channels], the output of [lengths, filters], or
/// each with the channels first. In each dimension, place j of the output sees x at js + kd, for every k of the kernel,
/// with a stride s and a dilation d, behind the zeros of the padding. Over h neither is used, and zeros around the edges
/// keep its lengths.
///
/// The parameters are those of an LSTM at each place: a matrix `input.weight` of [(filters + channels) · places of the
/// kernel, filters], whose rows are those of h before those of x, each with the kernel's places in row-major order
/// before the channels; then `forget`, `candidate`, `output`. The forget gate's bias is initially 1.
public struct ConvLSTM: RecurrentCell {
  /// The lengths of the output beside those of the input.
  public enum Padding: Hashable, Sendable, CaseIterable {
    /// Only places whose kernel lies within the input. A kernel of k places, dilated by d, spans r = (k − 1) d + 1 of
    /// them, and of a length n there remain ⌊(n − r) / s⌋ + 1 with a stride s.
    case valid
    /// Lengths of ⌈n / s⌉, without strides the same lengths, with the zeros around the input that this needs; of an odd
    /// number of them, one more behind it.
    case same
  }

  /// Where the channels are in the input, the states and the output.
  public enum Layout: Hashable, Sendable, CaseIterable {
    /// Behind the spatial dimensions.
    case channelsLast
    /// Before them.
    case channelsFirst
  }

  /// The channels of h, c and the output.
  public var filters: Int
  /// The kernel's length in each spatial dimension: one to three of them.
  public var kernel: [Int]
  /// How far apart the places of x are at which the kernel stands, in each spatial dimension.
  public var strides: [Int]
  /// The edges of the convolution over x.
  public var padding: Padding
  /// How far apart the places of x are that the kernel sees, in each spatial dimension.
  public var dilation: [Int]
  /// Where the channels are.
  public var layout: Layout
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output.
  public var outputActivation: Activation
  /// Whether there are the four biases b.
  public var hasBias: Bool

  /// A cell of `filters` channels, by default without strides and dilation, which are 1 in each dimension.
  ///
  /// Keras has strides or dilation, and not both at once. Traps unless the kernel has one to three lengths of at least 1,
  /// and the strides and the dilation as many.
  public init(
    filters: Int, kernel: [Int], strides: [Int]? = nil, padding: Padding = .valid, dilation: [Int]? = nil,
    layout: Layout = .channelsLast, gateActivation: Activation = .sigmoid, activation: Activation = .tanh,
    outputActivation: Activation = .tanh, hasBias: Bool = true
  ) {
    let ones = kernel.map { _ in 1 }
    precondition(
      (1...3).contains(kernel.count) && kernel.allSatisfy { $0 >= 1 },
      "a kernel has one to three lengths of at least 1, not \(kernel)")
    for steps in [strides, dilation] {
      precondition(
        steps.map { $0.count == kernel.count && $0.allSatisfy { $0 >= 1 } } ?? true,
        "strides and dilation of a kernel \(kernel) are as many numbers of at least 1, not \(steps ?? [])")
    }
    self.filters = filters
    self.kernel = kernel
    self.strides = strides ?? ones
    self.padding = padding
    self.dilation = dilation ?? ones
    self.layout = layout
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard x.shape.rank == kernel.count + 1 else {
      let dimensions = "as many spatial dimensions"
      let order = layout == .channelsLast ? dimensions + ", then channels" : "channels, then " + dimensions
      return x.refused("ConvLSTM: the input is \(x.shape); a kernel of \(kernel.count) lengths takes \(order)")
    }
    guard strides.count == kernel.count, dilation.count == kernel.count, (strides + dilation).allSatisfy({ $0 >= 1 })
    else {
      return x.refused(
        "ConvLSTM: the strides \(strides) and the dilation \(dilation) are not as many numbers of at least 1 as the "
          + "kernel \(kernel) has lengths")
    }
    let image = channelsLast(x)
    let windows = kernel.indices.map {
      Window(image.shape[$0], kernel[$0], stride: strides[$0], dilation: dilation[$0], padding)
    }
    guard windows.allSatisfy({ $0.count >= 1 }) else {
      let dilated = dilation.contains { $0 > 1 } ? ", dilated by \(dilation)," : ""
      return x.refused(
        "ConvLSTM: the kernel \(kernel)\(dilated) is longer than the input \(x.shape); padding .same allows that")
    }
    let lengths = windows.map(\.count)
    let places = kernel.reduce(1, *)
    let channels = image.shape[kernel.count]
    let shape = layout == .channelsLast ? lengths + [filters] : [filters] + lengths
    let h = scope.state("h", shape: shape)
    let c = scope.state("c", shape: shape)
    let around = kernel.indices.map { Window(lengths[$0], kernel[$0], stride: 1, dilation: 1, .same) }
    // What each place sees of h and of x, as a row of a matrix, so that a convolution is a product.
    let seen = concatenate([patches(channelsLast(h), around), patches(image, windows)], dimension: 1)
    // Glorot and Bengio's rule, with the connections of all the kernel's places.
    let limit = (6 / Double(places * (channels + filters))).squareRoot()
    let initializer = Initializer.blocks([
      .init(rows: places * filters, .orthogonal()), .init(rows: places * channels, .uniform(limit: limit)),
    ])
    func convolution(_ name: String, bias: Initializer = .zeros) -> Signal {
      let weight = scope.parameter(name + ".weight", [places * (filters + channels), filters], initializer)
      var rows = matmul(seen, weight)
      if hasBias { rows = rows + repeated(scope.parameter(name + ".bias", [filters], bias), lengths.reduce(1, *)) }
      return reshape(layout == .channelsLast ? rows : transpose(rows), shape)
    }
    let input = gateActivation(convolution("input")).named("input")
    let forget = gateActivation(convolution("forget", bias: .constant(1))).named("forget")
    let candidate = activation(convolution("candidate")).named("candidate")
    let output = gateActivation(convolution("output")).named("output")
    let cell = c.next(forget * c + input * candidate)
    return h.next(output * outputActivation(cell))
  }

  private func channelsLast(_ x: Signal) -> Signal {
    guard layout == .channelsFirst else { return x }
    let (channels, lengths) = (x.shape[0], Array(x.shape.array.dropFirst()))
    return reshape(transpose(reshape(x, [channels, lengths.reduce(1, *)])), lengths + [channels])
  }
}

// MARK: Places

extension ConvLSTM {
  /// A spatial dimension of a convolution: place j of `count` sees the entries `stride` · j + `dilation` · k of what has
  /// zeros before and after it, for each k below `size`.
  private struct Window {
    var size: Int
    var stride: Int
    var dilation: Int
    var count: Int
    var before = 0
    var after = 0

    init(_ length: Int, _ size: Int, stride: Int, dilation: Int, _ padding: Padding) {
      (self.size, self.stride, self.dilation) = (size, stride, dilation)
      let span = (size - 1) * dilation + 1
      switch padding {
      case .valid: count = length < span ? 0 : (length - span) / stride + 1
      case .same:
        count = (length + stride - 1) / stride
        let missing = max((count - 1) * stride + span - length, 0)
        before = missing / 2
        after = missing - before
      }
      // Entries are taken in whole groups of a stride, the last of which may be longer than what is seen of it.
      after += max(span - 1 + count * stride - (before + length + after), 0)
    }
  }

  /// A row for each place of the output: the features of the places that its kernel sees, in row-major order.
  private func patches(_ x: Signal, _ windows: [Window]) -> Signal {
    let channels = x.shape[kernel.count]
    var padded = x
    for (dimension, window) in windows.enumerated() where window.before + window.after > 0 {
      padded = pad(padded, before: window.before, after: window.after, dimension: dimension)
    }
    var parts = [padded]
    for (dimension, window) in windows.enumerated() where window.size > 1 || window.stride > 1 {
      parts = parts.flatMap { part in
        (0..<window.size).map { entries(of: part, from: $0 * window.dilation, window, dimension) }
      }
    }
    let count = windows.reduce(1) { $0 * $1.count }
    let rows = parts.map { reshape($0, [count, channels]) }
    return rows.count == 1 ? rows[0] : concatenate(rows, dimension: 1)
  }

  /// The entries start, start + stride, start + 2 · stride, … of a dimension.
  private func entries(of x: Signal, from start: Int, _ window: Window, _ dimension: Int) -> Signal {
    let run = slice(x, start..<start + window.count * window.stride, dimension: dimension)
    guard window.stride > 1 else { return run }
    var shape = run.shape.array
    let outer = shape[..<dimension].reduce(1, *)
    let inner = shape[(dimension + 1)...].reduce(1, *)
    // The first of each group of a stride.
    let groups = reshape(run, [outer, window.count, window.stride, inner])
    shape[dimension] = window.count
    return reshape(slice(groups, 0..<1, dimension: 2), shape)
  }
}
