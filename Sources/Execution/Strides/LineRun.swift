internal import EbbKernels
internal import EbbPlanning
internal import EbbTensors

/// Lines of numbers along a feature dimension that lie alike: line j of these is `strides` further than the one before,
/// in bytes, one for each operand.
struct LineRun {
  var count: Int
  var strides: [Int]
  /// Where the first line begins, from each operand's first number, in bytes.
  var start: [Int]
  /// For each operand, the places of a line's numbers from its first one, in bytes; none if it has no lines.
  var steps: [[Int]]
}

extension StridedBinding {
  /// The runs of lines along one dimension of a shape.
  ///
  /// - Parameters:
  ///   - places: The places of each operand's features, in bytes: of all of them, or of one for each line.
  ///   - isReversed: Whether a line begins with its last number.
  func lines(_ shape: Shape, along dimension: Int, _ places: [[Int]], isReversed: Bool = false) -> [LineRun] {
    let count = shape[dimension]
    let inner = shape.array[(dimension + 1)...].reduce(1, *)
    /// Where a line begins and where its numbers lie from there, for each operand.
    func line(_ index: Int) -> (start: [Int], steps: [[Int]]) {
      let first = index / inner * count * inner + index % inner
      let numbers = places.map { places -> [Int] in
        if places.count != shape.count { return [places[index]] }
        let line = (0..<count).map { places[first + $0 * inner] }
        return isReversed ? line.reversed() : line
      }
      return (
        numbers.map { $0[0] },
        zip(numbers, places).map { line, all in all.count == shape.count ? line.map { $0 - line[0] } : [] }
      )
    }
    var runs: [LineRun] = []
    for index in 0..<shape.count / count {
      let next = line(index)
      if let last = runs.indices.last, next.steps == runs[last].steps {
        let distances = zip(next.start, runs[last].start).map { $0 - $1 }
        if runs[last].count == 1 { runs[last].strides = distances }
        if zip(distances, runs[last].strides).allSatisfy({ $0 == $1 * runs[last].count }) {
          runs[last].count += 1
          continue
        }
      }
      runs.append(LineRun(count: 1, strides: places.map { _ in 0 }, start: next.start, steps: next.steps))
    }
    return runs
  }

  /// A line's numbers for a kernel, in elements of so many bytes.
  func places(_ steps: [Int], _ bytes: Int) -> ebb_places {
    let step = steps.count > 1 ? steps[1] : 0
    if steps.enumerated().allSatisfy({ $0.element == $0.offset * step }) {
      return ebb_places(table: nil, step: step / bytes)
    }
    return ebb_places(table: binder.arena.table(steps.map { $0 / bytes }).readOnly, step: 0)
  }

  /// How many numbers of a line lie side by side each time.
  func run(_ steps: [Int], _ bytes: Int) -> Int {
    let run = steps.indices.first { steps[$0] != $0 * bytes } ?? steps.count
    let isEven = steps.indices.allSatisfy { steps[$0] == steps[$0 / run * run] + $0 % run * bytes }
    return isEven ? max(run, 1) : 1
  }

  /// The places of all features of an operand, in elements, for a kernel.
  func places(_ operand: Int, _ shape: Shape) -> UnsafePointer<Int> {
    let bytes = operands[operand].storage.bytes
    return binder.arena.table(operands[operand].places(shape.count).map { $0 / bytes }).readOnly
  }

  /// The axes, of which the longest is the kernel's rows.
  func rowsAndLoops(_ kept: [StridedDimension]) -> (rows: StridedDimension, loops: OuterLoops) {
    var kept = merged(kept)
    let rows = kept.indices.max { kept[$0].length < kept[$1].length }.map { kept.remove(at: $0) }
    let none = operands.map { _ in 0 }
    return (rows ?? StridedDimension(length: 1, strides: none, start: none), loops(kept))
  }
}
