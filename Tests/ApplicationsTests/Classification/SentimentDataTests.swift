import EbbApplications
import EbbFiles
import EbbTraining
import Foundation
import Testing

@Suite struct SentimentDataTests {
  @Test(arguments: [
    ("The movie wasn't bad -- it's GREAT!", ["the", "movie", "was", "n't", "bad", "it", "'s", "great", "!"]),
    ("the movie was n't bad , it 's great", ["the", "movie", "was", "n't", "bad", ",", "it", "'s", "great"]),
    (
      "They\u{2019}d\u{2019}ve said \u{201C}well-made\u{201D}",
      ["they", "'d", "'ve", "said", "\u{201C}", "well", "made", "\u{201D}"]
    ),
    ("u.s. films (1930s)...", ["u.s", ".", "films", "(", "1930s", ")", ".", ".", "."]),
    ("  ", []),
  ]) func textsAreCutAsTheTreebankIs(text: String, words: [String]) {
    let list = WordList(of: [text])
    #expect(Set(list.words) == Set(words))
    #expect(list.encode(text).map(\.word) == (words.isEmpty ? [""] : words))
  }

  @Test func frequentWordsComeFirstAndRareOnesAreUnknown() {
    let list = WordList(of: ["b a a c", "a c ,", "b d"], minimumCount: 2)
    #expect(list.words == ["a", "b", "c"] && list.count == 4)
    // An unknown mark is left out, an unknown word is number 0.
    #expect(list.encode("A d , c!").map(\.number) == [1, 0, 3])
    #expect(list.encode("?!").map(\.number) == [0])
  }

  @Test(arguments: [
    ("good\t1\nbad\n", "f.tsv:2, column label: this row has 1 field; a row is text, a tab, label"),
    ("good\t1\tx\n", "f.tsv:1, column 3: this row has 3 fields; a row is text, a tab, label"),
    ("good\t1\r\n\r\nbad\t2\r\n", "f.tsv:3, column label: \"2\" is no label; 0 or 1 is expected"),
    ("good\tpositive\n", "f.tsv:1, column label: \"positive\" is no label; 0 or 1 is expected"),
    (" \t0\n", "f.tsv:1, column text: the text is empty; at least one word is expected"),
    ("\n\n", "f.tsv: the file is empty; rows of text, a tab, label are expected"),
    ("", "f.tsv: the file is empty; rows of text, a tab, label are expected"),
  ]) func badRowsAreErrorsWithTheirPlace(text: String, message: String) {
    #expect(throws: FileError.self) {
      do {
        _ = try LabelledTexts(TSVTable(text, source: "f.tsv", columns: ["text", "label"]))
      } catch {
        #expect("\(error)" == message)
        throw error
      }
    }
  }

  @Test func fieldsAreTakenAsTheyStand() throws {
    let texts = try LabelledTexts(
      TSVTable("\u{FEFF}a \"quote, and more\t1\r\n\nb\\t \u{1F600}\t0", columns: ["text", "label"]))
    #expect(texts.texts == ["a \"quote, and more", "b\\t \u{1F600}"] && texts.labels == [1, 0])
  }

  @Test func filesThatCannotBeReadAreErrors() throws {
    let folder = FileManager.default.temporaryDirectory
    let path = folder.appendingPathComponent("ebb-\(UUID()).tsv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func message() -> String {
      do throws(FileError) {
        _ = try LabelledTexts(contentsOf: path)
        return ""
      } catch {
        return error.message
      }
    }
    #expect(message() == "there is no such file")
    try Data([0x66, 0xFF, 0xFE, 0x09, 0x30]).write(to: URL(fileURLWithPath: path))
    #expect(message() == "this is no UTF-8 text; lines of tab-separated values are expected")
    #expect(throws: FileError.self) { try LabelledTexts(contentsOf: folder.path) }
  }

  @Test func damagedFilesNeverCrash() {
    // Bytes of a good file changed at random, with a fixed seed.
    var generator = Congruential(state: 5)
    let good = Array("one text\t1\nanother \"text\"\t0\r\nthird\t1\n".utf8)
    for _ in 0..<2000 {
      var bytes = good
      for _ in 0..<3 {
        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
      }
      let text = String(decoding: bytes, as: UTF8.self)
      _ = try? LabelledTexts(TSVTable(text, columns: ["text", "label"]))
    }
  }

  @Test func aSplitHoldsOutAPartOnce() throws {
    let texts = LabelledTexts((0..<50).map { "text \($0)" }, labels: (0..<50).map { $0 % 2 })
    let (training, heldOut) = try texts.split(heldOut: 0.1, seed: 4)
    #expect(heldOut.count == 5 && Set(training.texts + heldOut.texts) == Set(texts.texts))
    #expect(training.texts == training.texts.sorted { Int($0.dropFirst(5))! < Int($1.dropFirst(5))! })
    #expect(try texts.split(heldOut: 0.1, seed: 4).heldOut == heldOut)
    #expect(try texts.split(heldOut: 0.1, seed: 5).heldOut != heldOut)
    #expect(throws: FileError.self) { try texts[[3]].split(heldOut: 0.5, seed: 1) }
  }
}

/// A small linear congruential generator with a fixed start.
private struct Congruential {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
