public import EbbFiles
public import EbbInterchange
internal import EbbTensors
internal import Foundation

/// How the columns of sequences become what a network reads: z_t = (u_t − mean) / deviation, where u is the column, its
/// change from step to step, or the logarithm of its ratio.
public struct SequenceScaling: Sendable {
  private let means: [Double]
  private let deviations: [Double]
  private let input: ForecastInput
  /// A note about it.
  private let words: String

  /// Scales of each feature.
  ///
  /// - Parameters:
  ///   - means: The mean of each column.
  ///   - deviations: The standard deviation of each column.
  ///   - words: What is told about it.
  public init(means: [Double], deviations: [Double], words: String) {
    (self.means, self.deviations, input, self.words) = (means, deviations, .levels, words)
  }

  /// Those of a network's own module.
  public init(_ scales: InputScales) {
    self.init(
      means: scales.means, deviations: scales.deviations,
      words:
        "the columns are scaled by \(scales.module), as the file has it; --scale none leaves them as they are"
    )
  }

  /// Those of a forecaster of this library, from its file's strings; nil if the file is another.
  public init?(modelMetadata metadata: [String: String], features: Int) {
    guard metadata["ebb.model"] == ForecastModel.kind, let text = metadata["ebb.configuration"],
      let scales = try? JSONDecoder().decode(
        ForecastModel.Configuration.self, from: Data(text.utf8)
      ).scales,
      scales.means.count == features, scales.deviations.count == features,
      scales.deviations.allSatisfy({ $0 > 0 })
    else { return nil }
    (means, deviations, input) = (scales.means, scales.deviations, scales.input)
    words =
      "the columns are scaled as the forecaster's file says, from their \(input.noun); --scale none leaves them as they are"
  }

  /// Those with which the data have the mean 0 and the standard deviation 1 in each column.
  ///
  /// - Throws: `FileError` if a column is the same at all steps.
  public init(of data: SequenceData) throws(FileError) {
    let (numbers, features) = (data.input.doubles, data.input.dimensions[2])
    var (means, deviations): ([Double], [Double]) = ([], [])
    for column in 0..<features {
      let values = data.steps(of: column, numbers)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      guard variance > 0, variance.isFinite else {
        throw FileError(
          data.description, "column \(column + 1) is \(values[0]) at all steps, and so has no scale"
        )
      }
      means.append(mean)
      deviations.append(variance.squareRoot())
    }
    self.init(
      means: means, deviations: deviations,
      words: "each column has its own mean taken off, over its deviation")
  }

  /// The data in the network's units; changes begin at the second step.
  public func applied(to data: SequenceData) throws(FileError) -> SequenceData {
    var result = data
    let skipped = input.extraValues
    let (samples, features) = (data.samples, data.input.dimensions[2])
    let lengths = data.lengths ?? [Int](repeating: data.steps, count: samples)
    if let short = lengths.firstIndex(where: { $0 <= skipped }) {
      throw FileError(data.description, "sample \(short) has one step, and a change takes two")
    }
    let numbers = data.input.doubles
    var scaled = [Double](repeating: 0, count: (data.steps - skipped) * samples * features)
    for sample in 0..<samples {
      for column in 0..<features {
        let values = (0..<lengths[sample]).map {
          numbers[($0 * samples + sample) * features + column]
        }
        for step in skipped..<lengths[sample] {
          let number = (input.number(values, step) - means[column]) / deviations[column]
          guard number.isFinite else {
            throw FileError(
              data.description,
              "\(values[step]) at step \(step), sample \(sample) is no number in the network's units"
            )
          }
          scaled[((step - skipped) * samples + sample) * features + column] = number
        }
      }
    }
    let element = data.input.element == .float32 ? ElementType.float64 : data.input.element
    result.input = Tensor([data.steps - skipped, samples, features], scaled, as: element)
    result.lengths = data.lengths.map { $0.map { $0 - skipped } }
    if data.targetsAreAtEachStep, skipped > 0, let targets = data.targets {
      let inner = targets.dimensions[1...].reduce(1, *)
      result.targets = Tensor(
        [data.steps - skipped] + targets.dimensions[1...],
        Array(targets.doubles[(skipped * inner)...]), as: targets.element)
    }
    result.description = data.description.replacing(data.sizes, with: result.sizes)
    result.notes.append(words)
    if input != .levels || data.targets?.element.isFloat == true, data.targets != nil {
      result.notes.append("the targets are compared as they are, in the network's units")
    }
    return result
  }
}

extension SequenceData {
  /// The numbers of a column at the sequences' own steps.
  fileprivate func steps(of column: Int, _ numbers: [Double]) -> [Double] {
    (0..<samples).flatMap { sample in
      (0..<(lengths?[sample] ?? steps)).map {
        numbers[($0 * samples + sample) * input.dimensions[2] + column]
      }
    }
  }
}
