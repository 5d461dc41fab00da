import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import Foundation
import Testing

@Suite struct DebugTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["SEED"] != nil))
  func firstWrongNode() throws {
    let seed = UInt64(ProcessInfo.processInfo.environment["SEED"]!)!
    let sample = RandomGraph.make(seed: seed)
    if ProcessInfo.processInfo.environment["SHOW"] != nil { print("\(sample)") }
    var graph = sample.graph
    for node in graph.nodes { graph.setOutput("n\(node.index)", node) }
    let expected = try Interpreter.run(graph, sample.bindings)
    let found = try Executable(graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    var shown = 0
    for node in graph.nodes {
      let name = "n\(node.index)"
      let f = found[name]!
      let e = expected[name]!.converted(to: f.element)
      if maximumRelativeError(f, e) > 1e-10, shown < 3 {
        shown += 1
        print("WRONG %\(node.index) \(graph.operation(node)) operands \(graph.operands(node)) type \(graph.type(node))")
        print("  found \(f)\n  expected \(e)")
      }
    }
    if shown == 0 {
      print("ALL RIGHT as outputs")
      for node in graph.nodes where shown < 2 {
        var single = sample.graph
        single.setOutput("probe", node)
        let f = try Executable(single, options: ExecutionOptions(threads: 1)).run(sample.bindings)["probe"]!
        let e = expected["n\(node.index)"]!.converted(to: f.element)
        if maximumRelativeError(f, e) > 1e-10 {
          shown += 1
          print("WRONG %\(node.index) \(graph.operation(node)) operands \(graph.operands(node))")
          print("  found \(f)\n  expected \(e)")
        }
      }
    }
    let lines = "\(sample)".split(separator: "\n")
    if ProcessInfo.processInfo.environment["SHOW"] != nil { for l in lines { print(l) } }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["SCAN"] != nil))
  func scan() throws {
    for seed in UInt64(0)..<600 {
      print("seed \(seed)")
      let sample = RandomGraph.make(seed: seed)
      _ = try Executable(sample.graph, options: ExecutionOptions(threads: 1)).run(sample.bindings)
    }
  }
}
