import EbbGraph
import EbbInterpreter
import EbbTensors
import EbbTestSupport
import EbbTransforms
import Testing

struct PassCellTests {
  @Test func dump() throws {
    for style in CellWriter.Style.allCases {
      var cell = CellWriter(inputs: 3, units: 2, style: style)
      let h = try cell.lstm(cell.x)
      let loss = cell.loss(h)
      let parameters = cell.parameters
      let gradients = try cell.graph.gradient(of: loss, withRespectTo: parameters)
      for (parameter, gradient) in zip(parameters, gradients) {
        cell.graph.setOutput("d" + cell.graph.name(parameter)!, gradient)
      }
      try cell.graph.verify()
      print(cell.graph)
      print(ProductCount(cell.graph))
      let optimized = try Passes.optimized(cell.graph)
      print(optimized)
      print(ProductCount(optimized))
    }
  }
}
