internal import EbbGraph
internal import EbbPlanning

extension ScalarFallback {
  /// Reads and writes the numbers of one operand.
  struct Reader: BitwiseCopyable {
    fileprivate struct Stride: BitwiseCopyable {
      var axis: Int
      var bytes: Int
    }

    /// Where each feature lies in a row, in bytes from its beginning.
    struct Offsets: BitwiseCopyable {
      /// Nil if they are evenly spaced.
      fileprivate var table: UnsafePointer<Int>?
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
    fileprivate let strides: UnsafeBufferPointer<Stride>
    fileprivate let isSingle: Bool
    let offsets: Offsets
    /// The number, of a constant.
    var constant: Double?

    var storage: StorageType { isSingle ? .single : .double }

    /// Where the features at these indices of all axes begin.
    @inline(__always)
    func row(_ indices: UnsafePointer<Int>) -> UnsafeMutableRawPointer {
      var pointer = swept >= 0 ? address(indices[swept]) : address.base
      for stride in strides { pointer += stride.bytes * indices[stride.axis] }
      return pointer
    }

    /// Where the number at these indices and this feature lies.
    @inline(__always)
    func pointer(_ indices: UnsafePointer<Int>, _ feature: Int) -> UnsafeMutableRawPointer {
      row(indices) + offsets[feature]
    }

    @inline(__always)
    func load(_ indices: UnsafePointer<Int>, _ feature: Int) -> Double { load(row: row(indices), feature) }

    @inline(__always)
    func load(row: UnsafeMutableRawPointer, _ feature: Int) -> Double {
      let pointer = address.checked(row + offsets[feature])
      return isSingle ? Double(pointer.load(as: Float.self)) : pointer.load(as: Double.self)
    }

    @inline(__always)
    func store(_ number: Double, _ indices: UnsafePointer<Int>, _ feature: Int) {
      store(number, row: row(indices), feature)
    }

    @inline(__always)
    func store(_ number: Double, row: UnsafeMutableRawPointer, _ feature: Int) {
      let pointer = address.checked(row + offsets[feature])
      if isSingle {
        pointer.storeBytes(of: Float(number), as: Float.self)
      } else {
        pointer.storeBytes(of: number, as: Double.self)
      }
    }
  }

  /// For each axis, the lengths of its rows if it is ragged and `domain` indexes them.
  static func lengths(_ binder: Binder, within domain: Domain, tables: Arena) -> [Reader?] {
    binder.plan.axes.enumerated().map { index, axis in
      guard domain.contains(Axis(index)), axis.lengthsDomain.isSubset(of: domain) else { return nil }
      return axis.lengths.map { reader(binder, $0.source, tables: tables) }
    }
  }

  /// A reader whose tables live in the given arena; constants lie in the binder's.
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
      offsets = Reader.Offsets(table: UnsafePointer(tables.table(table)))
    }
    return Reader(
      address: address, swept: swept, strides: UnsafeBufferPointer(start: tables.table(steps), count: steps.count),
      isSingle: operand.storage == .single, offsets: offsets)
  }
}
