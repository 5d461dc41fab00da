/// What a plugin takes when it compiles: the message CompileOptionsProto of XLA.
struct PJRTCompileOptions {
  /// As a protocol buffer.
  let bytes: [UInt8]

  /// - Parameters:
  ///   - isCPU: Whether XLA compiles for a CPU, where it may drop a NaN from a maximum unless told not to.
  ///   - devices: The number of devices among which the module's annotations divide its values.
  init(isCPU: Bool, devices: Int) {
    // executable_build_options { num_replicas: 1 num_partitions: N }: without, XLA aborts. With several partitions also
    // { use_spmd_partitioning: true use_shardy_partitioner: true }.
    let partitions = Self.number(4, 1) + Self.number(5, devices)
    let build = Self.field(3, partitions + (devices > 1 ? Self.number(6, 1) + Self.number(19, 1) : []))
    // env_option_overrides { key: … value { bool_field: false } }
    let name = Self.field(1, Array("xla_cpu_enable_fast_min_max".utf8))
    let exact = Self.field(7, name + Self.field(2, Self.number(2, 0)))
    bytes = build + (isCPU ? exact : [])
  }

  private static func number(_ field: Int, _ value: Int) -> [UInt8] { varint(field << 3) + varint(value) }
  private static func field(_ field: Int, _ content: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(content.count) + content
  }

  /// Seven bits in a byte, the lowest first; all but the last byte have their highest bit set.
  private static func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127) | 128] + varint(value >> 7)
  }
}
