import EbbKernels
import Testing

/// Operations on lines of numbers, against their definitions one number at a time.
@Suite struct LineKernelTests {
  /// Lines in memory: number k of line j of row r, with a number between any two that no kernel may touch, or in runs.
  private struct Lines<Element: BinaryFloatingPoint> {
    var (rows, lanes, count): (Int, Int, Int)
    var (row, lane): (Int, Int)
    var places: [Int]
    var storage: [Element]

    init(rows: Int, lanes: Int, count: Int, areSideBySide: Bool, run: Int, _ number: (Int, Int, Int) -> Element) {
      (self.rows, self.lanes, self.count) = (rows, lanes, count)
      let runs = (count + run - 1) / run
      if areSideBySide {
        (lane, row) = (1, (lanes + 3) * (count + runs) + 2)
        places = (0..<count).map { ($0 + $0 / run) * (lanes + 3) }
      } else {
        (lane, row) = (count + 3 * runs, (count + 3 * runs) * lanes + 1)
        places = (0..<count).map { $0 + 3 * ($0 / run) }
      }
      storage = Array(repeating: .nan, count: row * rows)
      for r in 0..<rows {
        for j in 0..<lanes { for k in 0..<count { storage[r * row + j * lane + places[k]] = number(r, j, k) } }
      }
    }

    subscript(_ r: Int, _ j: Int, _ k: Int) -> Element { storage[r * row + j * lane + places[k]] }

    /// Numbers that are not of these lines and no longer NaN.
    var touched: Int {
      var isOwn = Array(repeating: false, count: storage.count)
      for r in 0..<rows {
        for j in 0..<lanes { for k in 0..<count { isOwn[r * row + j * lane + places[k]] = true } }
      }
      return zip(storage, isOwn).filter { !$0.isNaN && !$1 }.count
    }

    /// Calls `body` with the first number, and the places as a kernel takes them.
    mutating func withPointers(_ body: (UnsafeMutablePointer<Element>, ebb_places) -> Void) {
      let all = places
      let step = count > 1 ? all[1] : 0
      let isEven = all.indices.allSatisfy { all[$0] == $0 * step }
      storage.withUnsafeMutableBufferPointer { storage in
        all.withUnsafeBufferPointer {
          body(storage.baseAddress!, ebb_places(table: isEven ? nil : $0.baseAddress, step: isEven ? step : 0))
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func places(isa: InstructionSet) {
    places(Float.self, isa)
    places(Double.self, isa)
  }

  private func places<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    var random = Generator(41)
    for (rows, lanes, count, run) in [
      (1, 1, 1, 1), (3, 1, 70, 32), (2, 3, 40, 40), (2, 19, 9, 9), (1, 70, 5, 2), (2, 2, 0, 1),
    ] {
      for areSideBySide in [true, false] {
        for kind in 0..<4 {
          // Few different numbers, so that many are equal; with a NaN or two; nothing but -∞.
          var x = Lines<Element>(rows: rows, lanes: lanes, count: count, areSideBySide: areSideBySide, run: run) {
            _, j, k in
            let number = Element(Int(random.bits() % 5))
            if kind == 1, k == count / 2 || k == count - 1 { return .nan }
            return kind == 2 ? -.infinity : kind == 3 && k > j % 3 ? -.infinity : number
          }
          var found = Array(repeating: Double.nan, count: rows * lanes * 2)
          let (row, lane) = (x.row, x.lane)
          x.withPointers { a, at in
            found.withUnsafeMutableBufferPointer { out in
              var q = ebb_argmax(
                a: a, a_row: row, a_lane: lane, a_k: at, run: areSideBySide ? 1 : run, out: out.baseAddress!,
                out_row: lanes * 2, out_lane: 2, rows: rows, lanes: lanes, count: count)
              kernels.argmax(&q)
            }
          }
          for r in 0..<rows {
            for j in 0..<lanes {
              var best = 0
              for k in 0..<count where x[r, j, k] > x[r, j, best] || x[r, j, k].isNaN && !x[r, j, best].isNaN {
                best = k
              }
              #expect(
                found[(r * lanes + j) * 2] == Double(best), "\(type) \(count) × \(lanes), \(areSideBySide), \(kind)")
              #expect(found[(r * lanes + j) * 2 + 1].isNaN)
            }
          }
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func runningSums(isa: InstructionSet) {
    runningSums(Float.self, isa)
    runningSums(Double.self, isa)
  }

  private func runningSums<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    var random = Generator(42)
    for (rows, lanes, count, run) in [
      (1, 1, 1, 1), (19, 1, 40, 32), (2, 3, 7, 7), (2, 75, 9, 9), (3, 20, 5, 2), (9, 4, 33, 1),
    ] {
      for areSideBySide in [true, false] {
        for isNumber in [true, false] {
          func lines(_ number: (Int, Int, Int) -> Element) -> Lines<Element> {
            Lines(rows: rows, lanes: lanes, count: count, areSideBySide: areSideBySide, run: run, number)
          }
          // The first factor is not read.
          var factors = lines { _, _, k in k == 0 ? .nan : random.uniform() }
          var terms = lines { _, _, _ in random.uniform() }
          var sums = lines { _, _, _ in 0 }
          let (row, lane) = (sums.row, sums.lane)
          let number: [Element] = [random.uniform()]
          factors.withPointers { a, aPlaces in
            terms.withPointers { b, bPlaces in
              sums.withPointers { y, yPlaces in
                number.withUnsafeBufferPointer { number in
                  var q = ebb_accumulation(
                    a: isNumber ? UnsafeRawPointer(number.baseAddress!) : UnsafeRawPointer(a),
                    a_row: isNumber ? 0 : row, a_lane: isNumber ? 0 : lane,
                    a_k: isNumber ? ebb_places(table: nil, step: 0) : aPlaces, b: b, b_row: row,
                    b_lane: lane, b_k: bPlaces, y: y, y_row: row, y_lane: lane, y_k: yPlaces,
                    rows: rows, lanes: lanes, count: count)
                  kernels.accumulate(&q)
                }
              }
            }
          }
          #expect(sums.touched == 0)
          for r in 0..<rows {
            for j in 0..<lanes {
              var sum = terms[r, j, 0]
              for k in 0..<count {
                if k > 0 { sum = isa.multiplyAdd(isNumber ? number[0] : factors[r, j, k], sum, terms[r, j, k]) }
                if !same(sums[r, j, k], sum) { Issue.record("\(type) \(count) × \(lanes), \(areSideBySide) at \(k)") }
              }
            }
          }
        }
      }
    }
  }

  /// Entries of rows of (outer, entries, inner), with ids of each row and with those of all; some are outside.
  @Test(arguments: InstructionSet.available)
  func entries(isa: InstructionSet) {
    let kernels = isa.kernels(Float.self)
    var random = Generator(43)
    for (rows, outer, entries, count, inner) in [(3, 1, 5, 300, 1), (2, 2, 7, 4, 3), (1, 1, 1, 2, 1)] {
      for isShared in [true, false] {
        let (whole, part) = (outer * entries * inner, outer * count * inner)
        let ids = (0..<(isShared ? 1 : rows) * part).map { _ in Double(Int(random.bits() % UInt64(entries + 3))) - 1 }
        // Every second number is somebody else's.
        let (allPlaces, partPlaces) = ((0..<whole).map { 2 * $0 }, (0..<part).map { 2 * (part - 1 - $0) })
        let idPlaces = Array(0..<part)
        let first = (0..<part).map { $0 / (count * inner) * entries * inner + $0 % inner }
        let all = (0..<rows * whole * 2).map { _ in Float(random.bits() % 100) }
        let some = (0..<rows * part * 2).map { _ in Float(random.bits() % 100) }
        var gathered = Array(repeating: Float.nan, count: rows * part * 2)
        var scattered = Array(repeating: Float.nan, count: rows * whole * 2)
        func call(
          _ a: [Float], _ places: [Int], _ out: inout [Float], _ outPlaces: [Int],
          _ kernel: (UnsafePointer<ebb_entries>) -> Void
        ) {
          let (row, outRow) = (a.count / rows, out.count / rows)
          a.withUnsafeBufferPointer { a in
            ids.withUnsafeBufferPointer { ids in
              out.withUnsafeMutableBufferPointer { out in
                places.withUnsafeBufferPointer { places in
                  outPlaces.withUnsafeBufferPointer { outPlaces in
                    idPlaces.withUnsafeBufferPointer { idPlaces in
                      first.withUnsafeBufferPointer { first in
                        var q = ebb_entries(
                          a: a.baseAddress!, a_row: row, a_places: places.baseAddress!, ids: ids.baseAddress!,
                          id_row: isShared ? 0 : part, id_places: idPlaces.baseAddress!, out: out.baseAddress!,
                          out_row: outRow, out_places: outPlaces.baseAddress!, first: first.baseAddress!, rows: rows,
                          count: part, features: outRow / 2, entries: entries, inner: inner)
                        kernel(&q)
                      }
                    }
                  }
                }
              }
            }
          }
        }
        call(all, allPlaces, &gathered, partPlaces, kernels.gather_entries)
        call(some, partPlaces, &scattered, allPlaces, kernels.scatter_entries)
        for r in 0..<rows {
          var sums = Array(repeating: Float(0), count: whole)
          for f in 0..<part {
            let id = Int(ids[(isShared ? 0 : r * part) + f])
            let place = (0..<entries).contains(id) ? first[f] + id * inner : nil
            #expect(gathered[r * part * 2 + partPlaces[f]] == place.map { all[r * whole * 2 + allPlaces[$0]] } ?? 0)
            if let place { sums[place] += some[r * part * 2 + partPlaces[f]] }
          }
          for f in 0..<whole { #expect(scattered[r * whole * 2 + allPlaces[f]] == sums[f]) }
        }
        #expect(gathered.filter(\.isNaN).count == rows * part && scattered.filter(\.isNaN).count == rows * whole)
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func orders(isa: InstructionSet) {
    orders(Float.self, isa)
    orders(Double.self, isa)
  }

  private func orders<Element: BinaryFloatingPoint>(_ type: Element.Type, _ isa: InstructionSet) {
    let kernels = isa.kernels(type)
    var random = Generator(44)
    let special: [Element] = [0, -0.0, .nan, -.nan, .infinity, -.infinity, .leastNonzeroMagnitude, -1]
    for (rows, outer, count, inner) in [(2, 1, 1, 1), (3, 2, 8, 3), (2, 1, 9, 1), (2, 1, 100, 2), (1, 1, 33, 1)] {
      for isDescending in [false, true] {
        let all = outer * count * inner
        let numbers = (0..<rows * all).map { _ in
          random.bits() % 3 == 0 ? special[Int(random.bits() % 8)] : Element(Int(random.bits() % 9)) / 3 - 1
        }
        var found = Array(repeating: -1.0, count: rows * all)
        let places = Array(0..<all)
        var room = Array(repeating: 0.0, count: 4 * count)
        numbers.withUnsafeBufferPointer { a in
          found.withUnsafeMutableBufferPointer { out in
            places.withUnsafeBufferPointer { places in
              room.withUnsafeMutableBufferPointer { room in
                var q = ebb_order(
                  a: a.baseAddress!, a_row: all, a_places: places.baseAddress!, out: out.baseAddress!, out_row: all,
                  out_places: places.baseAddress!, rows: rows, lines: outer * inner, count: count, inner: inner,
                  descending: isDescending ? 1 : 0, room: room.baseAddress!)
                kernels.argsort(&q)
              }
            }
          }
        }
        for line in 0..<rows * outer * inner {
          let first = line / inner * count * inner + line % inner
          func isBefore(_ i: Int, _ j: Int) -> Bool {
            let (x, y) = (numbers[first + i * inner], numbers[first + j * inner])
            let (less, greater) = isDescending ? (y, x) : (x, y)
            if less < greater || !less.isNaN && greater.isNaN { return true }
            return !(greater < less || !greater.isNaN && less.isNaN) && i < j
          }
          let expected = (0..<count).sorted { isBefore($0, $1) }
          #expect((0..<count).map { Int(found[first + $0 * inner]) } == expected, "\(type) \(count), \(isDescending)")
        }
      }
    }
  }
}
