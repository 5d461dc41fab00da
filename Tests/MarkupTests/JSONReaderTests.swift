import EbbMarkup
import Testing

/// Texts of a known form: {"name": [1, 2, …], …}.
@Suite struct JSONReaderTests {
  private func read(_ text: String) throws -> [String: [Int]] {
    var lists: [String: [Int]] = [:]
    var reader = JSONReader(Array(text.utf8))
    try reader.object { reader, key throws(JSONError) in
      guard lists[key.text] == nil else { throw reader.error("again", at: key.position) }
      var list: [Int] = []
      try reader.array { reader throws(JSONError) in list.append(try reader.wholeNumber()) }
      lists[key.text] = list
    }
    return lists
  }

  @Test func aKnownFormIsRead() throws {
    #expect(
      try read(" {\"a\" : [ 1 ,2\n], \"\\u00e9\":[], \"z\": [9223372036854775807, 0]}") == [
        "a": [1, 2], "é": [], "z": [.max, 0],
      ])
    #expect(try read("{ }") == [:])
  }

  @Test(
    arguments: [
      ("[", 0, "'[' where '{' is expected"), ("{", 1, "the end where '\"' is expected"),
      ("{\"a\" 1}", 5, "'1' where ':' is expected"), ("{\"a\":\n}", 6, "'}' where '[' is expected"),
      ("{\"a\":[1 2]}", 8, "'2' where ']' is expected"), ("{\"a\":[1.0]}", 7, "'.' where ']' is expected"),
      ("{\"a\":[-1]}", 6, "'-' where a whole number of at least 0 is expected"),
      ("{\"a\":[01]}", 6, "a number begins with 0"),
      ("{\"a\":[9223372036854775808]}", 6, "a number is too large"),
      ("{\"é\":[],\"é\":[]}", 9, "again"), ("{\"a\":[],}", 8, "'}' where '\"' is expected"),
      ("{\"é\\", 5, "a string does not end"),
    ] as [(String, Int, String)])
  func errorsHaveTheirPlace(text: String, offset: Int, reason: String) {
    let error = #expect(throws: JSONError.self) { try read(text) }
    #expect(error?.offset == offset && error?.reason == reason, "\(text): \(String(describing: error))")
  }
}
