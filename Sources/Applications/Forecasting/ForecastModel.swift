internal import EbbExecution
public import EbbFiles
public import EbbGraph
public import EbbRecording
public import EbbTensors
public import EbbTraining
internal import EbbTransforms

/// A trained forecaster from a file, ready to forecast.
///
/// ```swift
/// let model = try ForecastModel(ModelFile(contentsOf: "weather.safetensors"))
/// let next = try model.forecast(after: table)
/// ```
public struct ForecastModel {
  /// The kind of its files.
  public static let kind = "forecast"

  /// The information needed in addition to the parameters.
  public struct Configuration: Codable, Hashable, Sendable {
    /// The cell's name, and the number of its units.
    public var cell: String
    /// The number of the cell's units.
    public var units: Int
    /// The columns that are read, including the target.
    public var columns: [String]
    /// The position of the target column.
    public var target: Int
    /// The units of the network's inputs and outputs.
    public var scales: ForecastScales
    /// The number of rows read before a forecast, from each column.
    public var window: Int
    /// How many steps ahead are forecast.
    public var horizon: Int
    /// The number of steps after which the series roughly repeats; nil if that was not given.
    public var season: Int?
    /// The root mean squared error on held-out values for each number of steps ahead.
    public var heldOutErrors: [Double]

    /// The first error of a damaged or made-up file; nil if everything fits.
    ///
    /// - Parameter count: The count of all numbers in its parameters.
    func problem(parameters count: Int) -> String? {
      let numbers = scales.means + scales.deviations + scales.changes + heldOutErrors
      if units < 1 || window < 1 || horizon < 1 || season.map({ $0 < 1 }) == true { return "a size is below 1" }
      // Each unit has at least its weight in the read-out, so larger sizes can be rejected without recording.
      if units > count { return "its parameters are \(count) numbers, too few for \(units) units" }
      if !columns.indices.contains(target) || Set(columns).count != columns.count { return "the columns do not fit" }
      if scales.means.count != columns.count || scales.deviations.count != columns.count
        || scales.changes.count != horizon || heldOutErrors.count != horizon
      {
        return "there are not as many scales as columns and steps"
      }
      if !numbers.allSatisfy(\.isFinite) || !(scales.deviations + scales.changes).allSatisfy({ $0 > 0 }) {
        return "a scale is no number above 0"
      }
      return nil
    }
  }

  /// The information in addition to the parameters.
  public let configuration: Configuration
  /// The parameters by name.
  public let parameters: [String: Tensor]
  private let recording: Recording
  private let executable: Executable

  /// - Throws: `TrainingError` if the configuration is invalid or the parameters do not match the cell.
  public init(
    _ cell: some RecurrentCell, _ configuration: Configuration, parameters: [String: Tensor],
    fileID: String = #fileID, line: Int = #line
  ) throws(TrainingError) {
    let recording = try Self.recording(cell, configuration, parameters, fileID, line)
    try recording.check(parameters)
    try self.init(configuration, recording, parameters)
  }

  /// Reads a file from `ebb forecast train --save` or `Forecaster.file`. The network comes from the file; the program
  /// needs no cell for it.
  ///
  /// - Parameters:
  ///   - file: A file whose kind is `ForecastModel.kind`.
  ///   - cell: Makes the cell for a number of units. If given, the file's equations must match its equations; older
  ///     files, without equations, need it.
  ///   - fileID: The file of the call, for errors.
  ///   - line: The line of the call, for errors.
  /// - Throws: `FileError` if the file is damaged or of another kind, or if the cell differs, with the
  ///   differences.
  public init(
    _ file: ModelFile, cell: ((_ units: Int) -> any RecurrentCell)? = nil, fileID: String = #fileID, line: Int = #line
  ) throws(FileError) {
    let configuration = try file.configuration(Configuration.self, kind: Self.kind)
    let recording: Recording
    if let cell {
      recording = try file.network(["change"], cell: configuration.cell) { () throws(TrainingError) in
        try Self.recording(cell(configuration.units), configuration, file.parameters, fileID, line)
      }
    } else {
      recording = try file.network(["change"], cell: configuration.cell, as: nil)
    }
    self = try file.told { () throws(TrainingError) in
      try ForecastModel(configuration, recording, file.parameters)
    }
  }

  private init(
    _ configuration: Configuration, _ recording: Recording, _ parameters: [String: Tensor]
  ) throws(TrainingError) {
    let count = parameters.values.reduce(0) { $0 + $1.count }
    if let problem = configuration.problem(parameters: count) { throw .parameters("the model is damaged: \(problem)") }
    try recording.check(
      inputs: ["x": "f32 {t, b} [\(configuration.columns.count)]"],
      outputs: ["change": "f32 {b} [\(configuration.horizon)]"])
    self.configuration = configuration
    self.recording = recording
    self.parameters = parameters
    executable = try Trainer.compile(recording.evaluationGraph.part(for: ["change"]), ExecutionOptions())
  }

  private static func recording(
    _ cell: some RecurrentCell, _ configuration: Configuration, _ parameters: [String: Tensor], _ fileID: String,
    _ line: Int
  ) throws(TrainingError) -> Recording {
    // Invalid sizes can be rejected without recording.
    let count = parameters.values.reduce(0) { $0 + $1.count }
    if let problem = configuration.problem(parameters: count) { throw .parameters("the model is damaged: \(problem)") }
    return try .forecast(
      cell, columns: configuration.columns.count, horizon: configuration.horizon, fileID: fileID, line: line)
  }

  /// The differences between the model's equations and a cell's; empty if the model was trained with this cell.
  public func differences(from cell: (_ units: Int) -> any RecurrentCell) throws(TrainingError) -> [GraphDifference] {
    let made = try Self.recording(cell(configuration.units), configuration, parameters, #fileID, #line)
    return recording.differences(from: made, in: ["change"])
  }

  /// Forecasts the values after the end of a table with the model's columns, from the last `window` rows, or all if
  /// there are fewer.
  ///
  /// - Throws: `TrainingError` if the table does not fit the model, or a forecast is not finite.
  public func forecast(after table: ForecastTable) throws(TrainingError) -> [Double] {
    let scales = configuration.scales
    let (x, last) = try scales.window(
      of: table, columns: configuration.columns, target: configuration.target, configuration.window)
    let change = try executable.run(["x": x], parameters: parameters)["change"]
    let values = scales.values(change?.doubles ?? [], after: last)
    guard values.allSatisfy(\.isFinite) else {
      throw .parameters(
        "the forecast is not finite: the model's parameters are damaged, or the values are too far from those that it "
          + "was trained on")
    }
    return values
  }
}
