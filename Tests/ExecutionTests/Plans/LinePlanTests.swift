import EbbExecution
import EbbGraph
import EbbInterpreter
import EbbPlanning
import EbbTensors
import EbbTestSupport
import Testing

/// Operations on lines of features and along axes run in kernels, ragged or not, and give the interpreter's numbers.
@Suite struct LinePlanTests {
  @Test(arguments: ["time", "time, lengths n"])
  func linesRunInKernels(time: String) throws {
    // Of a vector in panels, of one that is a matrix in another shape, and of a matrix along both of its dimensions.
    let graph = try Graph(
      parsing: """
        axis t: \(time)
        axis b: batch
        %0 n: i32 {b} = input
        %1 x: f32 {t, b} [70] = input
        %2 y: f32 {t, b} [6, 9] = input
        %3 ids: i32 {t, b} [11] = input
        %4: f32 = constant(1)
        %5: i32 {t, b} = argmaxFeatures(%1; dimension 0)
        %6: i32 {t, b} [9] = argmaxFeatures(%2; dimension 0)
        %7: i32 {t, b} [6] = argmaxFeatures(%2; dimension 1)
        %8: f32 {t, b} [70] = accumulate(%4, %1; dimension 0, reversed)
        %9: f32 {t, b} [6, 9] = accumulate(%2, %2; dimension 0)
        %10: f32 {t, b} [6, 9] = accumulate(%2, %2; dimension 1)
        %11: i32 {t, b} [70] = argsortFeatures(%1; dimension 0, descending)
        %12: i32 {t, b} [6, 9] = argsortFeatures(%2; dimension 0)
        %13: f32 {t, b} [11] = gatherFeatures(%1, %3; dimension 0)
        %14: f32 {t, b} [6, 9] = gatherFeatures(%2, %12; dimension 0)
        %15: f32 {t, b} [5] = scatterFeatures(%3, %13; dimension 0, count 5)
        %16: i32 {b} [70] = argmaxAxis(%1; along t)
        %17: f32 {b} [70] = maxAxes(%1; over {t})
        %18: i32 {b} [6, 9] = argmaxAxis(%2; along t)
        %19: f32 {t, b} [35, 2] = reshape(%1; to [35, 2])
        %20: f32 {t, b} [35, 2] = accumulate(%4, %19; dimension 1)
        output a = %5
        output b = %6
        output c = %7
        output d = %8
        output e = %9
        output f = %10
        output g = %11
        output h = %12
        output i = %13
        output j = %14
        output k = %15
        output l = %16
        output m = %17
        output o = %18
        output p = %20
        """)
    let plan = Plan(graph)
    let general = plan.instructions.filter { if case .general = $0.kernel { true } else { false } }
    #expect(general.isEmpty, "\(plan)")
    for batch in [3, 9] {
      var bindings = Bindings(seed: 1)
      bindings.lengths = ["t": 5, "b": batch]
      var random = SplitMix(6)
      func numbers(_ shape: [Int], _ number: () -> Double) -> [Double] {
        (0..<shape.reduce(1, *)).map { _ in number() }
      }
      // Quarters: sums are exact in either precision, and many numbers are equal.
      for (name, shape) in [("x", [5, batch, 70]), ("y", [5, batch, 6, 9])] {
        var values = numbers(shape) { Double(Int.random(in: -4...4, using: &random)) / 4 }
        if name == "x" { values[3] = .nan }
        bindings.values[name] = Tensor(shape, values, as: .float32)
      }
      bindings.values["ids"] = Tensor(
        [5, batch, 11], numbers([5, batch, 11]) { Double(Int.random(in: -1...5, using: &random)) }, as: .int32)
      bindings.values["n"] = Tensor([batch], (0..<batch).map { Double(($0 * 2 + 3) % 6) }, as: .int32)
      let expected = try Interpreter.run(graph, bindings)
      let runs = try [1, 2].map { try Executable(graph, options: ExecutionOptions(threads: $0)).run(bindings) }
      for (name, tensor) in expected {
        #expect(maximumRelativeError(runs[0][name]!, tensor) < 1e-6, "\(name), \(batch) rows")
        let bits = runs.map { $0[name]!.doubles.map(\.bitPattern) }
        #expect(bits[0] == bits[1], "\(name), \(batch) rows")
      }
    }
  }

  /// Sums and maxima of one dimension, of vectors and of matrices, rearrangements of three dimensions and conversions, once
  /// a run and at each step.
  @Test(arguments: ["time", "time, lengths n"])
  func dimensionsRunInKernels(time: String) throws {
    let graph = try Graph(
      parsing: """
        axis t: \(time)
        axis b: batch
        %0 n: i32 {b} = input
        %1 x: f32 {t, b} [70] = input
        %2 y: f32 {t, b} [6, 9] = input
        %3 p: f32 [3, 5, 37] = parameter
        %4 q: f32 [41] = parameter
        %5: f32 {t, b} [9] = sumFeatures(%2; dimension 0)
        %6: f32 {t, b} [6] = maxFeatures(%2; dimension 1)
        %7: f32 {t, b} [35, 2] = reshape(%1; to [35, 2])
        %8: f32 {t, b} [35] = sumFeatures(%7; dimension 1)
        %9: f32 {t, b} [2] = maxFeatures(%7; dimension 0)
        %10: f32 [5, 37] = sumFeatures(%3; dimension 0)
        %11: f32 [3, 37] = maxFeatures(%3; dimension 1)
        %12: f32 [3, 5] = sumFeatures(%3; dimension 2)
        %13: f32 = maxFeatures(%4; dimension 0)
        %14: f32 [37, 5, 3] = transpose(%3; dimension 0, with 2)
        %15: f32 [3, 2, 37] = slice(%3; dimension 1, start 2, count 2)
        %16: f64 {t, b} [70] = convert(%1; to f64)
        %17: i32 {t, b} [70] = convert(%1; to i32)
        %18: f32 {t, b} [70] = convert(%16; to f32)
        %19: f64 [41] = convert(%4; to f64)
        output a = %5
        output b = %6
        output c = %8
        output d = %9
        output e = %10
        output f = %11
        output g = %12
        output h = %13
        output i = %14
        output j = %15
        output k = %16
        output l = %17
        output m = %18
        output o = %19
        """)
    let plan = Plan(graph)
    #expect(plan.fallbacks.isEmpty)
    let general = plan.instructions.compactMap { instruction -> String? in
      if case .general(let equation) = instruction.kernel { equation.operation.keyword } else { nil }
    }
    #expect(Set(general) == ["convert"])
    for batch in [3, 9] {
      var bindings = Bindings(seed: 1)
      bindings.lengths = ["t": 5, "b": batch]
      var random = SplitMix(6)
      for (name, shape) in [("x", [5, batch, 70]), ("y", [5, batch, 6, 9]), ("p", [3, 5, 37]), ("q", [41])] {
        var values = (0..<shape.reduce(1, *)).map { _ in Double(Int.random(in: -9...9, using: &random)) / 4 }
        if name != "q" { values[3] = .nan }
        if name == "x" { (values[4], values[5]) = (1e30, -.infinity) }
        bindings.values[name] = Tensor(shape, values, as: .float32)
      }
      bindings.values["n"] = Tensor([batch], (0..<batch).map { Double(($0 * 2 + 3) % 6) }, as: .int32)
      let expected = try Interpreter.run(graph, bindings)
      for threads in [1, 2] {
        let found = try Executable(graph, options: ExecutionOptions(threads: threads)).run(bindings)
        for (name, value) in expected {
          let (a, b) = (found[name]?.doubles ?? [], value.doubles)
          #expect(a.count == b.count && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN }, "\(name)")
        }
      }
    }
  }
}
