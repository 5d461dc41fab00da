/// Measurements of a recurrent network's gradients.
///
/// Each takes a `Trial`: a recording with a loss, bindings and options to run it with. An experiment makes one of a cell:
///
/// ```swift
/// let trial = try FlowExperiment(length: 200).trial(of: LSTM(units: 64))
/// let flow = try Diagnostics.gradientFlow(of: trial)
/// let credit = try Diagnostics.creditMatrix(of: Trial(recording, loss: "loss", bindings))
/// ```
///
/// A measurement that takes a single run is also a `Diagnostic`, which can be measured during training.
public enum Diagnostics {}
