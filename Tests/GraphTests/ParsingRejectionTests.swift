import EbbGraph
import Testing

/// One text for each way in which a line can be wrong.
@Suite struct ParsingRejectionTests {
  private static let notAbove = "is not defined above; only the first operand of a delay or an advance may come later"

  /// Each line of a graph, put after the prelude, with the message of its error; positions count the line as line 1.
  static let rejections: [(line: String, column: Int, message: String)] = [
    ("hello", 1, "expected a line that begins with \"axis\", a handle such as %0, or \"output\"; found hello"),
    ("%0 z: f32 = constant(1)", 1, "the handle %0 is used twice"),
    ("%9 x: f32 = constant(1)", 4, "two nodes are named x"),
    ("%99999999999: f32 = constant(1)", 1, "expected a handle such as %12, found %99999999999"),
    ("%9 5: f32 = constant(1)", 4, "expected a name or \":\", found 5"),
    ("%9 z f32 = constant(1)", 6, "expected \":\", found f32"),
    ("%9: f16 = constant(1)", 5, "expected an element type (f32, f64, i32, bool), found f16"),
    ("%9: f32 {q} = constant(1)", 10, "there is no axis q above; the axes are t, b"),
    ("%9: f32 {t, t} = constant(1)", 13, "the axis t is listed twice"),
    ("%9: f32 [0] = constant(1)", 10, "expected a dimension in 1 ... 2147483647, found 0"),
    ("%9: f32 [1, 1, 1, 1, 1] = constant(1)", 9, "a shape has at most 4 dimensions"),
    ("%9: f32 [65536, 65536] = constant(1)", 9, "a shape has at most 2147483647 entries"),
    ("%9: f32 [99999999999999999999] = constant(1)", 10, "expected a dimension in 1 ... 2147483647, found 9…"),
    ("%9: f32 = 5", 11, "expected an operation such as tanh(%0), found 5"),
    ("%9: f32 = sinh(x)", 11, "there is no operation sinh"),
    ("%9: f32 = tanh x", 16, "expected \"(\" after tanh, found x"),
    ("%9: f32 = constant(1e999)", 20, "1e999 is too large for a Float64; write inf for the infinity"),
    ("%9: f32 = constant(one)", 20, "expected a number such as 0.5, -inf or nan; found one"),
    ("%9: f32 = constant()", 20, "expected a number such as 0.5, -inf or nan; found \")\""),
    ("%9: f32 = tanh(%10)", 16, "%10 \(notAbove)"),
    ("%9: f32 = tanh(zz)", 16, "zz \(notAbove)"),
    ("%9: f32 = tanh(x", 17, "expected \")\" at the end of tanh, found the end of the text"),
    ("%9: f32 = tanh(x; by 2)", 17, "expected \")\" at the end of tanh, found \";\""),
    ("%9: f32 = tanh()", 16, "expected a node, by its handle or its name; found \")\""),
    ("%9: f32 = tanh(x) 5", 19, "expected the end of the line, found 5"),
    ("%9: f32 = product(x, x)", 23, "expected contracting, found \")\""),
    ("%9: f32 = product(x, x; contracting 0, 0)", 38, "expected with, found \",\""),
    ("%9: f32 = product(x, x; outer, under {t})", 32, "nothing more belongs to product; found under"),
    ("%9: f32 = slice(x; dimension 0, start -1, count 1)", 39, "expected a number in 0 ... 2147483647, found -1"),
    ("%9: f32 = slice(x; dimension 0, count 1)", 33, "expected start, found count"),
    ("%9: f32 = pick(x; along t, middle)", 28, "expected a position (first, last, at), found middle"),
    ("%9: f32 = random(cauchy, stream 1)", 18, "expected a distribution (uniform, normal), found cauchy"),
    ("%9: f32 = random(normal, stream 4294967296)", 33, "expected a stream in 0 ... 4294967295, found 4294967296"),
    ("%9: f32 = delay(x, y; along t)", 20, "expected initial and the value at the boundary, found y"),
    ("%9: f32 = delay(x, initial x; along u)", 37, "there is no axis u above; the axes are t, b"),
    ("%9: f32 {t} = delay(%77, initial y; along t)", 21, "%77 is not defined; no line begins with it"),
    ("output loss", 12, "expected \"=\", found the end of the text"),
    ("output first = x", 8, "two outputs are named first"),
    ("output other = %77", 16, "%77 \(notAbove)"),
    ("axis t: time", 6, "the axis t is declared twice"),
    ("axis u: space", 9, "expected time or batch, found space"),
    ("axis u: time, length 0", 22, "expected a length in 1 ... 2147483647, found 0"),
    ("axis u: time, length 2, length 3", 25, "expected length, lengths or steps, once each; found length"),
    ("axis u: time, lengths zz", 23, "zz is not defined; no line begins with it"),
    ("axis \"u: time", 6, "the quoted name has no end; expected a closing \""),
    ("axis \"\\q\": time", 7, "expected one of the escapes \\\" \\\\ \\n \\t \\u{…}"),
    ("axis \"\\u{d800}\": time", 7, "expected one of the escapes \\\" \\\\ \\n \\t \\u{…}"),
    // What the text can say and the graph must not mean.
    ("%9: f32 [3] = tanh(x)", 1, "tanh has type f32 {} [3], its operands give f32 {t, b} [2]"),
    ("%9: f32 = constant(1)\n%4: bool = not(%9)", 1, "not(f32 []): expected bool"),
    ("%9: f32 = parameter", 1, "a parameter needs a name"),
    (
      "%9: f32 = sumAxes(y; over {t})", 1,
      "sumAxes(f32 []): cannot reduce over {t}, which no operand has; the axes are {}"
    ),
    (
      "%9: f32 [1] = pad(x; dimension 0, before 2147483647, after 2147483647)", 1,
      "pad(f32 [2]): dimension 0 would have 4294967296 entries"
    ),
    (
      "axis u: time\n%9: f32 {t, u} = delay(%10, initial %3; along t)\n"
        + "%10: f32 {t, u} = delay(%9, initial %3; along u)", 1,
      "delay: the boundary value must not depend on the axis t"
    ),
  ]

  @Test(arguments: rejections.indices)
  func aWrongLineIsRejectedWithItsPlace(index: Int) {
    let prelude = """
      axis t: time
      axis b: batch
      %0 x: f32 {t, b} [2] = input
      %1 y: f32 = input
      %3 i: f32 {t} = input
      output first = x

      """
    let (line, column, message) = Self.rejections[index]
    let error = #expect(throws: ParseError.self) { try Graph(parsing: prelude + line) }
    guard let error else { return }
    if message.hasSuffix("…") {
      #expect(error.message.hasPrefix(message.dropLast()), "\(line)")
    } else {
      #expect(error.message == message, "\(line)")
    }
    #expect(error.column == column, "\(line)")
    #expect(error.line >= 7, "\(line)")
    #expect(error.description.hasPrefix("\(error.line):\(error.column): "))
  }
}
