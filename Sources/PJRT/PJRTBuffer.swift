internal import EbbTensors

/// The types of a device's numbers, as PJRT counts them.
enum PJRTElement: UInt {
  case pred = 1
  case s32 = 4
  case u64 = 9
  case f32 = 11
  case f64 = 12
}

/// Numbers on the devices that work together, released with the last reference.
final class PJRTBuffer: Sendable {
  /// Where they lie on each device of this process.
  let addresses: [UInt]
  /// The dimension whose rows are divided among the devices; nil if each has the whole.
  let dividedDimension: Int?
  private let device: PJRTDevice

  init(_ addresses: [UInt], dividing dimension: Int?, _ device: PJRTDevice) {
    (self.addresses, dividedDimension, self.device) = (addresses, dimension, device)
  }

  deinit { for address in addresses { device.plugin.release(.bufferDestroy, address) } }

  /// Copies a tensor of this type from the devices.
  func tensor(_ port: PJRTPort) throws(PJRTError) -> Tensor {
    switch ElementType(name: port.element) {
    case .float32: Tensor(port.dimensions, try values(0 as Float, port.dimensions))
    case .float64: Tensor(port.dimensions, try values(0 as Double, port.dimensions))
    case .int32: Tensor(port.dimensions, try values(0 as Int32, port.dimensions))
    case .bool: Tensor(port.dimensions, try values(0 as UInt8, port.dimensions).map { $0 != 0 })
    case nil: preconditionFailure("a result of type \(port.element)")
    }
  }

  /// The numbers, row-major.
  private func values<Element: BitwiseCopyable>(
    _ zero: Element, _ dimensions: [Int]
  ) throws(PJRTError) -> [Element] {
    var values = [Element](repeating: zero, count: dimensions.reduce(1, *))
    guard let dividedDimension else {
      try copy(addresses[0], to: &values)
      return values
    }
    guard addresses.count == device.count else {
      throw PJRTError("what is divided among several hosts cannot be read: this one has \(addresses.count) parts of it")
    }
    let rows = PJRTRows(dimensions, dividedDimension, parts: device.count)
    var part = [Element](repeating: zero, count: values.count / device.count)
    for (index, address) in addresses.enumerated() {
      try copy(address, to: &part)
      for (source, place) in rows.runs(of: index).enumerated() {
        values.replaceSubrange(place, with: part[source * place.count..<(source + 1) * place.count])
      }
    }
    return values
  }

  /// Copies the numbers of one device, and waits for them.
  private func copy<Element: BitwiseCopyable>(_ source: UInt, to values: inout [Element]) throws(PJRTError) {
    let plugin = device.plugin
    try withAddress(of: &values) { data, size throws(PJRTError) in
      var words = PJRTWords([source, 0, data, size * UInt(MemoryLayout<Element>.stride), 0])
      try plugin.call(.bufferToHost, &words)
      try plugin.wait(for: words[4], .bufferToHost)
    }
  }
}

extension PJRTDevice {
  /// A tensor on the devices: on each its own rows of a dimension, or the whole.
  func buffer(_ tensor: Tensor, dividing dimension: Int? = nil) throws(PJRTError) -> PJRTBuffer {
    switch tensor.storage {
    case .float32(let values): try buffer(values, .f32, tensor.dimensions, dimension)
    case .float64(let values): try buffer(values, .f64, tensor.dimensions, dimension)
    case .int32(let values): try buffer(values, .s32, tensor.dimensions, dimension)
    case .bool(let values): try buffer(values.map { $0 ? UInt8(1) : 0 }, .pred, tensor.dimensions, dimension)
    }
  }

  /// A number that random ones depend on, on the devices.
  func buffer(_ word: UInt64) throws(PJRTError) -> PJRTBuffer { try buffer([word], .u64, [], nil) }

  private func buffer<Element: BitwiseCopyable>(
    _ values: [Element], _ type: PJRTElement, _ dimensions: [Int], _ divided: Int?
  ) throws(PJRTError) -> PJRTBuffer {
    var addresses: [UInt] = []
    do {
      var own = dimensions
      if let divided { own[divided] /= count }
      for (index, device) in devices.enumerated() {
        guard let divided else {
          addresses.append(try copied(values, type, own, to: device))
          continue
        }
        let rows = PJRTRows(dimensions, divided, parts: count)
        let part = rows.runs(of: firstDevice + index).flatMap { values[$0] }
        addresses.append(try copied(part, type, own, to: device))
      }
    } catch {
      _ = PJRTBuffer(addresses, dividing: divided, self)
      throw error
    }
    return PJRTBuffer(addresses, dividing: divided, self)
  }

  /// The address of these numbers on one device.
  private func copied<Element: BitwiseCopyable>(
    _ values: [Element], _ type: PJRTElement, _ dimensions: [Int], to device: UInt
  ) throws(PJRTError) -> UInt {
    var values = values
    var dimensions = dimensions.map { Int64($0) }
    return try withAddress(of: &values) { data, _ throws(PJRTError) in
      try withAddress(of: &dimensions) { dims, rank throws(PJRTError) in
        // The data may change as soon as the call has returned.
        var words = PJRTWords([client.address, data, type.rawValue, dims, rank, 0, 0, 0, device, 0, 0, 0, 0])
        try plugin.call(.clientBufferFromHost, &words)
        do throws(PJRTError) { try plugin.wait(for: words[11], .clientBufferFromHost) } catch {
          plugin.release(.bufferDestroy, words[12])
          throw error
        }
        return words[12]
      }
    }
  }
}

/// The rows of one dimension of an array, divided into equal parts.
struct PJRTRows {
  /// The number of pieces of each part: one for each index of the dimensions before.
  private let outer: Int
  /// The numbers of all parts in one piece, and of one part.
  private let (whole, part): (Int, Int)

  init(_ dimensions: [Int], _ divided: Int, parts: Int) {
    outer = dimensions[..<divided].reduce(1, *)
    whole = dimensions[divided...].reduce(1, *)
    part = whole / parts
  }

  /// Where the numbers of a part lie in the whole array, which is row-major.
  func runs(of index: Int) -> [Range<Int>] {
    (0..<outer).map { $0 * whole + index * part..<$0 * whole + (index + 1) * part }
  }
}
