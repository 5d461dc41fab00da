import EbbCompiler
import EbbExecution
import EbbGraph
import EbbPJRT
import EbbTensors
import EbbTestSupport
import Testing

@testable import EbbTraining

/// Options that a device does not have, with a plugin that computes nothing.
@Suite(.enabled(if: FakePlugin.compiler != nil)) struct DeviceOptionsTests {
  /// A budget says that it is not kept there, instead of being forgotten.
  @Test func aMemoryBudget() throws {
    let plugin = try FakePlugin()
    defer { plugin.remove() }
    let options = ExecutionOptions(memoryBudget: 1 << 20, device: try PJRTDevice(plugin: plugin.path))
    let words = "a memory budget, here 1048576 bytes, is for the kernels on the CPU"
    #expect { try StepCase.all[0].trainer(.float32, options: options) } throws: { "\($0)".contains(words) }
    var graph = Graph()
    graph.setOutput("one", graph.appendLeaf(.constant(1), NodeType(.float32)))
    let program = try Executable(compiling: graph, options: options)
    #expect { try program.run(Bindings()) } throws: { "\($0)".contains(words) }
  }
}
