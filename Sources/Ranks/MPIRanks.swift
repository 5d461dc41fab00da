internal import Foundation

/// The processes of `mpirun` or `srun`, through whatever MPI library the user has: it is opened at run time, and no
/// header of it is needed.
///
/// There are three binary interfaces, and each names the world and the types in its own way: Open MPI by the addresses
/// of variables, MPICH and its relatives by numbers, and MPI 5 by the numbers of its standard. A handle is passed in one
/// register whatever it is.
///
/// Sendable because nothing changes after the start, and callers take turns.
@safe package final class MPIRanks: RankGroup, @unchecked Sendable {
  package let rank: Int
  package let size: Int
  package let allowsOtherThreads: Bool
  /// The library, for messages.
  package let library: String
  private let functions: Functions
  private let constants: Constants

  private typealias Handle = Int
  private typealias Collective =
    @convention(c) (
      UnsafeRawPointer?, Int32, Handle, UnsafeMutableRawPointer?, Int32, Handle, Handle
    ) -> Int32
  /// The same, begun; the last argument gets a handle for it.
  private typealias BegunCollective =
    @convention(c) (
      UnsafeRawPointer?, Int32, Handle, UnsafeMutableRawPointer?, Int32, Handle, Handle, UnsafeMutablePointer<Handle>?
    ) -> Int32

  @unsafe private struct Functions {
    var allToAll: BegunCollective
    var test:
      @convention(c) (UnsafeMutablePointer<Handle>?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32
    var wait: @convention(c) (UnsafeMutablePointer<Handle>?, UnsafeMutableRawPointer?) -> Int32
    var allGather: Collective
    var finalize: @convention(c) () -> Int32
    var abort: @convention(c) (Handle, Int32) -> Int32
  }

  private struct Constants {
    var world: Handle
    var float32: Handle
    var float64: Handle
    /// MPI_THREAD_SERIALIZED: one thread at a time calls.
    var serialized: Int32
  }

  /// Joins the processes that were started together.
  ///
  /// - Returns: Nil if this process was started alone; then no library is opened.
  /// - Throws: `RankError` if there is no library, if it is not that of the `mpirun` that started the processes, or if
  ///   they were started without one.
  package static func join(_ environment: [String: String]) throws(RankError) -> MPIRanks? {
    guard let launcher = try MPILauncher(environment) else { return nil }
    return try MPIRanks(launcher)
  }

  private init(_ launcher: MPILauncher) throws(RankError) {
    // Open MPI's own plug-ins look for its symbols among the global ones.
    let opened = unsafe launcher.libraries.lazy.compactMap { name in
      unsafe dlopen(name, RTLD_NOW | RTLD_GLOBAL).map { unsafe (name, $0) }
    }.first
    guard let (name, handle) = unsafe opened else {
      throw RankError(
        "\(launcher.size) processes were started together, and no MPI library is found: "
          + "\(launcher.libraries.joined(separator: ", ")); EBB_MPI=FILE names another")
    }
    library = name
    /// The address of a function or a variable, as a number.
    func symbol(_ symbol: String) throws(RankError) -> Int {
      guard let found = unsafe dlsym(handle, symbol) else { throw RankError("\(name) has no \(symbol)") }
      return Int(bitPattern: found)
    }
    let isOpenMPI = unsafe dlsym(handle, "ompi_mpi_comm_world") != nil
    if name.contains("mpi_abi") {
      constants = Constants(world: 0x101, float32: 0x210, float64: 0x214, serialized: 2048)
    } else if isOpenMPI {
      constants = Constants(
        world: try symbol("ompi_mpi_comm_world"), float32: try symbol("ompi_mpi_float"),
        float64: try symbol("ompi_mpi_double"), serialized: 2)
    } else {
      constants = Constants(world: 0x4400_0000, float32: 0x4c00_040a, float64: 0x4c00_080b, serialized: 2)
    }
    typealias Initialize =
      @convention(c) (
        UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<Int32>?
      ) -> Int32
    typealias Query = @convention(c) (Handle, UnsafeMutablePointer<Int32>?) -> Int32
    let initialize = unsafe unsafeBitCast(try symbol("MPI_Init_thread"), to: Initialize.self)
    let rankOf = unsafe unsafeBitCast(try symbol("MPI_Comm_rank"), to: Query.self)
    let sizeOf = unsafe unsafeBitCast(try symbol("MPI_Comm_size"), to: Query.self)
    unsafe functions = unsafe Functions(
      allToAll: unsafeBitCast(try symbol("MPI_Ialltoall"), to: BegunCollective.self),
      test: unsafeBitCast(
        try symbol("MPI_Test"),
        to: (@convention(c) (UnsafeMutablePointer<Handle>?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) ->
          Int32).self),
      wait: unsafeBitCast(
        try symbol("MPI_Wait"),
        to: (@convention(c) (UnsafeMutablePointer<Handle>?, UnsafeMutableRawPointer?) -> Int32).self),
      allGather: unsafeBitCast(try symbol("MPI_Allgather"), to: Collective.self),
      finalize: unsafeBitCast(try symbol("MPI_Finalize"), to: (@convention(c) () -> Int32).self),
      abort: unsafeBitCast(try symbol("MPI_Abort"), to: (@convention(c) (Handle, Int32) -> Int32).self))
    var (provided, rank, size): (Int32, Int32, Int32) = (0, 0, 0)
    guard unsafe initialize(nil, nil, constants.serialized, &provided) == 0 else {
      throw RankError("\(library) does not start")
    }
    _ = unsafe rankOf(constants.world, &rank)
    _ = unsafe sizeOf(constants.world, &size)
    (self.rank, self.size) = (Int(rank), Int(size))
    allowsOtherThreads = provided >= constants.serialized
    guard self.size == launcher.size else {
      _ = unsafe functions.finalize()
      throw RankError(
        "\(launcher.size) processes were started together, and \(library) sees \(size): it is not the library of the "
          + "mpirun that started them; use that library's own mpirun, or name its library by EBB_MPI=FILE")
    }
  }

  package func exchange(_ values: [Float], isUrgent: () -> Bool) -> [Float] {
    precondition(values.count % size == 0, "\(values.count) values for \(size) ranks")
    let part = Int32(values.count / size)
    var received = [Float](repeating: 0, count: values.count)
    // MPICH's handles have half the bytes; they lie in the first ones.
    var (request, isDone): (Handle, Int32) = (0, 0)
    // Room for the status of any library.
    var status = [UInt64](repeating: 0, count: 16)
    unsafe values.withUnsafeBytes { source in
      unsafe received.withUnsafeMutableBytes { target in
        unsafe status.withUnsafeMutableBytes { status in
          check(
            unsafe functions.allToAll(
              source.baseAddress, part, constants.float32, target.baseAddress, part, constants.float32,
              constants.world, &request))
          // A library that waits by itself keeps a core busy.
          while isDone == 0, !isUrgent() {
            check(unsafe functions.test(&request, &isDone, status.baseAddress))
            if isDone == 0 { usleep(50) }
          }
          if isDone == 0 { check(unsafe functions.wait(&request, status.baseAddress)) }
        }
      }
    }
    return received
  }

  package func gather(_ values: [Float]) -> [Float] {
    var received = [Float](repeating: 0, count: values.count * size)
    unsafe call(functions.allGather, values, &received, part: values.count, constants.float32)
    return received
  }

  package func gather(_ values: [Double]) -> [Double] {
    var received = [Double](repeating: 0, count: values.count * size)
    unsafe call(functions.allGather, values, &received, part: values.count, constants.float64)
    return received
  }

  private func call<Element: BitwiseCopyable>(
    _ function: Collective, _ values: [Element], _ received: inout [Element], part: Int, _ type: Handle
  ) {
    let status = unsafe values.withUnsafeBytes { source in
      unsafe received.withUnsafeMutableBytes { target in
        unsafe function(
          source.baseAddress, Int32(part), type, target.baseAddress, Int32(part), type, constants.world)
      }
    }
    check(status)
  }

  /// MPI ends the processes itself, with a message, unless a handler was set.
  private func check(_ status: Int32) { precondition(status == 0, "\(library): error \(status)") }

  /// Leaves the group; no function may be called afterwards.
  package func leave() { _ = unsafe functions.finalize() }

  /// Ends all processes, so that none waits for this one.
  package func abort(status: Int32) { _ = unsafe functions.abort(constants.world, status) }
}
