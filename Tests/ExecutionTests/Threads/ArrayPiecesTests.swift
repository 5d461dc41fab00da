import Synchronization
import Testing

@testable import EbbExecution

/// Every place of the arrays is changed once, whatever the pieces and the threads are.
@Suite struct ArrayPiecesTests {
  @Test(arguments: [0, 1, 7, 64, 1000], [1, 2, 4])
  func everyPlaceIsChangedOnce(count: Int, threads: Int) {
    for pieceLength in [1, 7, 64, 5000] {
      var arrays = [(0..<count).map(Double.init), [Double](repeating: 1, count: count)]
      let read = (0..<count).map { Double($0) * 0.5 }
      let sizes = Mutex<[Int]>([])
      Double.changeInPieces(&arrays, reading: [read], threads: threads, pieceLength: pieceLength) { changed, read in
        sizes.withLock { $0.append(read[0].count) }
        for index in read[0].indices {
          changed[0][index] += read[0][index]
          changed[1][index] *= 2
        }
      }
      #expect(arrays[0] == (0..<count).map { Double($0) * 1.5 } && arrays[1].allSatisfy { $0 == 2 })
      let found = sizes.withLock { $0 }
      #expect(found.reduce(0, +) == count && found.max() == min(count, pieceLength))
      #expect(found.count == max(1, (count + pieceLength - 1) / pieceLength))
    }
  }
}
