import Ebb
import EbbApplications

/// One vector to a sequence: a decoder whose initial state is computed from the vector (after Vinyals et al. 2015).
let captioning = Example(name: "captioning", summary: "one vector becomes a sentence") { effort in
  let scenes = Scenes()
  let model = Captioner(features: scenes.features, words: scenes.words.count)
  let trainer = try train(try model.training(), steps: effort(full: 300, quick: 60), rate: 1e-2) { step in
    var dice = Dice(step)
    let examples = (0..<64).map { _ in scenes.example(&dice, heldOut: false) }
    return [
      "scene": Tensor([64, scenes.features], examples.flatMap(\.vector), as: .float32),
      "words": Tensor(sequences: examples.map(\.words)), "lengths": Tensor(lengthsOf: examples.map(\.words)),
    ]
  }

  let describe = try model.describing(trainer.state.parameters)
  var dice = Dice(-1)
  let unseen = (0..<200).map { _ in scenes.example(&dice, heldOut: true) }
  var right = 0
  for (index, example) in unseen.enumerated() {
    let found = try describe(example.vector)
    if found.first?.tokens == example.words.untilEnd { right += 1 }
    if index >= 3 { continue }
    show("the scene: \(scenes.words.text(example.words.untilEnd))")
    for hypothesis in found.prefix(2) {
      show("  \(scenes.words.text(hypothesis.tokens)) (\(number(hypothesis.logProbability.exponential)))")
    }
  }
  show("\n\(right) of \(unseen.count) scenes that were held out are described word for word.")
}

/// A synthetic world: two objects and their relative position, seen as a vector with noise.
struct Scenes {
  static let sizes = ["small", "large"]
  static let colors = ["red", "green", "blue", "yellow"]
  static let shapes = ["circle", "square", "triangle"]
  static let relations = ["above", "below", "beside"]

  let words = Vocabulary(["a"] + sizes + colors + shapes + relations)
  let features = 24
  private let looks: [[Double]]

  init() {
    var dice = Dice(5)
    // The contribution of each word to the vector, as the first object and as the second.
    looks = (0..<40).map { _ in (0..<24).map { _ in dice.normal() } }
  }

  /// A scene; a fifth of all scenes are held out.
  func example(_ dice: inout Dice, heldOut: Bool) -> (vector: [Double], words: [Int]) {
    while true {
      let counts = [2, 4, 3, 3, 2, 4, 3]
      let choices = counts.map { Int.random(in: 0..<$0, using: &dice) }
      let code = zip(choices, counts).reduce(0) { $0 * $1.1 + $1.0 }
      if (code &* 7919 % 997 < 200) != heldOut { continue }
      let lists = [Self.sizes, Self.colors, Self.shapes, Self.relations, Self.sizes, Self.colors, Self.shapes]
      var tokens = zip(lists, choices).map { words[$0[$1]] }
      // Objects of one kind look different in the two places.
      let seen = tokens.enumerated().map { looks[$0.offset < 4 ? $0.element : $0.element + 16] }
      let vector = (0..<features).map { place in seen.reduce(0.1 * dice.normal()) { $0 + $1[place] } }
      tokens.insert(words["a"], at: 4)
      return (vector, [words["a"]] + tokens + [Vocabulary.end])
    }
  }
}

/// h₁ and c₁ are computed from the vector by a layer; then the words follow, each from the previous one.
struct Captioner {
  var features: Int
  var words: Int
  var units = 96

  private func firstStates(_ scene: Signal, _ scope: Scope) -> [String: Signal] {
    let states = tanh(scope.affine("scene", [scene], 2 * units))
    return ["body.h": states[0..<units], "body.c": states[units..<2 * units]]
  }

  private func decode(_ feed: TokenFeedback.Feed, _ scope: Scope) -> Signal {
    let feedback = TokenFeedback(tokens: words, units: 16, start: Vocabulary.end)
    return feedback(feed, scope) { x, scope in
      scope.run(Dense(units: words), scope.run(LSTM(units: units), x, named: "body"), named: "readout")
    }.logits
  }

  func training() throws -> Recording {
    try Recording { scope in
      let (time, batch) = (scope.time("time"), scope.batch("batch"))
      scope.lengths("lengths", of: time, over: [batch])
      let scene = scope.input("scene", [features], over: [batch])
      let truth = scope.input("words", over: [time, batch], as: .int32)
      let logits = decode(.target(truth), scope.over(time).starting(firstStates(scene, scope)))
      scope.output("loss", crossEntropy(logits, truth))
    }
  }

  /// The most likely sentences for a vector.
  func describing(
    _ parameters: [String: Tensor]
  ) throws -> (_ scene: [Double]) throws -> [BeamSearch.Hypothesis] {
    let start = try Recording { scope in
      for (name, state) in firstStates(scope.input("scene", [features], over: []), scope) { scope.output(name, state) }
    }
    let step = try Recording { scope in
      let (time, beam) = (scope.time("time"), scope.batch("beam"))
      let previous = scope.input("previous", over: [time, beam], as: .int32)
      let logits = decode(.previous(previous), scope.over(time).starting(.input(over: [beam])))
      scope.output("logProbabilities", logSoftmax(logits))
    }
    let begin = try start.evaluator(parameters)
    let stepper = try TokenStepper(step, parameters: parameters)
    let search = BeamSearch(width: 3, longest: 12, end: Vocabulary.end)
    return { scene in
      let states = try begin(Bindings(["scene": Tensor([features], scene, as: .float32)])).mapValues(\.doubles)
      return try search(from: states) { try stepper($0) }
    }
  }
}
