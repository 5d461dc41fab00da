import EbbGraph
import EbbTensors
import Testing

@testable import EbbPlanning

/// Which kernel computes each node, and what follows from that about names, widths and axes.
@Suite struct KernelSelectionTests {
  /// A name stands for a node that has names of no other, for the same numbers: as many of them, along fewer axes at most.
  @Test func namesStandForTheSameNumbers() throws {
    var aliases = 0
    for planned in try PlannedGraph.all.get() {
      let (graph, kernels) = (planned.graph, planned.kernels)
      for node in graph.nodes {
        let source = kernels.canonical(node)
        #expect(kernels.canonical(source) == source, "\(planned.name), %\(node.index)")
        guard source != node else { continue }
        aliases += 1
        #expect(!kernels.isOutput(node), "\(planned.name), %\(node.index): what is asked for has memory of its own")
        #expect(kernels.storage(source) == kernels.storage(node))
        #expect(graph.type(source).domain.isSubset(of: graph.type(node).domain))
        let (found, expected) = (kernels.features(source), kernels.features(node))
        #expect(found == expected || found == 1 && kernels.isConstant(source), "\(planned.name), %\(node.index)")
      }
    }
    #expect(aliases > 30)
  }

  /// Who reads a node, and what a node reads, are the same edges seen from both ends.
  @Test func readersAreThoseThatRead() throws {
    for planned in try PlannedGraph.all.get() {
      let kernels = planned.kernels
      var readers: [NodeID: [NodeID]] = [:]
      for node in kernels.computed {
        for operand in kernels.operands(node) { readers[operand, default: []].append(node) }
      }
      for node in kernels.computed {
        #expect(kernels.users(node).sorted() == (readers[node] ?? []).sorted(), "\(planned.name), %\(node.index)")
      }
    }
  }

  /// What an executed node reads is executed too, and never along an axis that its own type lacks, but those it sums over.
  @Test func numbersVaryAlongTheAxesOfTheirOperands() throws {
    var repeated = 0
    for planned in try PlannedGraph.all.get() {
      let (graph, kernels) = (planned.graph, planned.kernels)
      for node in kernels.computed {
        let domain = kernels.domain(node)
        #expect(domain.isSubset(of: graph.type(node).domain), "\(planned.name), %\(node.index)")
        if domain != graph.type(node).domain { repeated += 1 }
        for operand in kernels.operands(node) {
          #expect(kernels.isLive(operand))
          switch kernels[node] {
          case .elementwise, .join, .product, .reduceRows:
            // What varies along an axis must be computed for each of its indices.
            let isNumber = kernels.isConstant(operand)
            #expect(isNumber || kernels.domain(operand).isSubset(of: domain), "\(planned.name), %\(node.index)")
          case .leaf, .constant, .view, .shift, .assembled, .build, .outer, .sumColumns, .strided, .general: break
          }
        }
      }
    }
    #expect(repeated > 5)
  }

  /// A product's rows have indices and its matrix has none; the matrix is summed over along the rows' features.
  @Test func aProductIsRowsTimesAMatrix() throws {
    var products = 0
    for planned in try PlannedGraph.all.get() {
      let (graph, kernels) = (planned.graph, planned.kernels)
      for node in kernels.computed {
        guard case .product(let product) = kernels[node] else { continue }
        products += 1
        let shape = graph.type(product.matrix).shape
        #expect(kernels.hasRows(product.rows) && !kernels.hasRows(kernels.canonical(product.matrix)))
        #expect(shape[product.contracted] == kernels.features(product.rows))
        #expect(shape[1 - product.contracted] == kernels.features(node))
        #expect(kernels.domain(node) == kernels.domain(product.rows))
      }
    }
    #expect(products > 30)
  }

  /// A matrix that is never built has readers, and each takes its parts from where they come from.
  @Test func whatIsNeverBuiltIsReadByParts() throws {
    var assembled = 0
    for planned in try PlannedGraph.all.get() {
      let kernels = planned.kernels
      for node in kernels.computed {
        guard case .assembled = kernels[node] else { continue }
        assembled += 1
        #expect(!kernels.isOutput(node) && !kernels.users(node).isEmpty, "\(planned.name), %\(node.index)")
        for user in kernels.users(node) {
          switch kernels[user] {
          case .assembled, .build: break
          case .product(let product): #expect(product.matrix == node && product.rows != node)
          case .leaf, .constant, .view, .elementwise, .shift, .join, .outer, .reduceRows, .sumColumns, .strided,
            .general:
            Issue.record("\(planned.name): %\(user.index) reads %\(node.index), which is never built")
          }
        }
      }
    }
    #expect(assembled > 10)
  }

  /// Weights side by side are never built for a product alone, and are where someone asks for them.
  @Test(arguments: [false, true]) func aMatrixIsBuiltIfItIsAskedFor(isAskedFor: Bool) throws {
    let graph = try Graph(
      parsing: """
        axis b: batch

        %0 x: f32 {b} [4] = input
        %1 V: f32 [4, 6] = parameter
        %2 W: f32 [4, 6] = parameter
        %3: f32 [4, 12] = concatenate(V, W; dimension 1)
        %4: f32 {b} [12] = product(x, %3; contracting 0 with 0)

        output y = %4

        """ + (isAskedFor ? "output weights = %3\n" : ""))
    let kernels = KernelSelection(graph)
    let rearrangement = Rearrangement.concatenate(dimension: 1)
    #expect(kernels[NodeID(3)] == (isAskedFor ? .build(rearrangement) : .assembled(rearrangement)))
    #expect(kernels[NodeID(4)] == .product(RowProduct(rows: NodeID(0), matrix: NodeID(3), contracted: 0)))
    #expect(Plan(graph).weights.map(\.pieces.count) == [isAskedFor ? 1 : 2])
  }

  /// Int32 lie in doubles, and floats in their own width; a register of a comparison has the width of what is compared.
  @Test func widthsHoldWhatIsInThem() throws {
    for planned in try PlannedGraph.all.get() {
      let (graph, kernels) = (planned.graph, planned.kernels)
      for node in kernels.computed {
        switch graph.type(node).element {
        case .float32: #expect(kernels.storage(node) == .single)
        case .float64, .int32: #expect(kernels.storage(node) == .double)
        case .bool:
          guard case .compare = graph.operation(node) else { continue }
          #expect(kernels.programStorage(node) == kernels.storage(kernels.operands(node)[0]))
        }
      }
    }
  }
}
