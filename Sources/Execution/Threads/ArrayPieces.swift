internal import Dispatch
internal import Synchronization

/// Numbers of arrays that are changed in pieces. Each type has its own compiled form.
package protocol PieceNumber: BitwiseCopyable, Sendable {
  /// Changes arrays of equal length together, by a rule for each place, on several threads.
  ///
  /// The arrays are cut into pieces that fit a core's cache; whoever is free takes the next one. So all that the rule
  /// does is one pass over memory, however many passes it makes over its piece. Each place is computed alone: the result
  /// is the same for any number of threads and any length of the pieces.
  ///
  /// - Parameters:
  ///   - changed: The arrays that the rule changes.
  ///   - read: Arrays that it reads; it may use them as scratch.
  ///   - threads: How many threads compute, at most.
  ///   - pieceLength: The numbers of a piece.
  ///   - rule: Called with a piece of each array.
  static func changeInPieces(
    _ changed: inout [[Self]], reading read: [[Self]], threads: Int, pieceLength: Int,
    _ rule: @Sendable (_ changed: inout [[Self]], _ read: inout [[Self]]) -> Void)
}

extension Float: PieceNumber {
  package static func changeInPieces(
    _ changed: inout [[Float]], reading read: [[Float]], threads: Int, pieceLength: Int,
    _ rule: @Sendable (_ changed: inout [[Float]], _ read: inout [[Float]]) -> Void
  ) { change(&changed, read, threads, pieceLength, rule) }
}

extension Double: PieceNumber {
  package static func changeInPieces(
    _ changed: inout [[Double]], reading read: [[Double]], threads: Int, pieceLength: Int,
    _ rule: @Sendable (_ changed: inout [[Double]], _ read: inout [[Double]]) -> Void
  ) { change(&changed, read, threads, pieceLength, rule) }
}

private func change<Number: BitwiseCopyable & Sendable>(
  _ changed: inout [[Number]], _ read: [[Number]], _ threads: Int, _ pieceLength: Int,
  _ rule: @Sendable (_ changed: inout [[Number]], _ read: inout [[Number]]) -> Void
) {
  let count = changed.first?.count ?? 0
  precondition(
    changed.allSatisfy { $0.count == count } && read.allSatisfy { $0.count == count }, "arrays of one length")
  let pieces = (count + pieceLength - 1) / pieceLength
  guard pieces > 1 else {
    var read = read
    rule(&changed, &read)
    return
  }
  withStarts(of: &changed) { starts in
    let next = Atomic(0)
    // A thread is woken only for so much work.
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, pieces / 8))) { _ in
      var own = [[Number]](repeating: [], count: starts.count)
      var others = [[Number]](repeating: [], count: read.count)
      while true {
        let piece = next.add(1, ordering: .relaxed).oldValue
        guard piece < pieces else { return }
        let places = piece * pieceLength..<min((piece + 1) * pieceLength, count)
        for index in own.indices { starts[index].copy(places, to: &own[index]) }
        for index in others.indices {
          others[index].removeAll(keepingCapacity: true)
          others[index] += read[index][places]
        }
        rule(&own, &others)
        for index in own.indices { starts[index].replace(places, by: own[index]) }
      }
    }
  }
}

/// The first number of an array, whose pieces are changed by different threads.
private struct Start<Number: BitwiseCopyable & Sendable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Number>

  func copy(_ places: Range<Int>, to piece: inout [Number]) {
    piece.removeAll(keepingCapacity: true)
    piece += UnsafeBufferPointer(start: pointer + places.lowerBound, count: places.count)
  }

  func replace(_ places: Range<Int>, by piece: [Number]) {
    precondition(piece.count == places.count, "a rule keeps the number of places")
    piece.withUnsafeBufferPointer { numbers in
      if let first = numbers.baseAddress {
        (pointer + places.lowerBound).update(from: first, count: places.count)
      }
    }
  }
}

/// Calls `body` with the starts of all arrays, which are not empty.
private func withStarts<Number>(of arrays: inout [[Number]], _ body: ([Start<Number>]) -> Void) {
  func open(_ index: Int, _ starts: [Start<Number>], _ arrays: inout [[Number]]) {
    guard index < arrays.count else { return body(starts) }
    // Taken out, so that the others can be opened meanwhile.
    var array: [Number] = []
    swap(&array, &arrays[index])
    array.withUnsafeMutableBufferPointer { open(index + 1, starts + [Start(pointer: $0.baseAddress!)], &arrays) }
    swap(&array, &arrays[index])
  }
  open(0, [], &arrays)
}
