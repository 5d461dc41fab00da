internal import EbbApplications
internal import EbbFiles
internal import EbbGraph
internal import EbbRecording
internal import EbbTraining
internal import Foundation

/// The steps of the recurrent layers that the read-out of a command's model reads.
struct ReadSteps {
  /// As Keras's `return_sequences` has it.
  var steps: WeightsCommand.Steps
  /// The words for it.
  var word: String

  /// Nil for a file of no model.
  ///
  /// - Throws: `FileError` for a model that reads something else, such as the largest of all steps.
  init?(ofModel path: String, _ metadata: [String: String]) throws(FileError) {
    switch metadata["ebb.model"] {
    case ForecastModel.kind: (steps, word) = (.last, "its last step, which the forecast reads; its columns are scaled")
    case TextModel.kind: (steps, word) = (.all, "all steps, which the text's tokens are told from")
    case TaskTrainer.kind:
      // Only answers at each step are judged one by one.
      let isEach = try ModelFile(contentsOf: path).recording()?.graph.node(named: "judged") != nil
      (steps, word) =
        isEach ? (.all, "all steps, which the task's answers are at") : (.last, "its last step, which the task reads")
    case TextClassifier.kind:
      let text = metadata["ebb.configuration"] ?? ""
      let pooling = (try? JSONDecoder().decode(Classifier.self, from: Data(text.utf8)))?.network.pooling
      guard pooling == .last else {
        throw FileError(
          path,
          "the read-out reads the \(pooling?.rawValue ?? "unknown") of all steps, which is no layer of a .keras file here; "
            + "-o NAME.weights.h5 takes the weights alone")
      }
      (steps, word) = (.last, "its last step in each direction, which the read-out reads")
    case _: return nil
    }
  }

  private struct Classifier: Decodable {
    var network: Network

    struct Network: Decodable { var pooling: ClassifierNetwork.Pooling }
  }
}
