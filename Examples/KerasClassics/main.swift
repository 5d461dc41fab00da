// The two networks at the start of every Keras tutorial on recurrent networks, in the same number of lines.
// Run it with: swift run -c release KerasClassics
import Ebb
import Foundation

// Sequential([Input((10, 1)), SimpleRNN(50, activation="tanh"), Dense(1)]), compiled with Adam and the mean squared error:
// the next value of a sine from the ten before it.
func nextValue() throws {
  let samples = 500
  func value(_ step: Int, _ sample: Int) -> Double { sin(0.1 * Double(step + sample)) }
  // Time comes first: [10 steps, samples, 1 feature].
  let x = (0..<10).flatMap { step in (0..<samples).map { value(step, $0) } }
  let y = (0..<samples).map { value(10, $0) }
  let (inputs, targets) = (Tensor([10, samples, 1], x, as: .float32), Tensor([samples, 1], y, as: .float32))

  let model = try Recording.sequential(
    .features(1), [SimpleRNN(units: 50), LastStep(), Dense(units: 1)], loss: .meanSquaredError)
  print(model.summary())
  let trainer = try Trainer(model, optimizer: Adam(learningRate: 1e-3), seed: 1)
  let history = try trainer.fit(inputs, targets, epochs: 20, batchSize: 32)

  let prediction = try trainer.predict(inputs).doubles[0]
  print("mean squared error after \(history.count) epochs: \(readableNumber(history[history.count - 1].loss))")
  print("after ten values comes \(readableNumber(y[0])); forecast: \(readableNumber(prediction))\n")
}

// Sequential([Input((20, 1)), SimpleRNN(128), Dense(1, activation="sigmoid")]) with the binary cross-entropy: whether
// the mean of twenty random numbers is above the overall mean.
func aboveTheMean() throws {
  let samples = 2000
  let random = RandomStream(seed: 7, stream: 1)
  let x = (0..<(20 * samples)).map { random.value(.normal, at: [UInt32($0), 0, 0], element: 0) }
  let y = (0..<samples).map { sample in (0..<20).reduce(0) { $0 + x[$1 * samples + sample] } > 0 ? 1.0 : 0 }
  let (inputs, targets) = (Tensor([20, samples, 1], x, as: .float32), Tensor([samples, 1], y, as: .float32))

  let model = try Recording.sequential(
    .features(1), [SimpleRNN(units: 128), LastStep(), Dense(units: 1, activation: .sigmoid)],
    loss: .binaryCrossEntropy)
  print(model.summary())
  let trainer = try Trainer(model, optimizer: Adam(learningRate: 1e-3), clipping: .globalNorm(1), seed: 1)
  try trainer.fit(inputs, targets, epochs: 10) { epoch in
    print("epoch \(epoch.epoch) of \(epoch.epochs): loss \(readableNumber(epoch.loss))")
    return .continue
  }

  let right = zip(try trainer.predict(inputs).doubles, y).count { ($0 > 0.5) == ($1 > 0.5) }
  print("\(readableNumber(100 * Double(right) / Double(samples)))% of the answers are right")
}

do {
  try nextValue()
  try aboveTheMean()
} catch {
  print(error)
  exit(1)
}
