internal import EbbGraph
internal import EbbPlanning

extension ScalarFallback {
  /// Reads and writes the numbers of one operand.
  struct Reader: BitwiseCopyable {
    fileprivate struct Stride: BitwiseCopyable {
      var axis: Int
      var bytes: Int
    }

    /// The place of each feature in a row, in bytes from the row's start.
    struct Offsets: BitwiseCopyable {
      /// Nil if they are evenly spaced.
      fileprivate var table: Table<Int>?
      fileprivate var spacing = 0

      @inline(__always)
      subscript(feature: Int) -> Int {
        if let table { return table[feature] }
        return feature * spacing
      }
    }

    fileprivate let address: Address
    /// The axis by which a ring wraps; −1 without one.
    fileprivate let swept: Int
    fileprivate let strides: Table<Stride>
    fileprivate let isSingle: Bool
    let offsets: Offsets
    /// The number, of a constant.
    var constant: Double?

    var storage: StorageType { isSingle ? .single : .double }

    /// The start of the features at these indices of all axes.
    @inline(__always)
    func row(_ indices: Table<Int>) -> Location {
      var row = swept >= 0 ? address(indices[swept]) : address.base
      for index in strides.indices { row += strides[index].bytes * indices[strides[index].axis] }
      return row
    }

    /// The place of the number at these indices and this feature.
    @inline(__always)
    func location(_ indices: Table<Int>, _ feature: Int) -> Location {
      row(indices) + offsets[feature]
    }

    /// The runs in which features are copied to a target, of the same width or another.
    func runs(to target: Reader, _ features: Int) -> [Run] {
      var runs: [Run] = []
      for feature in 0..<features {
        let isNext =
          feature > 0 && offsets[feature] == offsets[feature - 1] + storage.bytes
          && target.offsets[feature] == target.offsets[feature - 1] + target.storage.bytes
        if isNext { runs[runs.count - 1].count += 1 } else { runs.append(Run(feature: feature, count: 1)) }
      }
      return runs
    }

    @inline(__always)
    func load(_ indices: Table<Int>, _ feature: Int) -> Double { load(row: row(indices), feature) }

    @inline(__always)
    func load(row: Location, _ feature: Int) -> Double {
      let place = row + offsets[feature]
      return isSingle ? Double(place.load(as: Float.self)) : place.load(as: Double.self)
    }

    @inline(__always)
    func store(_ number: Double, _ indices: Table<Int>, _ feature: Int) {
      store(number, row: row(indices), feature)
    }

    @inline(__always)
    func store(_ number: Double, row: Location, _ feature: Int) {
      let place = row + offsets[feature]
      if isSingle { place.store(Float(number)) } else { place.store(number) }
    }
  }

  /// Copies the features of a row into the result, or clears them there if there is no row.
  ///
  /// - Parameter runs: Those of the source to the result.
  func move(_ row: Location?, of source: Reader, to target: Location, in runs: [Run]) {
    for run in runs {
      let place = target + result.offsets[run.feature]
      if let row {
        place.copy(run.count * result.storage.bytes, from: row + source.offsets[run.feature])
      } else {
        place.clear(run.count * result.storage.bytes)
      }
    }
  }

  /// Features that lie together on both sides of a copy.
  struct Run {
    /// The first of them.
    var feature: Int
    var count: Int
  }

  /// A reader with its tables in the given arena; constants are in the binder's.
  static func reader(_ binder: Binder, _ source: Source, tables: Arena) -> Reader {
    var reader = reader(binder, binder.operand(source, .double), tables: tables)
    if case .constant(let number) = source { reader.constant = number }
    return reader
  }

  static func reader(_ binder: Binder, _ operand: Binder.Operand, tables: Arena) -> Reader {
    let bytes = operand.storage.bytes
    var strides = operand.strides
    var address = operand.address
    var swept = -1
    // The outermost axis of a ring is addressed by its step modulo the ring.
    if address.ring > 0 {
      let axis = operand.outermost
      swept = axis
      address.stride = address.ring == 1 ? 0 : strides[axis]
      strides[axis] = 0
    }
    let steps = strides.enumerated().filter { $0.element != 0 }
      .map { Reader.Stride(axis: $0.offset, bytes: $0.element) }
    let lanes = operand.storage.lanes
    let offsets: Reader.Offsets
    if operand.isRepeated {
      offsets = Reader.Offsets()
    } else if operand.isDense {
      offsets = Reader.Offsets(spacing: bytes)
    } else {
      let table = operand.features.offsets(lanes).map { offset in
        (offset / lanes * operand.panelStride + offset % lanes) * bytes
      }
      offsets = Reader.Offsets(table: tables.table(table))
    }
    return Reader(
      address: address, swept: swept, strides: tables.table(steps), isSingle: operand.storage == .single,
      offsets: offsets)
  }
}
