import EbbApplications
import EbbFiles
import EbbTensors
import EbbTraining
import Foundation
import Testing

/// An IDX file of these dimensions and bytes.
private func idx(_ dimensions: [Int], _ bytes: [UInt8], type: UInt8 = 8) -> Data {
  var data = Data([0, 0, type, UInt8(dimensions.count)])
  for extent in dimensions { for shift in [24, 16, 8, 0] { data.append(UInt8(extent >> shift & 0xFF)) } }
  return data + Data(bytes)
}

private func message(_ data: Data) -> String {
  do {
    _ = try IDXFile(data, source: "digits.idx")
    return ""
  } catch {
    return error.description
  }
}

/// Writes files into a folder that is removed afterwards.
private func withFolder<Result>(_ files: [String: Data], _ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, data) in files { try data.write(to: folder.appendingPathComponent(name)) }
  return try body(folder.path)
}

/// Pictures of 2 × 3 pixels that count up from 10 · label.
private func digitFiles(_ training: [UInt8] = [3, 0, 9, 3], _ heldOut: [UInt8] = [7, 7, 1]) -> [String: Data] {
  func pictures(_ labels: [UInt8]) -> Data {
    idx([labels.count, 2, 3], labels.flatMap { label in (0..<6).map { 10 * label + $0 } })
  }
  return [
    "train-images-idx3-ubyte": pictures(training), "train-labels-idx1-ubyte": idx([training.count], training),
    "t10k-images-idx3-ubyte": pictures(heldOut), "t10k-labels-idx1-ubyte": idx([heldOut.count], heldOut),
  ]
}

@Suite struct TaskDigitTests {
  @Test func aFileIsRead() throws {
    let file = try IDXFile(idx([2, 3], [1, 2, 3, 4, 5, 255]), source: "digits.idx")
    #expect(file.dimensions == [2, 3] && file.bytes == [1, 2, 3, 4, 5, 255])
    let large = try IDXFile(idx([300], [UInt8](repeating: 7, count: 300)), source: "digits.idx")
    #expect(large.dimensions == [300])
  }

  @Test func whatIsWrongWithAFileIsSaid() {
    #expect(message(Data()).contains("digits.idx: is no IDX file"))
    #expect(message(Data("P5 28 28".utf8)).contains("is no IDX file"))
    #expect(message(Data([0x1F, 0x8B, 8, 0])).contains("compressed with gzip; decompress it first, with gunzip"))
    #expect(message(idx([1], [0, 0, 0, 0], type: 13)).contains("the IDX type 13; expected is 8, unsigned bytes"))
    #expect(message(Data([0, 0, 8, 3, 0, 0, 0, 1])).contains("has 3 dimensions and ends before they are told"))
    #expect(message(Data([0, 0, 8, 0])).contains("has 0 dimensions"))
    #expect(message(idx([2, 2], [1, 2, 3])).contains("has 3 bytes of elements; its dimensions [2, 2] say 4"))
    #expect(message(idx([2], [1, 2, 3])).contains("has 3 bytes of elements; its dimensions [2] say 2"))
    let huge = Data([0, 0, 8, 3]) + Data(repeating: 0xFF, count: 12)
    #expect(message(huge).contains("which no memory holds"))
  }

  @Test func filesThatDoNotBelongTogetherAreRejected() throws {
    func problem(_ change: (inout [String: Data]) -> Void) throws -> String {
      var files = digitFiles()
      change(&files)
      return try withFolder(files) { folder in
        do {
          _ = try SequentialDigits(folder: folder)
          return ""
        } catch {
          return "\(error)"
        }
      }
    }
    #expect(try problem { _ in } == "")
    #expect(
      try problem { $0["train-labels-idx1-ubyte"] = nil }.contains("train-labels-idx1-ubyte: there is no such file"))
    #expect(
      try problem { $0["train-labels-idx1-ubyte"] = idx([2], [1, 2]) }.contains("has 2 labels for the 4 pictures"))
    #expect(try problem { $0["t10k-images-idx3-ubyte"] = idx([3], [1, 2, 3]) }.contains("pictures have three"))
    #expect(try problem { $0["t10k-labels-idx1-ubyte"] = idx([3, 1], [1, 2, 3]) }.contains("labels have one"))
    #expect(try problem { $0["t10k-labels-idx1-ubyte"] = idx([3], [1, 2, 10]) }.contains("a label is 10"))
    let wide = idx([3, 1, 6], [UInt8](repeating: 0, count: 18))
    #expect(try problem { $0["t10k-images-idx3-ubyte"] = wide }.contains("have 2 × 3 pixels, the held-out ones 1 × 6"))
    let none = try problem {
      $0["train-images-idx3-ubyte"] = idx([0, 2, 3], [])
      $0["train-labels-idx1-ubyte"] = idx([0], [])
    }
    #expect(none.contains("and so no pictures"))
  }

  @Test func picturesAreReadPixelByPixel() throws {
    let task = try withFolder(digitFiles()) { try SequentialDigits(folder: $0) }
    #expect(task.length == 6 && task.features == 1 && task.answer == .label(classes: 10))
    let heldOut = task.batch(size: 2, seed: 1, step: 1, for: .heldOut)
    // The third picture and, after the last, the first.
    #expect(heldOut["target"]!.doubles == [1, 7])
    let x = heldOut["x"]!.doubles
    for step in 0..<6 {
      #expect(abs(x[2 * step] * 255 - Double(10 + step)) < 1e-4)
      #expect(abs(x[2 * step + 1] * 255 - Double(70 + step)) < 1e-4)
    }
    let training = task.batch(size: 400, seed: 1, step: 0)["target"]!.doubles
    #expect(abs(training.count { $0 == 3 } - 200) < 50 && abs(training.count { $0 == 9 } - 100) < 45)
    #expect(training == task.batch(size: 400, seed: 1, step: 0)["target"]!.doubles)
    #expect(training != task.batch(size: 400, seed: 1, step: 1)["target"]!.doubles)
  }

  /// Of the held-out labels 7, 7, 1 the frequencies are 2/3 and 1/3.
  @Test func theBaselineIsTheEntropyOfTheLabels() throws {
    let baseline = try withFolder(digitFiles()) { try SequentialDigits(folder: $0) }.baseline
    #expect(abs(baseline.loss - (log(3) - 2.0 / 3 * log(2))) < 1e-12)
    #expect(abs(baseline.accuracy - 2.0 / 3) < 1e-12)
  }

  @Test func aPermutationIsOneForAllPictures() throws {
    try withFolder(digitFiles()) { folder in
      let (plain, permuted) = (
        try SequentialDigits(folder: folder), try SequentialDigits(folder: folder, permutationSeed: 4)
      )
      let order = try #require(permuted.order)
      #expect(order.sorted() == Array(0..<6) && order != Array(0..<6))
      #expect(try SequentialDigits(folder: folder, permutationSeed: 4).order == order)
      #expect(try SequentialDigits(folder: folder, permutationSeed: 5).order != order)
      let (x, shuffled) = (
        plain.batch(size: 3, seed: 1, step: 0)["x"]!, permuted.batch(size: 3, seed: 1, step: 0)["x"]!
      )
      for (step, pixel) in order.enumerated() {
        #expect(shuffled.doubles[3 * step..<3 * step + 3] == x.doubles[3 * pixel..<3 * pixel + 3])
      }
    }
  }
}
