import EbbMarkup
import Foundation
import Testing

@Suite struct JSONTests {
  @Test func membersKeepTheirOrder() throws {
    let value: JSONValue = ["z": 1, "a": [true, nil, "x"], "m": ["k": 2.5]]
    #expect(value.text(indented: false) == #"{"z":1,"a":[true,null,"x"],"m":{"k":2.5}}"#)
    #expect(try JSONValue(parsing: value.text()) == value)
    #expect(
      value.text() == """
        {
          "z": 1,
          "a": [true, null, "x"],
          "m": {
            "k": 2.5
          }
        }

        """)
  }

  @Test func numbersComeBackAsTheyWere() throws {
    var values: [Double] = [
      0, -0.0, 1, 0.1, 1 / 3, Double.leastNonzeroMagnitude, Double.leastNormalMagnitude, 1.7976931348623157e308, 1e21,
      123_456_789_012_345_680,
      1e-5,
    ]
    var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<500 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: bits)
      if value.isFinite { values.append(value) }
    }
    let read = try JSONValue(parsing: JSONValue.numbers(values).text()).array
    #expect(read?.map(\.double?.bitPattern) == values.map(\.bitPattern))
    #expect(try JSONValue(parsing: "[-9223372036854775808, 9223372036854775807]") == [.integer(.min), .integer(.max)])
    #expect(try JSONValue(parsing: "-0").double?.sign == .minus)
    // What no Int holds is a double.
    #expect(try JSONValue(parsing: "18446744073709551616") == .number(18446744073709551616))
  }

  @Test func nonFiniteNumbersAreStringsThatReadBack() throws {
    let values: [Double] = [.nan, .infinity, -.infinity]
    let text = JSONValue.numbers(values).text(indented: false)
    #expect(text == #"["NaN","Infinity","-Infinity"]"#)
    let read = try #require(try JSONValue(parsing: text).array)
    #expect(read[0].double?.isNaN == true && read[1].double == .infinity && read[2].double == -.infinity)
  }

  @Test func stringsComeBackAsTheyWere() throws {
    let strings = [
      "", "\"\\/\u{8}\u{C}\n\r\t", "\u{0}\u{1F}\u{7F}", "∂L/∂hₜ", "😀", "\u{2028}\u{2029}", "e\u{301}", "</script>",
    ]
    let read = try JSONValue(parsing: JSONValue.strings(strings).text()).array
    #expect(read?.compactMap(\.string?.unicodeScalars).map(Array.init) == strings.map { Array($0.unicodeScalars) })
    #expect(try JSONValue(parsing: #""\ud83d\ude00 \u00e9 \/""#) == "😀 é /")
  }

  @Test(
    arguments: [
      ("", 1, 1), (" ", 1, 2), ("nul", 1, 1), ("truex", 1, 5), ("[1,]", 1, 4), ("[1 2]", 1, 4), ("{\"a\":1,}", 1, 8),
      ("{a:1}", 1, 2), ("{\"a\" 1}", 1, 6), ("01", 1, 1), ("-", 1, 2), ("1.", 1, 3), ("1e", 1, 3), (".5", 1, 1),
      ("+1", 1, 1), ("1e999", 1, 1), ("NaN", 1, 1), ("\"a", 1, 3), ("\"\t\"", 1, 2), ("\"\\x\"", 1, 2),
      ("\"\\u12\"", 1, 2), ("\"\\ud800\"", 1, 2), ("\"\\udc00\\ud800\"", 1, 2), ("\"\\udc00\\udc00\"", 1, 2),
      ("\"\\ud800\\u0041\"", 1, 2),
      ("[1]\n[2]", 2, 1), ("{\n  \"é\": 1,\n  \"é\": 2\n}", 3, 3), ("[\n\"é\", x]", 2, 6), ("\u{FEFF}1", 1, 1),
      ("[1] // no", 1, 5), ("'a'", 1, 1), ("[", 1, 2), ("{", 1, 2), ("]", 1, 1),
    ] as [(String, Int, Int)]) func errorsSayWhere(text: String, line: Int, column: Int)
  {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error?.line == line && error?.column == column, "\(text): \(String(describing: error))")
  }

  @Test func hostileDepthIsAnError() throws {
    let limit = JSONValue.maximumDepth
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(limit))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(limit + 1)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "{\"a\":[", count: 200_000)) }
  }

  @Test func invalidUTF8IsAnError() {
    for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF]] as [[UInt8]] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
    }
  }

  @Test func objectsCanBeChanged() {
    var object = JSONObject()
    object["b"] = 1
    object["a"] = 2
    object["b"] = 3
    #expect(object.keys == ["b", "a"] && object["b"] == 3)
    object["b"] = nil
    #expect(object.members.map(\.key) == ["a"] && object["b"] == nil)
  }
}
