/// The values logged at one step, as TensorBoard's event files hold them.
public struct Event: Sendable, Hashable {
  /// A value of an entry.
  public enum Value: Sendable, Hashable {
    /// A number.
    case scalar(Double)
    /// How many numbers are spread.
    case histogram(EventHistogram)
  }

  /// A named value; slashes group names.
  public struct Entry: Sendable, Hashable {
    /// The name; slashes group names.
    public var tag: String
    /// The value.
    public var value: Value

    /// A value under its name.
    public init(_ tag: String, _ value: Value) {
      self.tag = tag
      self.value = value
    }
  }

  /// The step at which the values were measured.
  public var step: Int
  /// In seconds since 1970.
  public var time: Double
  /// The values.
  public var entries: [Entry]

  /// Values of one step; the time is in seconds since 1970.
  public init(step: Int, time: Double, _ entries: [Entry]) {
    self.step = step
    self.time = time
    self.entries = entries
  }

  /// The message `Event` with a `Summary`.
  var message: ProtocolBuffer {
    var summary = ProtocolBuffer()
    for entry in entries {
      var value = ProtocolBuffer()
      value.text(1, entry.tag)
      switch entry.value {
      case .scalar(let number): value.float(2, Float(number))
      case .histogram(let histogram): value.message(5, histogram.message)
      }
      summary.message(1, value)
    }
    var message = Self.header(step: step, time: time)
    message.message(5, summary)
    return message
  }

  /// The first message of a file, which identifies the format of the others.
  static func version(time: Double) -> ProtocolBuffer {
    var message = header(step: 0, time: time)
    message.text(3, "brain.Event:2")
    return message
  }

  /// Declares that events of other files for this step and later ones are void.
  static func start(step: Int, time: Double) -> ProtocolBuffer {
    var log = ProtocolBuffer()
    log.integer(1, 1)
    var message = header(step: step, time: time)
    message.message(7, log)
    return message
  }

  private static func header(step: Int, time: Double) -> ProtocolBuffer {
    var message = ProtocolBuffer()
    message.double(1, time)
    // A 0 is not written.
    if step != 0 { message.integer(2, step) }
    return message
  }
}

extension ProtocolBuffer {
  /// The message as a record: its length and its bytes, each followed by its checksum.
  var record: [UInt8] {
    var length: [UInt8] = []
    length.append(littleEndian: UInt64(bytes.count))
    var record = length
    record.append(littleEndian: Self.maskedSum(of: length))
    record += bytes
    record.append(littleEndian: Self.maskedSum(of: bytes))
    return record
  }

  /// The sum as records hold it: rotated right by 15 bits, plus a constant, because a sum over data that contain sums
  /// is weak.
  static func maskedSum(of bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = CyclicCheck.castagnoli.sum(of: bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
