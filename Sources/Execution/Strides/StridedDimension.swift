internal import EbbPlanning

/// A dimension through which a kernel steps: an axis, or a run of features. Strides are in bytes, one for each operand.
struct StridedDimension {
  var length: Int
  var strides: [Int]
  /// The distance of the first number from each operand's first one.
  var start: [Int]
  /// More runs of `length` numbers, the last of `last`, at even distances: the panels of a vector.
  var panels = 1
  var last: Int
  var panelStrides: [Int]
  /// The numbers of the whole axis, of which this may be a slice; of features all there are.
  var countOfAll: Int { axisLength ?? count }
  private let axisLength: Int?

  /// A single run; of an axis, this part of it.
  init(length: Int, strides: [Int], start: [Int], of axisLength: Int? = nil) {
    self.axisLength = axisLength
    self.length = length
    self.strides = strides
    self.start = start
    last = length
    panelStrides = strides.map { _ in 0 }
  }

  /// The numbers of all panels.
  var count: Int { (panels - 1) * length + last }

  /// The runs in which features lie evenly for every operand, in order; neighbouring runs of a panel's length are one.
  ///
  /// - Parameters:
  ///   - places: The places of the features, in bytes, for each operand.
  ///   - lanes: The length of a panel.
  ///   - ofAnyLength: Whether neighbouring runs of any length up to a panel's are one, if they lie at even distances.
  static func runs(_ places: [[Int]], lanes: Int, ofAnyLength: Bool = false) -> [StridedDimension] {
    let count = places[0].count
    var runs: [StridedDimension] = []
    var first = 0
    while first < count {
      var strides = places.map { _ in 0 }
      var end = first + 1
      if end < count { strides = places.map { $0[end] - $0[first] } }
      while end < count, zip(places, strides).allSatisfy({ $0[end] - $0[end - 1] == $1 }) { end += 1 }
      // One number more than the run may begin the next one.
      if end < count, end - first == 2, lanes > 2 { end = first + 1 }
      let run = StridedDimension(
        length: end - first, strides: end - first == 1 ? places.map { _ in 0 } : strides,
        start: places.map { $0[first] })
      let panel = ofAnyLength && !runs.isEmpty ? min(runs[runs.count - 1].length, lanes) : lanes
      if runs.isEmpty || !runs[runs.count - 1].takes(run, panel) { runs.append(run) }
      first = end
    }
    return runs
  }

  /// Makes a run the next panel of these, if it is one.
  private mutating func takes(_ run: StridedDimension, _ lanes: Int) -> Bool {
    guard length == lanes, last == lanes, run.length <= lanes, run.length == 1 || run.strides == strides else {
      return false
    }
    let distances = zip(run.start, start).map { $0 - $1 }
    if panels > 1 {
      guard zip(distances, panelStrides).allSatisfy({ $0 == $1 * panels }) else { return false }
    } else {
      panelStrides = distances
    }
    panels += 1
    last = run.length
    return true
  }

  /// The same numbers as single runs.
  var singleRuns: [StridedDimension] {
    (0..<panels).map { panel in
      StridedDimension(
        length: panel + 1 < panels ? length : last, strides: strides,
        start: zip(start, panelStrides).map { $0 + $1 * panel })
    }
  }

  /// Panels of a kernel's length: a long run is cut into them.
  func inPanels(_ lanes: Int) -> StridedDimension {
    guard panels == 1, length > lanes else { return self }
    var result = self
    result.panels = (length + lanes - 1) / lanes
    result.last = length - (result.panels - 1) * lanes
    result.length = lanes
    result.panelStrides = strides.map { $0 * lanes }
    return result
  }
}

extension Binder.Operand {
  /// The place of each feature, in bytes from the row's start.
  func places(_ count: Int) -> [Int] {
    if isRepeated { return Array(repeating: 0, count: count) }
    let bytes = storage.bytes
    if isDense { return (0..<count).map { $0 * bytes } }
    let lanes = storage.lanes
    return features.offsets(lanes).map { ($0 / lanes * panelStride + $0 % lanes) * bytes }
  }
}
