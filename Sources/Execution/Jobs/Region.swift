internal import EbbGraph
internal import EbbPlanning

/// The part of a value, or of packed weights, that a job touches: whole rows with their panels, padding included.
///
/// For a value with one feature, whose rows are contiguous, it is only the rows' numbers. Everything that a kernel
/// loads must lie in its job's regions, even if the loaded numbers are discarded.
package struct Region: BitwiseCopyable, Sendable {
  /// A run of indices of an axis; a boundary's places are below 0 or from the length upwards. Stored in few bytes,
  /// since there are many if time is cut into many strips.
  package struct Bound: BitwiseCopyable, Sendable {
    var axis: Int32
    var low: Int32
    var high: Int32

    package init(axis: Int, low: Int, high: Int) {
      (self.axis, self.low, self.high) = (Int32(axis), Int32(low), Int32(high))
    }
  }

  /// The index of the value; weights follow the values, snapshots the weights, the tables of bound steps the snapshots.
  private let storedPlace: Int32
  package let isWrite: Bool
  /// The whole range of every axis that neither bound names. Axis −1: no bound; −2: panels of features.
  private(set) var first = Bound(axis: Self.none, low: 0, high: 0)
  private(set) var second = Bound(axis: Self.none, low: 0, high: 0)

  static let none = -1
  static let panels = -2

  package init(place: Int, isWrite: Bool) {
    storedPlace = Int32(place)
    self.isWrite = isWrite
  }

  package var place: Int { Int(storedPlace) }

  /// The run of indices of an axis; nil if there is no bound on it.
  func run(_ axis: Int) -> Range<Int>? {
    for bound in [first, second] where bound.axis == axis && axis != Self.none {
      return Int(bound.low)..<Int(bound.high)
    }
    return nil
  }

  package mutating func limit(_ bound: Bound) {
    if first.axis == Self.none {
      first = bound
    } else {
      precondition(second.axis == Self.none, "a region has three bounds")
      second = bound
    }
  }

  /// Whether another region is part of this one.
  package func covers(_ other: Region) -> Bool {
    func isInside(_ bound: Bound) -> Bool {
      func holds(_ inner: Bound) -> Bool {
        inner.axis == bound.axis && bound.low <= inner.low && inner.high <= bound.high
      }
      return bound.axis == Self.none || holds(other.first) || holds(other.second)
    }
    return place == other.place && isInside(first) && isInside(second)
  }

  /// Whether two regions of one place may have numbers in common.
  package func overlaps(_ other: Region) -> Bool {
    func isApart(_ a: Bound, _ b: Bound) -> Bool {
      a.axis == b.axis && a.axis != Self.none && (a.high <= b.low || b.high <= a.low)
    }
    return
      !(isApart(first, other.first) || isApart(first, other.second) || isApart(second, other.first)
      || isApart(second, other.second))
  }
}

extension Binder {
  /// The memory that an instruction touches when it runs for these indices.
  func regions(of instruction: Instruction, _ slices: [Slice]) -> [Region] {
    plan.accesses(of: instruction).map { region($0, slices) }
  }

  /// The part of an access at these indices.
  func region(_ access: Access, _ slices: [Slice]) -> Region {
    switch access.memory {
    case .weights(let index):
      return Region(place: plan.values.count + index, isWrite: access.isWrite)
    case .value(let index):
      var region = Region(place: index, isWrite: access.isWrite)
      let value = plan.values[index]
      let outermost = value.axes.first
      // A segment's places are reused for the next segment.
      let first = isSegmented(index) ? firstStep : 0
      // The steps of a sweep's ring share places; each block has its own in a ring of blocks.
      let isRing = value.lifetime != .whole
      let ring = memory.layouts[index].ring
      if access.boundary != 0, let outermost, !isRing {
        let length = lengths[outermost.index] - first
        let places = access.boundary < 0 ? access.boundary..<0 : length..<length + access.boundary
        region.limit(Region.Bound(axis: outermost.index, low: places.lowerBound, high: places.upperBound))
      }
      for slice in slices where value.axes.contains(Axis(slice.axis)) && !access.everywhere.contains(Axis(slice.axis)) {
        let isOutermost = slice.axis == outermost?.index
        if isOutermost && (isRing || access.boundary != 0) { continue }
        let origin = isOutermost ? (ring > 0 ? slice.low / ring * ring : first) : 0
        let shift = isOutermost ? access.shift - origin : 0
        if let fixed = access.fixed, fixed.axis.index == slice.axis {
          let index = (fixed.position == .first ? 0 : lengths[slice.axis] - 1) + shift
          region.limit(Region.Bound(axis: slice.axis, low: index, high: index + 1))
        } else {
          region.limit(Region.Bound(axis: slice.axis, low: slice.low + shift, high: slice.high + shift))
        }
      }
      return region
    }
  }
}
