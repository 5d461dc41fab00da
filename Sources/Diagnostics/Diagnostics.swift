/// Measurements of a recurrent network's gradients.
///
/// Each takes a cell and an experiment, or a recording with a loss, bindings and options to run it with:
///
/// ```swift
/// let profile = try Diagnostics.gradientProfile(LSTM(units: 64), FlowExperiment(length: 200))
/// let credit = try Diagnostics.creditMatrix(of: recording, loss: "loss", bindings)
/// ```
///
/// What a single run answers is a `Diagnostic` as well, which can also be measured beside training.
public enum Diagnostics {}
