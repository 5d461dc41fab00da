public import EbbCells
internal import EbbGraph
public import EbbRecording
public import EbbTensors

/// A recurrent network with its trained weights, found in a file by the names and shapes of its tensors: an embedding if
/// there is one, recurrent layers, and a read-out if there is one.
///
/// ```swift
/// let network = try TrainedNetwork(TensorFile.contents(of: "model.safetensors"))
/// print(network)   // PyTorch: embedding 65 × 32 → LSTM, 2 layers, 32 → 64 units → linear 65
/// for note in network.notes { print(note) }
/// let recording = try Recording(network)
/// let outputs = try Executable(recording.graph).run(Bindings(network.parameters.merging(["x": x]) { $1 }))
/// ```
///
/// As a cell it reads a step's features, or an Int32 token if there is an embedding, and gives the read-out of the step.
/// The parameters have the scopes `embedding` and `readout`, `readout1`, …; those of the recurrent layers have none, and in
/// a stack, also with layer normalisations, `layer0`, `layer1`, ….
public struct TrainedNetwork: RecurrentCell {
  /// A cell by its name, for a number of units.
  public struct NamedCell: Sendable {
    /// The name in messages, and in files of this library.
    public var name: String
    /// Makes the cell.
    public var make: @Sendable (_ units: Int) -> any RecurrentCell

    /// A cell by its name.
    public init(_ name: String, _ make: @escaping @Sendable (_ units: Int) -> any RecurrentCell) {
      (self.name, self.make) = (name, make)
    }
  }

  /// Which module is the embedding, or the read-out.
  public enum Part: Hashable, Sendable {
    /// The one whose shape fits.
    case automatic
    /// None.
    case none
    /// The module of this name.
    case module(String)
  }

  /// Which modules are the read-out.
  public enum ReadOut: Hashable, Sendable {
    /// Those whose shapes fit. Behind the first one they are read only if the file has the activation before them.
    case automatic
    /// None.
    case none
    /// These, one after the other.
    case modules([Link])

    /// The module of this name.
    public static func module(_ name: String) -> ReadOut { .modules([Link(name)]) }

    /// A module, and what is applied to its sums.
    public struct Link: Hashable, Sendable {
      /// The name in the file.
      public var name: String
      /// Nil for the file's, or none.
      public var activation: Activation?

      /// A module of this name.
      public init(_ name: String, _ activation: Activation? = nil) {
        (self.name, self.activation) = (name, activation)
      }
    }
  }

  /// Choices in place of what the names and shapes show.
  public struct Choices: Sendable {
    /// The recurrent module, or one that holds it; nil for the only one.
    public var module: String?
    /// The embedding before it.
    public var embedding = Part.automatic
    /// The read-out after it.
    public var readOut = ReadOut.automatic
    /// The layer normalisation: a module of this name stands after the last recurrent one.
    public var normalization = Part.automatic
    /// One direction of a layer, in place of the cell that the shapes show.
    public var cell: NamedCell?
    /// The cells that may be in a file with this library's names.
    public var library = [
      NamedCell("lstm") { LSTM(units: $0) }, NamedCell("peephole") { PeepholeLSTM(units: $0) },
      NamedCell("gru") { GRU(units: $0) }, NamedCell("gru-after") { ResetAfterGRU(units: $0) },
      NamedCell("rnn") { SimpleRNN(units: $0) },
    ]

    /// No choices.
    public init() {}
  }

  /// Where the names of the tensors come from.
  public internal(set) var framework: NetworkFramework
  /// The names of the recurrent modules in the file, in the order of the layers; one empty name if they have none.
  public internal(set) var modules: [String] = []
  /// The modules of the file in their order, each under its name there: the embedding, the recurrent ones with the
  /// normalisations after them, the read-out.
  /// Empty for a file with this library's names.
  public internal(set) var layers: [NamedLayer] = []
  /// The vectors of tokens; nil if the network reads numbers.
  public internal(set) var embedding: Embedding?
  /// The recurrent layers.
  public internal(set) var recurrent: any RecurrentCell
  /// The features of the recurrent layers' input.
  public internal(set) var recurrentFeatures: Int
  /// The features of the recurrent layers' output.
  public internal(set) var recurrentWidth: Int
  /// Whether any of the recurrent layers runs in both directions.
  public internal(set) var isBidirectional = false
  /// The layers of the read-out of each step, one after the other; empty if the output is that of the recurrent layers.
  public internal(set) var readOuts: [Dense] = []
  /// Whether tokens 0 are padding, which the recurrent layers pass over: `mask_zero` of Keras's embedding.
  public internal(set) var masksZero = false
  /// Steps whose features all have this value are padding, which the recurrent layers pass over: Keras's `Masking`.
  public internal(set) var maskedValue: Double?
  /// How the network's inputs are scaled before it reads them; nil if they are not.
  public internal(set) var scales: InputScales?
  /// The weights, by the names of the recorded parameters.
  public internal(set) var parameters: [String: Tensor] = [:]
  /// What no tensor shows, what was taken for granted, and which tensors were left out, one line each.
  public internal(set) var notes: [String] = []
  /// The file's tensors that have no place in the network.
  public internal(set) var leftOut: [String: Tensor] = [:]
  /// The words for the recurrent layers.
  var recurrentWords: [String] = []

  /// The features of a step's input; nil if it is a token.
  public var features: Int? { embedding == nil ? recurrentFeatures : nil }

  /// The features of a step's output.
  public var outputs: Int { readOut?.units ?? recurrentWidth }

  /// The last layer of the read-out; nil if the output is that of the recurrent layers.
  public var readOut: Dense? { readOuts.last }

  /// The element type of the weights: Float64 if any is, else Float32.
  public var element: ElementType { parameters.values.contains { $0.element == .float64 } ? .float64 : .float32 }

  /// The network whose outputs are the read-out's sums, before its activation: a binary cross-entropy takes these, and
  /// applies the sigmoid itself.
  public var withLinearReadOut: TrainedNetwork {
    var network = self
    if !readOuts.isEmpty { network.readOuts[readOuts.count - 1].activation = .identity }
    return network
  }

  /// The network whose last step has what a framework calls the final states: of the last recurrent layer, where that
  /// runs in both directions, the forward direction's last step and the backward direction's first. It is Keras's output
  /// without `return_sequences`, and PyTorch's `h_n`. Of a layer that runs backward alone it is the first step. Nil if that
  /// layer runs forward.
  public var withFinalStates: TrainedNetwork? {
    FinalStates.of(recurrent).map { recurrent in
      var network = self
      network.recurrent = recurrent
      return network
    }
  }

  /// Finds the network in a file.
  ///
  /// - Throws: `NetworkError` if there is none, if several modules are unrelated and none is chosen, if shapes and names
  ///   leave open which tensor is the embedding or the read-out, or if tensors are missing.
  public init(_ file: TensorFile.Contents, _ choices: Choices = Choices()) throws(NetworkError) {
    // Keras's files number the weights of each layer.
    let file = file.isOfKeras ? file.withKerasPaths : file
    guard let framework = NetworkFramework(file) else {
      let names = file.tensors.keys.sorted().prefix(6).joined(separator: ", ")
      throw NetworkError(
        "no tensor has the name of a recurrent layer's weights of PyTorch (weight_hh_l0), Keras (recurrent_kernel), Flax "
          + "(dense_h.kernel, hf.kernel), ONNX (LSTM.R) or Ebb (forget.weight); the names are "
          + (names.isEmpty ? "none" : names))
    }
    self = try NetworkFinder(NetworkTensors(file, framework), choices).network()
    for (name, tensor) in file.unread.sorted(by: { $0.key < $1.key }) {
      notes.append("\(name) is not read: \(tensor.reason)")
    }
  }

  /// `readout`, `readout1`, ….
  static func readOutScope(_ index: Int) -> String { index == 0 ? "readout" : "readout\(index)" }

  /// An unfinished network of recurrent layers.
  init(_ framework: NetworkFramework, _ recurrent: any RecurrentCell, features: Int, width: Int) {
    (self.framework, self.recurrent) = (framework, recurrent)
    (recurrentFeatures, recurrentWidth) = (features, width)
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    var value = x
    if let embedding { value = scope.run(embedding, value, named: "embedding") }
    value = scope.run(recurrent, value)
    for (index, readOut) in readOuts.enumerated() {
      value = scope.run(readOut, value, named: Self.readOutScope(index))
    }
    return value
  }
}

extension TrainedNetwork: CustomStringConvertible {
  /// The framework and the layers: `PyTorch: embedding 65 × 32 → LSTM, 2 layers, 32 → 64 units → linear 65`.
  public var description: String {
    let parts =
      [embedding.map { "embedding \($0.tokens) × \($0.units)" }] + recurrentWords
      + readOuts.map {
        $0.activation == .identity ? "linear \($0.units)" : "\($0.activation) \($0.units)"
      }
    return framework.name + ": " + parts.compactMap { $0 }.joined(separator: " → ")
  }
}
