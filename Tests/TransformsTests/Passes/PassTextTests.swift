import EbbGraph
import EbbTransforms
import Testing

extension PassSample: CustomTestStringConvertible {
  var testDescription: String { pass }
}

/// What each pass does to a small graph, as text.
struct PassTextTests {
  @Test(arguments: PassSample.all)
  func afterEachPass(sample: PassSample) throws {
    let pass = try #require(Passes.registry.first { $0.name == sample.pass })
    let found = try Passes.run([pass], on: try Graph(parsing: sample.before))
    #expect(found.description == sample.after)
  }

  @Test func everyPassHasASample() {
    let names = Set(PassSample.all.map(\.pass))
    for pass in Passes.registry {
      // A second round of a pass is the same pass.
      let name = pass.name.hasSuffix("-2") ? String(pass.name.dropLast(2)) : pass.name
      #expect(names.contains(name), "\(pass.name)")
    }
  }
}
