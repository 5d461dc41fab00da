import EbbGraph
import EbbTensors
import EbbTestSupport
import Testing

@Suite struct ParsingTests {
  @Test func whatPrintsParsesBack() throws {
    for graph in [SampleGraph.simpleRNN(), SampleGraph.gatedRecurrentUnit(), SampleGraph.everyOperation(), Graph()] {
      try graph.verify()
      let parsed = try Graph(parsing: graph.description)
      #expect(parsed == graph)
    }
  }

  @Test func everyOperationIsInTheSample() {
    // The keywords tell the operations apart, so a new operation must enter the sample, and with it the round trip.
    let keywords = Set(SampleGraph.everyOperation().operations.map(\.keyword))
    let functions = UnaryFunction.allCases.count + BinaryFunction.allCases.count + Comparison.allCases.count
    #expect(keywords.count == functions + 45)
  }

  @Test func handlesMayHaveGapsAndNamesStandForThem() throws {
    let text = """
      # A sum of two inputs.
      axis b : batch   # its rows

      %7 x: f32 {b} [2] = input
      %3 "y": f32 {b} [2] = input\r
      %100: f32 {b}[2] = add( %7 , y )
      output sum = %100
      """
    let graph = try Graph(parsing: text)
    #expect(graph.operands(NodeID(2)) == [NodeID(0), NodeID(1)])
    #expect(graph.output(named: "sum") == NodeID(2))
    #expect(try Graph(parsing: graph.description) == graph)
  }

  @Test(arguments: [
    ("0x1.8p-3", 0.1875), ("+5", 5), ("1e-3", 0.001), ("-inf", -Double.infinity), ("infinity", .infinity),
  ])
  func numbersReadExactly(text: String, value: Double) throws {
    let graph = try Graph(parsing: "%0: f64 = constant(\(text))")
    #expect(graph.operation(NodeID(0)) == .constant(value))
  }

  @Test func atMostSixtyFourAxes() throws {
    let lines = (0..<65).map { "axis a\($0): batch" }
    #expect(throws: Never.self) { try Graph(parsing: lines.dropLast().joined(separator: "\n")) }
    #expect(throws: ParseError(line: 65, column: 6, "a graph has at most 64 axes")) {
      try Graph(parsing: lines.joined(separator: "\n"))
    }
  }

  @Test func aRecurrenceInTwoDirectionsIsRejectedAtItsLine() {
    let text = """
      axis t: time
      axis u: time
      %0 a: f32 = input
      %4: f32 {t, u} = delay(%8, initial a; along t)
      %5: f32 {t, u} = delay(%8, initial a; along u)
      %6: f32 {t, u} = advance(%8, final a; along u)
      %7: f32 {t, u} = add(%4, %5)
      %8: f32 {t, u} = add(%7, %6)
      """
    let error = #expect(throws: ParseError.self) { try Graph(parsing: text) }
    #expect(error?.line == 6)
    #expect(error?.message.hasPrefix("a delay and an advance along u on one cycle") == true)
  }

  @Test func hugeAndStrangeTextsAreReadOrRejected() {
    let texts = [
      String(repeating: "(", count: 100_000), String(repeating: "\"", count: 99_999),
      String(repeating: "%0 x: f32 = input\n", count: 3),
      "%0: f32 = constant(" + String(repeating: "9", count: 50_000) + ")",
      "%", "%0", "\u{0}", "%0:\u{FEFF}", "axis", "output", "axis :", "\"",
    ]
    for text in texts { #expect(throws: ParseError.self) { try Graph(parsing: text) } }
    #expect(throws: Never.self) { try Graph(parsing: "\r\n # nothing \n\n") }
  }

  /// Mutates printed graphs at random: whatever the text, the parser answers; and what it accepts, it prints back.
  @Test func mutatedTextsNeverTrap() throws {
    let originals = [SampleGraph.everyOperation(), SampleGraph.simpleRNN(), SampleGraph.gatedRecurrentUnit()].map {
      Array($0.description.unicodeScalars)
    }
    let alphabet = Array("0123456789%(){}[];:,=\"\\ \n-.+exfitb#@_".unicodeScalars) + ["é", "\u{0}", "\u{FFFF}"]
    let pieces = ["2147483647", "99999999999999999999", "-1", "nan", "{t, b}", "[2147483647]", "\n%3 i: i32 = input"]
    var random = RandomNumbers(seed: 7)
    var accepted = 0
    for round in 0..<2000 {
      var text = originals[round % 3]
      for _ in 0...random.below(2) {
        let place = random.below(text.count)
        let length = min(1 + random.below(12), text.count - place)
        switch random.below(6) {
        case 0: text.remove(at: place)
        case 1: text.insert(alphabet[random.below(alphabet.count)], at: place)
        case 2: text[place] = alphabet[random.below(alphabet.count)]
        case 3: text.removeSubrange(place..<place + length)
        case 4: text.insert(contentsOf: pieces[random.below(pieces.count)].unicodeScalars, at: place)
        default:
          let from = random.below(text.count - length + 1)
          text.insert(contentsOf: text[from..<from + length], at: place)
        }
      }
      var scalars = String.UnicodeScalarView()
      scalars.append(contentsOf: text)
      let graph: Graph
      do {
        graph = try Graph(parsing: String(scalars))
      } catch {
        if error.line < 1 || error.column < 1 { Issue.record("no place: \(error)") }
        continue
      }
      accepted += 1
      let again = try Graph(parsing: graph.description)
      if again != graph { Issue.record("changed by printing and parsing:\n\(graph)") }
    }
    #expect(accepted > 20, "\(accepted)")
  }
}

/// Numbers by Marsaglia's xorshift (Journal of Statistical Software 8(14), 2003): the same in every run.
struct RandomNumbers {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33) % max(bound, 1)
  }
}
