public import EbbGraph

/// A layer of a network, applied at every step of a sequence: a Swift type with one method that records one step as
/// equations on feature vectors.
///
/// ```swift
/// /// h' = tanh(W[h, x] + b)     (Elman 1990)
/// struct Elman: RecurrentCell {
///   var units: Int
///   func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
///     let h = scope.state("h", units)
///     return h.next(tanh(scope.affine("recurrent", [h, x], units)))
///   }
/// }
/// ```
///
/// States and parameters are created at their first use and named by scope; nothing is registered. Apply a cell with
/// `scope.run(cell, x, named: "layer0")`. A layer without a state (an embedding, a read-out) is a cell too.
public protocol RecurrentCell: Sendable {
  /// Records one step from the input at this step; the scope supplies states and parameters. Returns the output.
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal
}

/// The direction of a recurrence along its time axis.
public enum Direction: Hashable, Sendable {
  /// A state reads the value of the step before: a delay.
  case forward
  /// A state reads the value of the step after: an advance. No data is reversed.
  case backward
}

/// The initial value of states that have none of their own.
public enum InitialState: Hashable, Sendable {
  /// Zero.
  case zero
  /// A trained parameter `<state>.initial`, zero at first, the same for every sample.
  case parameter
  /// An input `<state>.initial` over these axes, to carry a state from one piece of a sequence to the next.
  case input(over: Domain)
}
