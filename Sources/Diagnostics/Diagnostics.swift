/// Measurements of a recurrent network's gradients.
///
/// Each takes a cell and an experiment, or a recording with a loss, bindings and options to run it with:
///
/// ```swift
/// let profile = try Diagnostics.gradientProfile(LSTM(units: 64), FlowExperiment(length: 200))
/// let credit = try Diagnostics.creditMatrix(of: recording, loss: "loss", bindings)
/// ```
///
/// A measurement that takes a single run is also a `Diagnostic`, which can be measured during training.
public enum Diagnostics {}
