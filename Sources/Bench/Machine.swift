internal import EbbExecution
internal import EbbDiagnostics
internal import Foundation

/// The influences on a time besides the program: the processor and the build.
public struct Machine: Sendable, Hashable {
  /// As the processor calls itself.
  public var processor: String
  /// The cores available to this process.
  public var cores: Int
  /// The vector instructions that the kernels use.
  public var instructions: String
  /// The compiler's version, as far as it is known to the program.
  public var swift: String

  /// This machine.
  public static var current: Machine {
    Machine(
      processor: processorName ?? "an unknown processor", cores: ProcessInfo.processInfo.activeProcessorCount,
      instructions: InstructionSet.best.name, swift: compiler)
  }

  private static var processorName: String? {
    #if canImport(Darwin)
      var bytes = [CChar](repeating: 0, count: 256)
      var count = bytes.count
      guard unsafe sysctlbyname("machdep.cpu.brand_string", &bytes, &count, nil, 0) == 0 else { return nil }
      return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #else
      guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
      return name(inProcessorTable: text)
    #endif
  }

  /// The name in a text such as Linux's /proc/cpuinfo, where lines are `key : value`.
  package static func name(inProcessorTable text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "6.4 or newer"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}

extension InstructionSet {
  /// As its vendor writes it.
  var name: String {
    switch self {
    case .baseline: "no wide vectors"
    case .avx2: "AVX2"
    case .avx512: "AVX-512"
    case .neon: "NEON"
    }
  }
}
