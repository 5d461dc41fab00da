internal import EbbMarkup
internal import EbbReport
internal import Foundation

/// The script that times the same training step in PyTorch and JAX, and the interpreter that runs it.
///
/// The script takes `--cells NAME --shape T,B,I,H --threads COUNT --runs COUNT --seconds SECONDS --peers NAMES` and prints a JSON object
/// on each line with the keys cell, T, B, I, H, threads, peer and ms, the median in milliseconds.
public struct PeerScript: Sendable, Hashable {
  /// The time of one framework.
  public struct Time: Sendable, Hashable {
    /// The framework, and how it was called.
    public var peer: String
    /// The median, in seconds.
    public var median: Double
  }

  /// The packages of an interpreter.
  public struct Versions: Sendable, Hashable {
    /// Python's version.
    public var python: String
    /// PyTorch's version; nil if it is not installed.
    public var torch: String?
    /// JAX's version; nil if it is not installed.
    public var jax: String?
  }

  /// The interpreter, as a path or a command.
  public let interpreter: String
  /// A script in place of the module's own; nil for that one.
  public let path: String?
  /// The packages of the interpreter.
  public let versions: Versions

  /// Queries the interpreter, which must have PyTorch or JAX; a named script must exist.
  ///
  /// - Parameters:
  ///   - interpreter: The Python interpreter, as a path or a command.
  ///   - path: A script in place of the module's own; nil for that one.
  ///   - isCancelled: Called many times a second while the interpreter works; true ends it.
  public init(
    interpreter: String, path: String? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(BenchError) {
    if let path, !FileManager.default.isReadableFile(atPath: path) {
      throw .peers("there is no script '\(path)' that times other frameworks; without one, Ebb's own is run")
    }
    let answer = try Self.run(
      interpreter, ["-c", Self.withoutFolder + Self.question], as: "what \(interpreter) has could not be asked",
      isCancelled)
    guard let object = try? JSONValue(parsing: answer).object, let python = object["python"]?.string else {
      throw .peers("\(interpreter) is no Python interpreter: asked for its versions, it printed \(excerpt(answer))")
    }
    let versions = Versions(python: python, torch: object["torch"]?.string, jax: object["jax"]?.string)
    guard versions.torch != nil || versions.jax != nil else {
      throw .peers("\(interpreter) has neither torch nor jax, so there is nothing to compare with")
    }
    self.interpreter = interpreter
    self.path = path
    self.versions = versions
  }

  /// Frameworks that the interpreter does not have.
  public var missing: [String] {
    [("torch", versions.torch), ("jax", versions.jax)].filter { $0.1 == nil }.map(\.0)
  }

  /// The times of a cell's training step; empty if the script does not support the cell.
  ///
  /// - Parameters:
  ///   - cell: The cell's name in the script, such as `lstm`.
  ///   - size: Steps, samples, input features and units.
  ///   - runs: The minimum number of timed runs per measurement.
  ///   - minimumTime: Measurements continue until this many seconds are timed.
  ///   - threads: The number of threads that the frameworks may use.
  ///   - isCancelled: Called many times a second while the script works; true ends it.
  public func measure(
    _ cell: String, _ size: TrainingStepBenchmark.Size, runs: Int, minimumTime: Double = 0, threads: Int,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(BenchError) -> [Time] {
    let peers = (versions.torch == nil ? [] : ["torch", "torch-eager"]) + (versions.jax == nil ? [] : ["jax"])
    let shape = [size.length, size.batch, size.features, size.units]
    let script = path.map { [$0] } ?? ["-c", Self.withoutFolder + Self.own]
    let arguments =
      script + [
        "--cells", cell, "--shape", shape.map(String.init).joined(separator: ","), "--threads", "\(threads)",
        "--runs", "\(runs)", "--seconds", "\(minimumTime)", "--peers", peers.joined(separator: ","),
      ]
    let output = try Self.run(
      interpreter, arguments, as: "\(name) could not time \(cell) with \(size.summary)", isCancelled)
    var times: [Time] = []
    for line in output.split(whereSeparator: \.isNewline) {
      guard let object = try? JSONValue(parsing: String(line)).object, let peer = object["peer"]?.string,
        let milliseconds = object["ms"]?.double, milliseconds.isFinite, milliseconds > 0
      else {
        throw .peers("\(name) printed \(excerpt(String(line))), which is no object with a peer and its ms")
      }
      let asked = size.json(cell: cell)
      let isAsked =
        ["cell", "T", "B", "I", "H"].allSatisfy { object[$0] == asked[$0] } && object["threads"] == .integer(threads)
      guard isAsked else {
        throw .peers(
          "\(name) was asked for \(cell) with \(size.summary) on \(threads) threads, and timed "
            + excerpt(String(line)))
      }
      times.append(Time(peer: peer, median: milliseconds / 1e3))
    }
    return times
  }

  /// The name of the script in messages.
  private var name: String { path.map { "'\($0)'" } ?? "the script for other frameworks" }

  /// The script as built into this module, so that no file is needed at run time: further cells, and what times them.
  private static let own = [
    PackageResources.bench_states_py, PackageResources.bench_memories_py, PackageResources.bench_sequences_py,
    PackageResources.bench_peers_py,
  ].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")

  /// Removes the working directory from Python's import path, so that a file `json.py` there does not run.
  static let withoutFolder = "import sys; sys.path = [folder for folder in sys.path if folder]\n"

  /// Prints the versions without loading the frameworks, which takes seconds.
  private static let question = """
    import importlib.metadata, json, platform
    def version(name):
        try: return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError: return None
    print(json.dumps({"python": platform.python_version(), "torch": version("torch"), "jax": version("jax")}))
    """

  /// The output of a program; an error if it cannot be run or fails.
  static func run(
    _ interpreter: String, _ arguments: [String], as purpose: String, _ isCancelled: @escaping @Sendable () -> Bool
  ) throws(BenchError) -> String {
    let result: ProcessResult
    do {
      result = try ProcessResult(running: interpreter, arguments, isCancelled: isCancelled)
    } catch is ProcessResult.Cancelled {
      throw .cancelled
    } catch {
      throw .peers("\(purpose): \(error)")
    }
    guard result.status == 0 else {
      let message = result.messages.split(whereSeparator: \.isNewline).last.map(String.init)
      throw .peers("\(purpose): \(message ?? "it ended with status \(result.status) and no message")")
    }
    return result.output
  }
}

/// The beginning of a program's output, for a message.
private func excerpt(_ text: String) -> String {
  let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
  return line.isEmpty ? "nothing" : line.count > 200 ? "'\(line.prefix(200))…'" : "'\(line)'"
}
