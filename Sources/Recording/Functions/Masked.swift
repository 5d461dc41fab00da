internal import EbbGraph
internal import EbbTensors

/// The output of a cell at the steps that a mask leaves out.
public enum MaskedOutput: Hashable, Sendable, CaseIterable {
  /// The output at the step before in the cell's direction, zeros before the first step that counts: as in Keras.
  case held
  /// Zeros: as in Keras with `zero_output_for_mask=True`, which its `Bidirectional` sets for whole sequences.
  case zero
}

extension Scope {
  /// A scope whose states keep their values at the steps that a mask leaves out:
  ///
  ///     s' = v where the mask holds, else s          v the next value that the cell gives
  ///
  /// The innermost cells with states also have the output that `output` names there; cells without states compute
  /// theirs as at any step. Both directions use the same mask.
  ///
  /// - Parameters:
  ///   - mask: A Bool number over the time axis and, as a rule, the samples: true for a step that counts.
  ///   - output: The output at the other steps.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  public func masking(
    _ mask: Signal, output: MaskedOutput = .held, fileID: String = #fileID, line: Int = #line
  ) -> Scope {
    recorder.note("masking", fileID, line)
    if mask.node != nil, mask.element != .bool || mask.shape != .scalar {
      recorder.report(
        "masking: a mask is one Bool at each step, as x .!= 0 of tokens, and not \(mask.element.name) \(mask.shape)",
        operands: mask.node.map { [$0] } ?? [])
    }
    var scope = self
    scope.mask = Masked.Setting(mask: mask, output: output)
    return scope
  }

  /// The output of a cell that was run in this scope, as its mask has it.
  ///
  /// - Parameter first: The number of states before the cell ran.
  func masked(_ output: Signal, statesFrom first: Int) -> Signal {
    guard let mask, let node = output.node, recorder.states.count > first else { return output }
    // A cell within this one has its states and has held its output already.
    let isInnermost = recorder.statesOfRunCells <= first
    defer { recorder.statesOfRunCells = recorder.states.count }
    guard isInnermost, isOverTime(output) else { return output }
    switch mask.output {
    case .zero: return select(mask.mask, output, 0)
    case .held:
      // A state that begins at 0 is held as it is.
      let own = recorder.states[first...]
      if own.contains(where: { $0.value == node && $0.initial == nil && $0.zoneout == nil && $0.clip == nil }) {
        return output
      }
      var quiet = self
      (quiet.initial, quiet.zoneout, quiet.clip) = (.zero, nil, nil)
      let held = quiet.state("held", shape: output.shape.array)
      if let shift = held.node, let index = recorder.stateOfNode[shift] { recorder.states[index].isHeldOutput = true }
      return held.next(output)
    }
  }

  /// Whether a value has the time axis of the recurrences; inside a recurrence, where the axes are unknown, it has.
  private func isOverTime(_ value: Signal) -> Bool {
    guard let axis = axis ?? (recorder.timeAxes.count == 1 ? recorder.timeAxes[0] : nil) else { return false }
    return recorder.settleDomains() ? value.domain.contains(axis) : true
  }
}

/// A cell, or a stack of them, that passes over masked steps: padding on either side, and holes.
///
/// ```swift
/// Masked(LSTM(units: 8))                                             // Keras: Masking(0.0), LSTM(8)
/// Masked(Stack([Embedding(tokens: 99, units: 16), GRU(units: 8)]))   // Keras: Embedding(mask_zero=True), GRU(8)
/// Masked(LSTM(units: 8), where: .input("mask"))                      // a mask of its own, Bool [T, B]
/// ```
///
/// At a masked step every state of every cell within keeps its value, and the cell's output repeats, so that `LastStep`
/// after it is the output at the last step that counts. The rest of the network does not know of the mask: a loss at
/// every step counts masked steps too, unless their weight is 0 (`weighted(atEachStep: true)`), which Keras does by
/// itself. Where padding is only at the ends, lengths (`isRagged`) need no mask and compute less.
public struct Masked: RecurrentCell {
  /// The steps that count.
  public enum Steps: Hashable, Sendable {
    /// Those with a feature other than this; for tokens those with another id.
    case differing(from: Double)
    /// Those where the input of this name, Bool over the axes of x, is true. Cells with the same name share it.
    case input(String)
  }

  /// The cell, run in the scope of this one.
  public var cell: any RecurrentCell
  /// The steps that count.
  public var steps: Steps
  /// The output of the innermost cells with states at the other steps.
  public var output: MaskedOutput

  /// A cell that passes over masked steps, by default those with zeros only, or the token 0.
  public init(_ cell: any RecurrentCell, where steps: Steps = .differing(from: 0), output: MaskedOutput = .held) {
    self.cell = cell
    self.steps = steps
    self.output = output
  }

  public func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    guard let mask = mask(of: x, scope.recorder) else { return scope.recorder.signal(nil) }
    return scope.masking(mask, output: output).run(cell, x)
  }

  private func mask(of x: Signal, _ recorder: Recorder) -> Signal? {
    switch steps {
    case .differing(let value):
      let differs = x .!= value
      guard x.shape.rank > 0 else { return differs }
      // Whether any feature does.
      return maxOverFeatures(convert(differs, to: recorder.element)) .> 0
    case .input(let name):
      if let known = recorder.inputs.first(where: { $0.name == name }) { return recorder.signal(known.node) }
      guard !recorder.isAnyStateOpen else {
        recorder.report("Masked inside a recurrence cannot know the axes of its mask; use scope.masking(mask)")
        return nil
      }
      return recorder.input(name, NodeType(.bool, x.domain, .scalar))
    }
  }

  struct Setting {
    var mask: Signal
    var output: MaskedOutput
  }
}
