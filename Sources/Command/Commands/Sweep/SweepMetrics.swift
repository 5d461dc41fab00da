internal import EbbApplications
internal import EbbSweeps

/// The numbers of each command's results that a sweep reports, and the curves that its page draws.
enum SweepMetrics {
  /// The usual ones of a command; the first decides which setting is best.
  static func standard(_ command: String) -> [SweepMetric] {
    switch command {
    case "train":
      [
        SweepMetric("loss", "evaluations.-1.loss"),
        SweepMetric("accuracy", "evaluations.-1.accuracy", isLargestBest: true),
        SweepMetric("solved", "isSolved", isLargestBest: true), SweepMetric("solved after", "solvedAfter"), factor,
      ]
    case "text train":
      [SweepMetric("held-out loss", "bestHeldOutLoss"), SweepMetric("perplexity", "perplexity"), factor]
    case "sentiment train":
      [
        SweepMetric("accuracy", "evaluations.-1.heldOut.accuracy", isLargestBest: true),
        SweepMetric("loss", "evaluations.-1.heldOut.loss"), factor,
      ]
    case "forecast train":
      [
        SweepMetric("held-out error", "heldOutError"),
        SweepMetric("beats persistence", "beatsPersistence", isLargestBest: true), factor,
      ]
    case "flow":
      [
        SweepMetric("factor a step", "profile.states.0.total.decay.factor", isLargestBest: true),
        SweepMetric("steps to 1%", "profile.states.0.total.stepsBackToOnePercent", isLargestBest: true),
      ]
    case "study":
      [
        SweepMetric("error", "cells.0.training.heldOutError"),
        SweepMetric("solved", "cells.0.training.isSolved", isLargestBest: true),
        SweepMetric("factor a step", "cells.0.initial.states.0.total.decay.factor", isLargestBest: true),
      ]
    case let other: [SweepMetric("loss", "\(other).loss")]
    }
  }

  private static let factor = SweepMetric(
    "factor a step", "gradientsThroughTime.measurements.-1.states.0.decay.factor", isLargestBest: true)

  /// ‖dL/dhₜ‖ of the first state, at the end of a training or of the measurement; nil if there is none.
  static func gradientPath(_ command: String) -> String? {
    switch command {
    case "train", "text train", "sentiment train", "forecast train":
      "gradientsThroughTime.measurements.-1.states.0.norms"
    case "flow": "profile.states.0.total.norms"
    case "study": "cells.0.training.snapshots.-1.states.0.norms"
    case _: nil
    }
  }

  /// Those that an experiment asks for, by name or by place.
  static func of(_ experiment: Experiment, _ file: String) throws(SweepError) -> [SweepMetric] {
    let known = standard(experiment.command)
    var metrics = experiment.report.isEmpty ? known : []
    for name in experiment.report {
      metrics.append(known.first { $0.name == name } ?? SweepMetric(name, name))
    }
    guard let best = experiment.best else { return metrics }
    guard let index = metrics.firstIndex(where: { $0.name == best.metric }) else {
      throw SweepError(
        "\(file): best.metric",
        "\(UsageError(unknown: best.metric, "reported number", plural: "reported numbers", among: metrics.map(\.name)))"
      )
    }
    metrics[index].isLargestBest = best.isLargest
    return metrics
  }
}
