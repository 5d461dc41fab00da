import EbbApplications
import EbbTensors
import Testing

@Suite struct MetricTests {
  @Test func errorsOfNumbers() throws {
    var metrics = RegressionMetrics()
    #expect(metrics.meanAbsoluteError.isNaN && metrics.determination == nil)
    metrics.add([1, 2], targets: [2, 2])
    metrics.add([5, 0], targets: [3, 1])
    // Errors −1, 0, 2, −1; targets 2, 2, 3, 1 with the mean 2.
    #expect(metrics.count == 4 && metrics.meanAbsoluteError == 1 && metrics.meanSquaredError == 1.5)
    #expect(metrics.rootMeanSquaredError == 1.5.squareRoot() && metrics.determination == 1 - 6.0 / 2)
    var far = RegressionMetrics()
    far.add([1e9 + 1, 1e9 + 2, 1e9 + 3], targets: [1e9 + 1, 1e9 + 2, 1e9 + 4])
    // ȳ = 7/3 above 1e9: Σ (y − ȳ)² = 14/3.
    #expect(abs(try #require(far.determination) - (1 - 3.0 / 14)) < 1e-6)
    #expect(abs(LanguageMeasures.perplexity(0.6931471805599453) - 2) < 1e-15)
  }

  @Test func classesAreCounted() {
    var matrix = ConfusionMatrix(classes: 3)
    matrix.add([0, 0, 1, 1, 1, 2], targets: [0, 1, 1, 1, 2, 0])
    #expect(matrix.count == 6 && matrix.accuracy == 0.5 && matrix[target: 2, prediction: 1] == 1)
    #expect(matrix.precision(of: 1) == 2.0 / 3 && matrix.recall(of: 1) == 2.0 / 3 && matrix.f1(of: 1) == 2.0 / 3)
    #expect(matrix.precision(of: 0) == 0.5 && matrix.recall(of: 0) == 0.5 && matrix.f1(of: 2) == 0)
    #expect(abs(matrix.macroF1 - (0.5 + 2.0 / 3) / 3) < 1e-15)
  }

  @Test func theFirstOfTheHighestScoresIsThePrediction() {
    var matrix = ConfusionMatrix(classes: 2)
    let scores = Tensor([2, 2, 2], [0.1, 0.9, 0.5, 0.5, 3, -1, -2, 7] as [Float])
    matrix.add(scores: scores, targets: Tensor([2, 2], [1, 0, 1, -5] as [Int32]), where: [true, true, true, false])
    #expect(matrix.count == 3 && matrix[target: 1, prediction: 1] == 1 && matrix[target: 0, prediction: 0] == 1)
    #expect(matrix[target: 1, prediction: 0] == 1)
  }
}
