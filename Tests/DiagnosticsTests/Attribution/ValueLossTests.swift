import EbbCells
import EbbDiagnostics
import EbbGraph
import EbbInterpreter
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// Experiments whose loss reads a state or a named value in place of the output.
@Suite struct ValueLossTests {
  private func means(
    _ experiment: FlowExperiment, _ cell: some RecurrentCell, _ objective: FlowExperiment.Objective = .loss
  ) throws -> [Double] {
    try #require(try Diagnostics.gradientFlow(of: experiment.trial(of: cell, loss: objective))["h"]).total.means
  }

  /// h' = a h + x + b: ‖dL/dh_t‖ = a⁹⁸⁻ᵗ of a loss at t = 98 (the 99th step), and 0 after it. The value `kept` is a h_{t−1}.
  @Test(arguments: FlowExperiment.Objective.allCases)
  func aLinearCellsStepIsAPower(_ objective: FlowExperiment.Objective) throws {
    guard objective != .stepRead else { return }
    var experiment = FlowExperiment(
      length: 120, features: 1, batch: 2, loss: .step(98), value: "h", element: .float64)
    func expected(_ step: Int, from last: Int) -> Double { step > last ? 0 : pow(0.5, Double(last - step)) }
    func agree(_ found: [Double], from last: Int, times factor: Double = 1) -> Bool {
      found.count == 120
        && found.indices.allSatisfy {
          let wanted = factor * expected($0, from: last)
          return abs(found[$0] - wanted) <= 1e-14 * wanted
        }
    }
    #expect(try agree(means(experiment, Diagonal(factor: 0.5), objective), from: 98))
    experiment.value = nil  // The output is h.
    #expect(try agree(means(experiment, Diagonal(factor: 0.5), objective), from: 98))
    experiment.value = "kept"
    #expect(try agree(means(experiment, Diagonal(factor: 0.5), objective), from: 97, times: 0.5))
    (experiment.value, experiment.loss) = ("h", .last)
    #expect(try agree(means(experiment, Diagonal(factor: 0.5), objective), from: 119))
    experiment.loss = .all
    let all = try means(experiment, Diagonal(factor: 0.5), objective)
    // (1 + a + a² + …) / T
    for (step, norm) in all.enumerated() {
      #expect(abs(norm - 2 * (1 - pow(0.5, Double(120 - step))) / 120) < 1e-15)
    }
  }

  /// The loss is v · c_t with the c of the interpreter, for an LSTM within a stack, and a step of each objective.
  @Test func theLossIsTheValueOfThatStep() throws {
    let cell = Stack([LSTM(units: 3), GRU(units: 2)])
    let experiment = FlowExperiment(
      length: 6, features: 2, batch: 3, loss: .step(2), value: "layer0.c", element: .float64)
    let plain = try Recording(cell, features: 2, element: .float64) { scope, _ in
      scope.output("c", scope.states["layer0.c"] ?? scope.constant(0))
    }
    let trial = try experiment.trial(of: cell)
    let v = try #require(trial.bindings.values["readout"]).doubles
    var bindings = trial.bindings
    bindings.values["readout"] = nil
    let c = try #require(try Interpreter.run(plain.graph, bindings)["c"]).doubles
    // Step 2 of [6, 3, 3], and the mean over three samples.
    var loss = 0.0
    for place in 0..<9 { loss += v[place] * c[2 * 9 + place] / 3 }
    let flow = try Diagnostics.gradientFlow(of: trial)
    #expect(abs(flow.loss - loss) < 1e-14)
    let state = try #require(flow["layer0.c"]).total
    #expect(state.samples[2].allSatisfy { abs($0 - 1) < 1e-14 } && state.samples[3] == [0, 0, 0])
    #expect(try #require(flow["layer1.h"]).total.means.allSatisfy { $0 == 0 })
    // The credit of each step's c: the loss of step s reaches no later one.
    let credit = try Diagnostics.creditMatrix(of: experiment.trial(of: cell, loss: .stepRead))
    #expect(credit.length == 6)
  }

  /// At each step of a convolution's states v · c is summed over the places, and v has the length 1 over all of them.
  @Test func placesOfAConvolutionShareTheDirection() throws {
    let cell = Places(count: 4)
    let experiment = FlowExperiment(length: 3, features: 1, batch: 2, loss: .step(1), value: "h", element: .float64)
    let flow = try Diagnostics.gradientFlow(of: experiment.trial(of: cell))
    let norms = try #require(flow["h"]).total.samples
    #expect(norms[1].allSatisfy { abs($0 - 1) < 1e-14 } && norms[2] == [0, 0])
  }

  @Test func whatCannotBeReadIsNamed() throws {
    func message(_ value: String?, _ loss: FlowExperiment.Loss = .last) -> String {
      do {
        _ = try FlowExperiment(length: 5, loss: loss, value: value).trial(of: LSTM(units: 2))
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(message("d").contains("no state or named value d of floats over time; there are h, c, "))
    #expect(message("c", .step(5)).contains("the loss reads the step 5, and the steps are 0 to 4"))
    #expect(message("c", .step(-1)).contains("the steps are 0 to 4"))
    #expect(message("c", .step(4)).isEmpty && message(nil, .step(0)).isEmpty)
    let values = try CellExperiment(LSTM(units: 2), FlowExperiment(value: "nothing")).values
    #expect(values.starts(with: ["h", "c"]))
    #expect(throws: DiagnosticError.self) {
      try Diagnostics.theory(LSTM(units: 2), FlowExperiment(length: 5, value: "c"))
    }
  }

  /// A part that ends before the step that is read.
  @Test func aPartReadsItsLastStep() {
    let experiment = CellExperiment(LSTM(units: 2), FlowExperiment(length: 9, loss: .step(6)))
    #expect(experiment.part(steps: 7, samples: 1).experiment.loss == .step(6))
    #expect(experiment.part(steps: 6, samples: 1).experiment.loss == .last)
  }
}

/// h' = h / 2 + x at each of `count` places.
private struct Places: RecurrentCell {
  var count: Int
  func callAsFunction(_ x: Signal, _ scope: Scope) -> Signal {
    let places = scope.batch("place", length: count)
    let h = scope.state("h", 1)
    let next = h.next(
      0.5 * h + x + scope.parameter("w", [1], .zeros) + 0 * convert(scope.index(of: places), to: x.element))
    return sum(next, over: [places])
  }
}
