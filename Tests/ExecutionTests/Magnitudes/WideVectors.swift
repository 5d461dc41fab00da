import EbbTestSupport

/// ‖x‖₂ by the definition: the squares of what is judged do not leave the range of wider numbers.
func norm<W: Wide>(_ x: [W]) -> W { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
func mean<W: Wide>(_ x: [W]) -> W { x.reduce(0, +) / W(x.count) }

func softmax<W: Wide>(_ x: [W]) -> [W] {
  let largest = x.max() ?? 0
  let weights = x.map { W.exponential($0 - largest) }
  let total = weights.reduce(0, +)
  return weights.map { $0 / total }
}

/// log softmax(x), each less than 0 by what its own exponential is not: with the digits of a small loss.
func logSoftmax<W: Wide>(_ x: [W]) -> [W] {
  let first = x.indices.max { x[$0] < x[$1] } ?? 0
  let others = x.indices.filter { $0 != first }.reduce(0) { $0 + W.exponential(x[$1] - x[first]) }
  return x.map { $0 - x[first] - W.logarithmOfOnePlus(others) }
}
