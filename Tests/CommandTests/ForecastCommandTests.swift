import EbbReport
import Foundation
import Testing

@Suite struct ForecastCommandTests {
  /// A sine over a trend and a cosine, with a header; and the options of a short training.
  private func data(in folder: String) throws -> [String] {
    let path = folder + "/wave.csv"
    let rows = (0..<120).map { index -> String in
      let t = Double(index)
      return "\(index),\(5 + sin(t * 0.3) + 0.01 * t),\(cos(t * 0.3))"
    }
    try ("month,level,slope\n" + rows.joined(separator: "\n") + "\n")
      .write(toFile: path, atomically: true, encoding: .utf8)
    return [path, "--cell", "gru", "--hidden", "3", "--steps", "12", "--window", "6", "--batch", "4"]
  }

  @Test func trainsBesideBaselinesSavesAndPredicts() throws {
    try withTemporaryFolder { folder in
      let (model, page, picture) = (folder + "/gru.safetensors", folder + "/gru.html", folder + "/gru.svg")
      let arguments =
        try ["forecast", "train"] + data(in: folder)
        + ["--columns", "slope,level", "--target", "2", "--horizon", "3", "--season", "21"]
      let outcome = ebb(arguments + ["--save", model, "--json", folder + "/gru.json", "--report", page])
      #expect(outcome.status == 0, "\(outcome.messages)")
      #expect(outcome.output.contains("level: 96 rows to train on, 24 held out, 22 forecasts from them"))
      for text in ["RMSE persistence", "RMSE seasonal", "MASE", "h before", "over all steps, persistence"] {
        #expect(outcome.output.contains(text), "\(text)")
      }
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/gru.json", encoding: .utf8))
      #expect(json["losses"]?.array?.count == 12)
      #expect(json["methods"]?.array?.count == 3)
      #expect(json["methods"]?.array?[0]["forecasts"]?.array?.count == 22)
      #expect(json["gradientNormsAfter"]?["h"]?.array?.count == 6)
      #expect(try String(contentsOfFile: page, encoding: .utf8).contains("</html>"))
      #expect(ebb(arguments + ["--report", picture]).status == 0)
      #expect(try String(contentsOfFile: picture, encoding: .utf8).hasPrefix("<svg"))

      let predicted = ebb("forecast", "predict", model, folder + "/wave.csv")
      #expect(predicted.status == 0, "\(predicted.messages)")
      #expect(predicted.output.contains("error to expect") && predicted.output.contains("level and its forecast"))
      let numbers = try ebb("forecast", "predict", model, folder + "/wave.csv", "--json", "-").json()
      #expect(numbers["forecasts"]?.array?.count == 3)
      // A model of two columns cannot tell which one bare values would be.
      let bare = ebb("forecast", "predict", model, "1,2,3")
      #expect(bare.status == 2 && bare.messages.contains("the model reads 2 columns, slope, level"))
    }
  }

  @Test func valuesAreForecastWithoutAFile() throws {
    try withTemporaryFolder { folder in
      let model = folder + "/m"
      let train =
        try ["forecast", "train"] + data(in: folder) + ["--target", "level", "--log-returns", "--save", model]
      #expect(ebb(train).status == 0)
      let outcome = ebb("forecast", "predict", model, "5,5.1, 5.2", "--json", "-")
      #expect(outcome.messages.contains("the model was trained on windows of 6 values; 3 are given"))
      let forecast = try #require(try outcome.json()["forecasts"]?.array?.first?.double)
      // Hardly trained, so hardly a change.
      #expect(abs(forecast - 5.2) < 0.3)
      #expect(ebb("forecast", "predict", model, "5,-1").messages.contains("-1.0 has no logarithm"))
      #expect(ebb("forecast", "predict", model, "5").messages.contains("at least 2 rows, 6 at best, not 1"))
      #expect(ebb("forecast", "predict", model, "5,x").messages.contains("5,x: there is no such file"))
      #expect(ebb("forecast", "predict", folder + "/wave.csv", "5,6").messages.contains("this is no model"))
    }
  }

  @Test func oneOfSeveralSeriesIsChosen() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/prices.csv"
      let rows = ["A", "B"].flatMap { symbol in (1...40).map { "\(symbol),\(symbol == "A" ? $0 : 1000 - $0 % 7)" } }
      try ("symbol,price\n" + rows.joined(separator: "\n")).write(toFile: path, atomically: true, encoding: .utf8)
      let train = ["forecast", "train", path, "--target", "price", "--steps", "2", "--window", "4", "--hidden", "2"]
      let mixed = ebb(train)
      #expect(mixed.messages.contains("2 blocks of symbol (A, B)"))
      #expect(mixed.messages.contains("--where symbol=A reads one of them"))
      let chosen = ebb(train + ["--where", "symbol=B"])
      #expect(chosen.output.contains("price: 32 rows to train on, 8 held out"))
      #expect(!chosen.messages.contains("blocks"))
      #expect(ebb(train + ["--where", "symbol=C"]).messages.contains("no row has 'C' here; there are A, B"))
      #expect(ebb(train + ["--where", "symbol"]).messages.contains("--where takes COLUMN=VALUE, not 'symbol'"))
    }
  }

  @Test func whatIsWrongWithTheDataIsSaid() throws {
    #expect(ebb("forecast", "train").messages.contains("FILE is missing: the CSV file"))
    let missing = ebb("forecast", "train", "/no/none.csv", "--target", "1").messages
    #expect(missing.contains("none.csv: there is no such file"))
    try withTemporaryFolder { folder in
      let train = try ["forecast", "train"] + data(in: folder)
      func message(_ more: String...) -> String { ebb(train + more).messages }
      #expect(message().contains("--target COLUMN is needed; the columns are month, level, slope"))
      #expect(message("--target", "size").contains("there is no such column; the columns are 1 \"month\", 2 \"level\""))
      #expect(message("--target", "level", "--held-out", "1").contains("--held-out takes a fraction between 0 and 1"))
      #expect(message("--target", "level", "--differences", "--log-returns").contains("exclude each other"))
      #expect(message("--columns", "2,level").contains("column level: the column is given twice"))
      let negative = message("--target", "slope", "--log-returns")
      // The cosine is below 0 for the first time in the line after that of index 6.
      #expect(negative.contains("wave.csv:8, column slope: ") && negative.contains("has no logarithm"), "\(negative)")
    }
  }

  @Test func anotherInputIsNoResumedTraining() throws {
    try withTemporaryFolder { folder in
      let train = try ["forecast", "train"] + data(in: folder) + ["--target", "level", "--checkpoint", folder + "/c"]
      #expect(ebb(train).status == 0)
      let other = ebb(train + ["--resume", "--differences"])
      #expect(other.status == 2)
      #expect(other.messages.contains("was made without --differences, and this is with --differences yes"))
    }
  }
}
