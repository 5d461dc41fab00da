import EbbApplications
import EbbDiagnostics
import EbbGraph
import EbbInterchange
import EbbMarkup
import EbbTensors
import Foundation
import Testing

/// `ebb flow --loss c@99`: losses that read a state or a named value.
@Suite struct ValueLossCommandTests {
  private static func trained(_ name: String) -> String { TrainedFlowTests.path(name) }

  /// A vector of PyTorch, by its place in the file.
  private func vector(_ place: Int) throws -> JSONValue {
    let text = try String(contentsOfFile: Self.trained("values.json"), encoding: .utf8)
    return try #require(try JSONValue(parsing: text).array?[place])
  }

  private func experiment(_ expected: JSONValue) throws -> NetworkExperiment {
    let name = try #require(expected["network"]?.string)
    let network = try TrainedNetwork(TensorFile.contents(of: Self.trained("\(name)-float64.safetensors")))
    let data = try SequenceReader(network, source: name).read(Self.trained("\(name).npz"), targets: nil)
    let step = try #require(expected["step"]?.integer)
    return try NetworkExperiment(
      network, cell: network.recurrent, features: network.recurrentFeatures, parameters: network.parameters,
      NetworkExperiment.Sequences(data.input, lengths: data.lengths),
      FlowExperiment(
        loss: step > 0 ? .step(step - 1) : .all, value: expected["value"]?.string, element: .float64))
  }

  /// ‖dL/dhₜ‖ of all states, of losses that read an LSTM's c: at one step and at all, ragged and in both directions.
  @Test(arguments: 0..<4) func normsAreThoseOfPyTorch(_ place: Int) throws {
    let expected = try vector(place)
    var trial = try experiment(expected).trial(loss: .loss)
    let direction = try #require(expected["direction"]?.array).map { $0.array?.compactMap(\.double) ?? [] }
    trial.bindings.values["direction"] = Tensor([direction.count, direction[0].count], direction.flatMap { $0 })
    let flow = try Diagnostics.gradientFlow(of: trial)
    #expect(abs(flow.loss - (expected["loss"]?.double ?? .nan)) < 1e-12)
    let norms = try #require(expected["norms"]?.object).members
    #expect(Set(norms.map(\.0)) == Set(flow.states.map(\.name)))
    for (name, curve) in norms {
      let found = try #require(flow[name]).total.means
      let wanted = curve.array?.compactMap(\.double) ?? []
      #expect(
        found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-10 }, "\(name): \(found)")
    }
  }

  /// The command measures what the library does, its steps counted from 1.
  @Test(arguments: [("characters", "c@6", 0), ("tagger", "layer1.backward.c@4", 3)])
  func theCommandReadsThatValue(_ name: String, _ loss: String, _ place: Int) throws {
    let files = ["--weights", Self.trained("\(name)-float64.safetensors"), "--data", Self.trained("\(name).npz")]
    let outcome = ebb(["flow"] + files + ["--loss", loss, "--json", "-"])
    #expect(outcome.status == 0, "\(outcome.messages)")
    let json = try outcome.json()
    let expected = try vector(place)
    let flow = try Diagnostics.gradientFlow(of: experiment(expected).trial(loss: .loss))
    #expect(json["profile"]?["loss"]?.double == flow.loss && json["comparison"] == .null)
    #expect(json["experiment"]?["loss"] == expected["step"] && json["experiment"]?["value"] == expected["value"])
    let states = json["profile"]?["states"]?.array ?? []
    #expect(states.map { $0["total"]?["norms"]?.array?.compactMap(\.double) } == flow.states.map(\.total.means))
    let ragged = outcome.messages.contains("note: 1 of the 4 samples has no step 4, and a loss of 0")
    #expect(ragged == (name == "tagger"), "\(outcome.messages)")
  }

  private static let small = ["--hidden", "3", "--input", "2", "--batch", "2", "--length", "7", "--precision", "64"]

  @Test func aCellsValueIsReadAtAStepTheLastAndAll() throws {
    func norms(_ loss: String) throws -> [Double] {
      let json = try ebb(["flow"] + Self.small + ["--loss", loss, "--json", "-"]).json()
      let states = try #require(json["profile"]?["states"]?.array)
      let c = try #require(states.first { $0["name"] == "c" })
      return c["total"]?["norms"]?.array?.compactMap(\.double) ?? []
    }
    let fifth = try norms("c@5")
    #expect(abs(fifth[4] - 1) < 1e-14 && fifth[5...] == [0, 0] && fifth[3] > 0)
    #expect(abs(try norms("c@last")[6] - 1) < 1e-14)
    #expect(abs(try norms("c")[6] - 1.0 / 7) < 1e-14)
    #expect(try norms("c@7") == norms("c@last"))
    let text = ebb(["flow"] + Self.small + ["--loss", "c@5"]).output
    #expect(text.contains("‖dL/dhₜ‖ over 7 steps, 3 units, loss of c at step 5"), "\(text)")
    #expect(ebb(["flow"] + Self.small + ["--loss", "c@5", "--credit", "--by-step", "--units", "--noise"]).status == 0)
    try withTemporaryFolder { folder in
      #expect(ebb(["flow"] + Self.small + ["--loss", "c@5", "--report", folder + "/p.html"]).status == 0)
      let page = try String(contentsOfFile: folder + "/p.html", encoding: .utf8)
      #expect(page.contains("A loss that reads <code>c</code> at step 5 of <code>lstm</code>"))
      // The last two steps come after what the loss reads.
      #expect(page.contains("a step back, and is zero at the last step.") && !page.contains("of its last value"))
    }
  }

  @Test func whatCannotBeReadIsAnError() {
    func message(_ arguments: String...) -> String {
      let outcome = ebb(["flow"] + arguments)
      #expect(outcome.status == 2 && outcome.output.isEmpty, "\(arguments)")
      return outcome.messages
    }
    #expect(
      message("--length", "40", "--loss", "c@41").contains(
        "--loss c@41 reads a step after the last: the steps are 1 to 40"))
    #expect(message("--loss", "c@0").contains("--loss c@0 has a step from 1 after the @, or last"))
    #expect(message("--loss", "c@x").contains("not 'x'"))
    let unknown = message("--loss", "cc@4")
    #expect(
      unknown.contains("--loss reads no value 'cc'; it reads one of the values of the network: h, c, "), "\(unknown)")
    #expect(unknown.contains("\nDid you mean c"), "\(unknown)")
    #expect(message("--loss", "cc", "--seeds", "2").contains("not 'cc'; or one of the values of the network: h, c, "))
    #expect(
      message("--loss", "c@4,mse").contains("--loss mse compares the output with targets, and c is another value"))
    let files = [
      "--weights", Self.trained("tagger-float64.safetensors"), "--data", Self.trained("tagger.npz"), "--loss",
    ]
    let late = ebb(["flow"] + files + ["layer0.forward.c@8"]).messages
    #expect(late.contains("the steps are 1 to 7"), "\(late)")
    #expect(ebb(["flow"] + files + ["c@4"]).messages.contains("layer0.forward.h, layer0.forward.c, "))
    let part = ebb(["flow"] + files + ["layer0.forward.c@6", "--length", "5"]).messages
    #expect(part.contains("the steps are 1 to 5"), "\(part)")
    let compared = ebb(["flow"] + files + ["layer0.forward.c", "--targets", Self.trained("tagger.npz")])
    #expect(
      compared.status == 2 && compared.messages.contains("--targets are compared with the output, and --loss reads"))
  }
}
