import EbbGraph
import EbbRecording
import EbbTensors
import Foundation
import Testing

/// That the tests over all magnitudes are about every public function of the recording: none can be forgotten.
@Suite struct MagnitudeCoverageTests {
  /// What a function is applied to: x and a mask of five features over an axis, and ids over it.
  struct Operands {
    var scope: Scope
    var row: Axis
    var x: Signal
    var mask: Signal
    var id: Signal

    init(_ scope: Scope) {
      self.scope = scope
      row = scope.time("row", length: 3)
      x = scope.input("x", [5], over: [row])
      mask = scope.input("mask", [5], over: [row], as: .bool)
      id = scope.input("id", over: [row], as: .int32)
    }
  }

  /// Functions of which each records one operation, or several that only move numbers. The operations have their tests.
  static let plain: [String: @Sendable (Operands) -> Signal] = [
    "+(left:right:)": { $0.x + $0.x }, "-(left:right:)": { $0.x - $0.x }, "*(left:right:)": { $0.x * $0.x },
    "/(left:right:)": { $0.x / $0.x }, "+=(left:right:)": { operands in changed(operands) { $0 += $1 } },
    "-=(left:right:)": { operands in changed(operands) { $0 -= $1 } },
    "*=(left:right:)": { operands in changed(operands) { $0 *= $1 } },
    "/=(left:right:)": { operands in changed(operands) { $0 /= $1 } },
    "maximum(_:_:)": { maximum($0.x, $0.x) }, "minimum(_:_:)": { minimum($0.x, $0.x) },
    "power(_:_:)": { power($0.x, $0.x) }, "floorDivide(_:_:)": { floorDivide($0.id, 2) },
    "remainder(_:_:)": { remainder($0.id, 2) },
    ".==(left:right:)": { $0.x .== $0.x }, ".!=(left:right:)": { $0.x .!= $0.x }, ".<(left:right:)": { $0.x .< $0.x },
    ".<=(left:right:)": { $0.x .<= $0.x }, ".>(left:right:)": { $0.x .> $0.x }, ".>=(left:right:)": { $0.x .>= $0.x },
    ".&(left:right:)": { $0.mask .& $0.mask }, ".|(left:right:)": { $0.mask .| $0.mask },
    ".^(left:right:)": { $0.mask .^ $0.mask }, ".!(x:)": { .!$0.mask },
    "isFinite(_:)": { isFinite($0.x) }, "select(_:_:_:)": { select($0.mask, $0.x, $0.x) },
    "tanh(_:)": { tanh($0.x) }, "sigmoid(_:)": { sigmoid($0.x) }, "relu(_:)": { relu($0.x) },
    "softplus(_:)": { softplus($0.x) }, "exp(_:)": { exp($0.x) }, "expm1(_:)": { expm1($0.x) },
    "log(_:)": { log($0.x) }, "log1p(_:)": { log1p($0.x) }, "sqrt(_:)": { sqrt($0.x) }, "square(_:)": { square($0.x) },
    "reciprocal(_:)": { reciprocal($0.x) }, "abs(_:)": { abs($0.x) }, "sign(_:)": { sign($0.x) },
    "sin(_:)": { sin($0.x) }, "cos(_:)": { cos($0.x) }, "erf(_:)": { erf($0.x) }, "floor(_:)": { floor($0.x) },
    "-(x:)": { -$0.x }, "convert(_:to:)": { convert($0.x, to: .float32) },
    "stopGradient(_:)": { stopGradient($0.x) }, "clipGradient(_:_:)": { clipGradient($0.x, .norm(1)) },
    "sum(_:over:)": { sum($0.x, over: [$0.row]) }, "max(_:over:)": { max($0.x, over: [$0.row]) },
    "argmax(_:along:)": { argmax($0.x, along: $0.row) }, "argmax(_:dimension:)": { argmax($0.x) },
    "first(_:along:)": { first($0.x, along: $0.row) }, "last(_:along:)": { last($0.x, along: $0.row) },
    "pick(_:at:along:)": { pick($0.x, at: $0.scope.constant(1, as: .int32), along: $0.row) },
    "axisToFeature(_:_:)": { axisToFeature($0.x, $0.row) },
    "featureToAxis(_:_:)": { featureToAxis($0.x, $0.scope.batch("entry", length: 5)) },
    "concatenate(_:dimension:)": { concatenate([$0.x, $0.x]) }, "slice(_:_:dimension:)": { slice($0.x, 1..<3) },
    "subscript(_:)": { $0.x[1..<3] }, "split(_:into:dimension:)": { split($0.x, into: 5)[1] },
    "reshape(_:_:)": { reshape($0.x, [5, 1]) }, "transpose(_:_:_:)": { transpose(reshape($0.x, [5, 1])) },
    "matmul(_:_:)": { matmul($0.x, $0.x) }, "outer(_:_:)": { outer($0.x, $0.x) },
    "gather(_:_:)": { gather($0.x, $0.id) }, "pad(_:before:after:dimension:)": { pad($0.x, before: 1, after: 2) },
    "repeated(_:_:dimension:)": { repeated($0.x, 2) }, "broadcast(_:to:)": { broadcast($0.x, to: [2, 5]) },
    "sumOverFeatures(_:dimension:)": { sumOverFeatures($0.x) },
    "meanOverFeatures(_:dimension:)": { meanOverFeatures($0.x) },
    "maxOverFeatures(_:dimension:)": { maxOverFeatures($0.x) }, "norm(_:)": { norm($0.x) },
    "accumulate(_:_:dimension:reversed:)": { accumulate($0.x, $0.x) },
    "cumulativeSum(_:dimension:reversed:)": { cumulativeSum($0.x) },
    "cumulativeSum(_:along:reversed:)": { cumulativeSum($0.x, along: $0.row) },
    "argsort(_:descending:dimension:)": { argsort($0.x) }, "sort(_:descending:dimension:)": { sort($0.x) },
    "topK(_:_:dimension:)": { topK($0.x, 2).values },
    "gatherFeatures(_:_:dimension:)": { gatherFeatures($0.x, $0.scope.literal([1], as: .int32)) },
    "scatterFeatures(_:_:count:dimension:)": {
      scatterFeatures($0.x, $0.scope.literal([1, 0, 2, 1, 1], as: .int32), count: 3)
    },
    "solve(_:_:)": { solve($0.scope.literal([1], [1, 1]), $0.x[0..<1]) },
    "matrixExponential(_:)": { matrixExponential(reshape($0.x[0..<4], [2, 2])) },
    "whileTraining(_:otherwise:)": { $0.scope.whileTraining($0.x, otherwise: $0.x) },
  ]

  private static func changed(_ operands: Operands, _ change: (inout Signal, Signal) -> Void) -> Signal {
    var result = operands.x
    change(&result, operands.x)
    return result
  }

  /// Functions that are composed, and who tests them as a whole.
  static let composed: [String: VectorFunction] = [
    "mean(_:over:)": .meanOverAxes, "sum(_:)": .sumOfAll, "mean(_:)": .meanOfAll, "layerNorm(_:epsilon:)": .layerNorm,
    "softmax(_:dimension:)": .softmax, "logSoftmax(_:dimension:)": .logSoftmax, "logSumExp(_:dimension:)": .logSumExp,
    "softmax(_:over:)": .softmaxOverAxes, "crossEntropy(_:_:over:)": .crossEntropy,
    "binaryCrossEntropy(_:_:over:)": .binaryCrossEntropy, "meanSquaredError(_:_:over:)": .meanSquaredError,
    "huber(_:_:delta:over:)": .huber,
  ]

  /// Products of many entries leave the range. What is made of matrix functions, complex values and Fourier transforms
  /// has `MatrixFunctionTests` and `ComplexTests` of the recording.
  static let ofRecording: Set = [
    "cumulativeProduct(_:dimension:reversed:)", "cumulativeProduct(_:along:reversed:)", "inverse(_:)", "qr(_:)",
    "diagonal(_:)", "identityMatrix(_:)",
    "realFourierTransform(_:dimension:)", "inverseRealFourierTransform(_:count:dimension:)",
  ]

  /// `oneHot` reads an integer. Dropout and zoneout, and the cells that apply them, have `MagnitudeMoveTests`. A mask
  /// selects, see `MaskedTests`. What `withGradient`, `gradient` and loops compute is in their closures and in the rules of
  /// derivatives, see `DeclaredGradientTests`, `InnerGradientTests` and `IterationTests`; `before` reads a state, see
  /// `GridTests`, and a past holds values that were computed, see `HistoryTests`.
  static let others: Set = [
    "oneHot(_:_:)", "masking(_:output:)", "dropout(_:_:over:)", "zoneout(_:_:_:over:)", "callAsFunction(_:_:)",
    "withGradient(_:forward:)", "straightThrough(_:forward:)", "spike(_:_:)", "round(_:)",
    "gradient(of:withRespectTo:)", "iterate(_:atMost:until:_:)", "fixedPoint(from:atMost:tolerance:order:_:)",
    "before(along:initial:direction:)", "past(_:of:)", "isPast(_:)", "history(along:)", "recent(_:_:)",
  ]

  /// The names of the public functions in the sources, with their labels, and whether each is written as one elementwise
  /// function of the graph, which needs no row.
  private func declared() throws -> [String: Bool] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folders = ["Functions", "Linear", "Derivatives"].map { root.appendingPathComponent("Sources/Recording/\($0)") }
    let declaration =
      /public (?:static )?(?:prefix )?(?:func (?<name>[^\s(]+)|subscript) ?\((?<parameters>[^)]*)\)(?<operation> -> Signal { \.?(?:unary|binary)\()?/
    var names: [String: Bool] = [:]
    let files = try folders.flatMap { folder in
      try FileManager.default.contentsOfDirectory(atPath: folder.path).map { folder.appendingPathComponent($0) }
    }
    for file in files where file.pathExtension == "swift" {
      let source = try String(contentsOf: file, encoding: .utf8)
      for match in source.matches(of: declaration) {
        let labels = match.output.parameters.split(separator: ",").compactMap { parameter -> String? in
          let label = parameter.split(whereSeparator: { " :\n".contains($0) }).first ?? ""
          return label == "fileID" || label == "line" ? nil : "\(label):"
        }
        // Of a subscript's parameters the names are no labels.
        let name = match.output.name.map { "\($0)(\(labels.joined()))" } ?? "subscript(_:)"
        names[name] = names[name] != false && match.output.operation != nil
      }
    }
    return names
  }

  @Test func everyPublicFunctionIsTested() throws {
    let known = Set(Self.plain.keys).union(Self.composed.keys).union(Self.others).union(Self.ofRecording)
    let declared = try declared()
    #expect(known.subtracting(declared.keys).isEmpty)
    #expect(Set(declared.filter { !$0.value }.keys).subtracting(known).isEmpty)
  }

  /// What is said to be one operation is one.
  @Test func plainFunctionsRecordOneOperationOrMoves() throws {
    for (name, function) in Self.plain {
      let recording = try Recording(element: .float64) { scope in
        scope.output("value", function(Operands(scope)))
      }
      let counted = recording.graph.operations.map { MagnitudeCoverage.of($0) }.filter { !$0.onlyMoves }
      #expect(counted.count <= 1, "\(name) records \(counted)")
    }
  }
}
