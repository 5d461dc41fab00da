/// PyTorch's types of numbers, by their names in `torch`.
enum TorchType: String, CaseIterable {
  case float64, float32, float16, bfloat16
  case int64, int32, int16, int8
  case uint64, uint32, uint16, uint8
  case bool
  case complex32, complex64, complex128
  case qint32, qint8, quint8, quint4x2, quint2x4

  /// The class of its storages; nil if its storages are bytes without a type.
  var storageName: String? {
    switch self {
    case .float64: "DoubleStorage"
    case .float32: "FloatStorage"
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .int64: "LongStorage"
    case .int32: "IntStorage"
    case .int16: "ShortStorage"
    case .int8: "CharStorage"
    case .uint8: "ByteStorage"
    case .bool: "BoolStorage"
    case .complex64: "ComplexFloatStorage"
    case .complex128: "ComplexDoubleStorage"
    case .qint32: "QInt32Storage"
    case .qint8: "QInt8Storage"
    case .quint8: "QUInt8Storage"
    case .quint4x2: "QUInt4x2Storage"
    case .quint2x4: "QUInt2x4Storage"
    case .uint64, .uint32, .uint16, .complex32: nil
    }
  }

  /// The type of tensors here; nil if there is none.
  var stored: StoredType? {
    switch self {
    case .float64: .f64
    case .float32: .f32
    case .float16: .f16
    case .bfloat16: .bf16
    case .int64: .i64
    case .int32: .i32
    case .int16: .i16
    case .int8: .i8
    case .uint64: .u64
    case .uint32: .u32
    case .uint16: .u16
    case .uint8: .u8
    case .bool: .bool
    case .complex32, .complex64, .complex128, .qint32, .qint8, .quint8, .quint4x2, .quint2x4: nil
    }
  }

  var byteCount: Int {
    switch self {
    case .complex128: 16
    case .float64, .int64, .uint64, .complex64: 8
    case .float32, .int32, .uint32, .complex32, .qint32: 4
    case .float16, .bfloat16, .int16, .uint16: 2
    case .int8, .uint8, .bool, .qint8, .quint8, .quint4x2, .quint2x4: 1
    }
  }

  /// The type of the numbers of a tensor.
  init(_ stored: StoredType) {
    switch stored {
    case .f64: self = .float64
    case .f32: self = .float32
    case .f16: self = .float16
    case .bf16: self = .bfloat16
    case .i64: self = .int64
    case .i32: self = .int32
    case .i16: self = .int16
    case .i8: self = .int8
    case .u64: self = .uint64
    case .u32: self = .uint32
    case .u16: self = .uint16
    case .u8: self = .uint8
    case .bool: self = .bool
    }
  }

  /// The type of storages of this class: `torch.FloatStorage`, in old files also `torch.cuda.FloatStorage`.
  init?(storage name: String) {
    guard name.hasPrefix("torch."), let last = name.split(separator: ".").last,
      let type = Self.allCases.first(where: { $0.storageName == String(last) })
    else { return nil }
    self = type
  }

  /// The types that are read, for messages.
  static var known: [String] { allCases.filter { $0.stored != nil }.map(\.rawValue) }
}
