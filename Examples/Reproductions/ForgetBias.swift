import Ebb
import EbbApplications

let forgetBias = Reproduction(
  name: "forget-bias", paper: "Jozefowicz, Zaremba & Sutskever 2015: the forget gate's bias",
  claim: "An LSTM whose forget gates begin open, with a bias of 1, learns better than with a bias of 0.",
  cuts:
    "temporal order over 60 steps in place of the paper's arithmetic, XML and language; 32 units, 3 runs of at most "
    + "3000 steps of Adam at 0.003"
) { effort in
  let task = TemporalOrder(length: effort(full: 60, quick: 10))
  let settings = TaskSettings(
    steps: effort(full: 3000, quick: 60), optimizer: Adam(learningRate: 3e-3),
    evaluationInterval: effort(full: 100, quick: 30))
  return try [-1.0, 0, 1, 2].map { bias in
    let units = effort(full: 32, quick: 8)
    let trials = try Trials(LSTM(units: units), task, settings, seeds: effort(full: 3, quick: 1)) { parameters in
      parameters["forget.bias"] = Tensor([units], [Float](repeating: Float(bias), count: units))
    }
    let paper =
      switch bias {
      case 0: "the usual LSTM"
      case 1: "better than a bias of 0"
      default: "not tried"
      }
    return Finding(
      "T = \(task.length), bias \(number(bias))", paper: paper, here: "\(trials.solved); loss \(number(trials.loss))")
  }
}
