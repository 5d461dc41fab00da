public import EbbRecording
internal import EbbTensors

/// The LSTM whose products are convolutions over one to three spatial dimensions (Shi et al. 2015, without peepholes):
///
///     i  = σ(W_i ∗ [h, x] + b_i)        f = σ(W_f ∗ [h, x] + b_f)
///     c̃  = tanh(W_c ∗ [h, x] + b_c)     o = σ(W_o ∗ [h, x] + b_o)
///     c' = f ⊙ c + i ⊙ c̃                h' = o ⊙ tanh(c')
///
/// The input at each step is of shape [lengths of the spatial dimensions, channels], the output of [lengths, filters]. A
/// place sees those within the kernel around it; over h there are zeros around the edges, so that it keeps its lengths.
///
/// The parameters are those of an LSTM at each place: a matrix `input.weight` of [(filters + channels) · places of the
/// kernel, filters], whose rows are those of h before those of x, each with the kernel's places in row-major order
/// before the channels; then `forget`, `candidate`, `output`. The forget gate's bias is initially 1.
public struct ConvLSTM: RecurrentCell {
  /// The lengths of the output beside those of the input.
  public enum Padding: Hashable, Sendable, CaseIterable {
    /// Only places whose kernel lies within the input: a kernel of k places makes a dimension k − 1 shorter.
    case valid
    /// The same lengths, with zeros around the input; of an odd number of them, one more behind it.
    case same
  }

  /// The channels of h, c and the output.
  public var filters: Int
  /// The kernel's length in each spatial dimension: one to three of them.
  public var kernel: [Int]
  /// The edges of the convolution over x.
  public var padding: Padding
  /// The function of i, f and o: σ.
  public var gateActivation: Activation
  /// The function of the candidate c̃.
  public var activation: Activation
  /// The function of c' in the output.
  public var outputActivation: Activation
  /// Whether there are the four biases b.
  public var hasBias: Bool

  /// A cell of `filters` channels. Traps unless the kernel has one to three lengths of at least 1.
  public init(
    filters: Int, kernel: [Int], padding: Padding = .valid, gateActivation: Activation = .sigmoid,
    activation: Activation = .tanh, outputActivation: Activation = .tanh, hasBias: Bool = true
  ) {
    precondition(
      (1...3).contains(kernel.count) && kernel.allSatisfy { $0 >= 1 },
      "a kernel has one to three lengths of at least 1, not \(kernel)")
    self.filters = filters
    self.kernel = kernel
    self.padding = padding
    self.gateActivation = gateActivation
    self.activation = activation
    self.outputActivation = outputActivation
    self.hasBias = hasBias
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard x.shape.rank == kernel.count + 1 else {
      return x.refused(
        "ConvLSTM: the input is \(x.shape); a kernel of \(kernel.count) lengths takes as many spatial dimensions, then "
          + "channels")
    }
    let lengths = zip(x.shape.array, kernel).map { padding == .same ? $0 : $0 - $1 + 1 }
    guard lengths.allSatisfy({ $0 >= 1 }) else {
      return x.refused("ConvLSTM: the kernel \(kernel) is longer than the input \(x.shape); padding .same allows that")
    }
    let places = kernel.reduce(1, *)
    let channels = x.shape[kernel.count]
    let h = scope.state("h", shape: lengths + [filters])
    let c = scope.state("c", shape: lengths + [filters])
    // What each place sees of h and of x, as a row of a matrix, so that a convolution is a product.
    let seen = concatenate([patches(h, .same), patches(x, padding)], dimension: 1)
    // Glorot and Bengio's rule, with the connections of all the kernel's places.
    let limit = (6 / Double(places * (channels + filters))).squareRoot()
    let initializer = Initializer.blocks([
      .init(rows: places * filters, .orthogonal()), .init(rows: places * channels, .uniform(limit: limit)),
    ])
    func convolution(_ name: String, bias: Initializer = .zeros) -> Signal {
      let weight = scope.parameter(name + ".weight", [places * (filters + channels), filters], initializer)
      let product = matmul(seen, weight)
      guard hasBias else { return reshape(product, lengths + [filters]) }
      let biases = repeated(scope.parameter(name + ".bias", [filters], bias), lengths.reduce(1, *))
      return reshape(product + biases, lengths + [filters])
    }
    let input = gateActivation(convolution("input")).named("input")
    let forget = gateActivation(convolution("forget", bias: .constant(1))).named("forget")
    let candidate = activation(convolution("candidate")).named("candidate")
    let output = gateActivation(convolution("output")).named("output")
    let cell = c.next(forget * c + input * candidate)
    return h.next(output * outputActivation(cell))
  }

  /// A row for each place of the output: the features of the places within the kernel around it, in row-major order.
  private func patches(_ x: Signal, _ padding: Padding) -> Signal {
    var padded = x
    for (dimension, size) in kernel.enumerated() where padding == .same && size > 1 {
      padded = pad(padded, before: (size - 1) / 2, after: size / 2, dimension: dimension)
    }
    var parts = [padded]
    var lengths: [Int] = []
    for (dimension, size) in kernel.enumerated() {
      let length = padded.shape[dimension] - size + 1
      lengths.append(length)
      if size == 1 { continue }
      parts = parts.flatMap { part in (0..<size).map { slice(part, $0..<$0 + length, dimension: dimension) } }
    }
    let count = lengths.reduce(1, *)
    let rows = parts.map { reshape($0, [count, x.shape[kernel.count]]) }
    return rows.count == 1 ? rows[0] : concatenate(rows, dimension: 1)
  }
}
