package import EbbGraph
internal import EbbTensors

/// Puts the rows of matrices that vary over samples or steps on an axis of their own.
///
///     S q        Σⱼ Sᵣⱼ qⱼ for each row r             a sum over features of S ⊙ q
///     v kᵀ       vᵣ k for each row r                   v one number for each row
///     vᵀ S       Σᵣ vᵣ Sᵣ                              a sum over the axis of rows
///     S W        Sᵣ W for each row r                   rows times a weight matrix
///
/// In this form every value is a vector at each of its indices, which is what kernels compute. So it does not matter
/// whether a memory is written as a matrix of features or with its rows on an axis: the work on its rows is the same.
/// What has no such form reads the matrix of features, which is copied for it.
package struct PutRowsOnAxes: Pass {
  /// The pass.
  package init() {}
  package var name: String { "put-rows-on-axes" }
  package var purpose: String { "puts the rows of matrices that vary on an axis, so that every value is a vector" }

  package func run(_ graph: Graph) -> Graph {
    guard graph.nodes.contains(where: { graph.isVaryingMatrix($0) }) else { return graph }
    var writer = RowWriter(graph)
    return writer.run()
  }
}

extension Graph {
  /// Whether a node has a matrix for each index of some axes.
  func isVaryingMatrix(_ node: NodeID) -> Bool { type(node).shape.rank == 2 && !type(node).domain.isEmpty }
}
