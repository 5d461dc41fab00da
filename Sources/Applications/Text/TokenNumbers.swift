/// The numbers of a text's tokens, in as few bytes as the vocabulary needs.
struct TokenNumbers: Sendable {
  private enum Width {
    case one, two, four
  }

  private let width: Width
  private var one: [UInt8] = []
  private var two: [UInt16] = []
  private var four: [Int32] = []

  /// - Parameters:
  ///   - limit: All numbers are below it.
  ///   - capacity: The number to be added, if known.
  init(below limit: Int, capacity: Int = 0) {
    width = limit <= 1 << 8 ? .one : limit <= 1 << 16 ? .two : .four
    switch width {
    case .one: one.reserveCapacity(capacity)
    case .two: two.reserveCapacity(capacity)
    case .four: four.reserveCapacity(capacity)
    }
  }

  init(_ numbers: [Int32]) {
    width = .four
    four = numbers
  }

  var count: Int {
    switch width {
    case .one: one.count
    case .two: two.count
    case .four: four.count
    }
  }

  subscript(position: Int) -> Int32 {
    switch width {
    case .one: Int32(one[position])
    case .two: Int32(two[position])
    case .four: four[position]
    }
  }

  mutating func append(_ number: Int32) {
    switch width {
    case .one: one.append(UInt8(number))
    case .two: two.append(UInt16(number))
    case .four: four.append(number)
    }
  }
}
