/// What a plugin takes when it compiles: the message CompileOptionsProto of XLA.
struct PJRTCompileOptions {
  /// As a protocol buffer.
  let bytes: [UInt8]

  /// - Parameter isCPU: Whether XLA compiles for a CPU, where it may drop a NaN from a maximum unless told not to.
  init(isCPU: Bool) {
    // executable_build_options { num_replicas: 1 num_partitions: 1 }: without, XLA aborts.
    let build = Self.field(3, Self.number(4, 1) + Self.number(5, 1))
    // env_option_overrides { key: … value { bool_field: false } }
    let name = Self.field(1, Array("xla_cpu_enable_fast_min_max".utf8))
    let exact = Self.field(7, name + Self.field(2, Self.number(2, 0)))
    bytes = build + (isCPU ? exact : [])
  }

  private static func number(_ field: UInt8, _ value: UInt8) -> [UInt8] { [field << 3, value] }
  private static func field(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
    [field << 3 | 2, UInt8(content.count)] + content
  }
}
