internal import EbbDiagnostics
public import EbbMarkup
internal import EbbReport

extension Machine {
  /// Where times were taken, as a line.
  public func summary(rate: ProductRate, versions: PeerScript.Versions? = nil) -> String {
    var parts = ["\(processor), \(cores) cores, \(instructions)", "Swift \(swift)"]
    if let versions {
      parts.append("Python \(versions.python)")
      if let torch = versions.torch { parts.append("torch \(torch)") }
      if let jax = versions.jax { parts.append("jax \(jax)") }
    }
    let roof = readableNumber(1e-9 * rate.operationsPerSecond, digits: 4)
    parts.append("\(rate.threads == 1 ? "1 thread" : "\(rate.threads) threads"), roof \(roof) GFLOP/s")
    return parts.joined(separator: "; ")
  }

  /// Where times were taken.
  public func json(threads: Int, versions: PeerScript.Versions? = nil) -> JSONValue {
    var object = JSONObject()
    object["processor"] = .string(processor)
    object["cores"] = .integer(cores)
    object["instructions"] = .string(instructions)
    object["swift"] = .string(swift)
    if let versions {
      object["python"] = .string(versions.python)
      object["torch"] = versions.torch.map { .string($0) } ?? .null
      object["jax"] = versions.jax.map { .string($0) } ?? .null
    }
    object["threads"] = .integer(threads)
    return .object(object)
  }
}
