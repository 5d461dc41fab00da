import EbbMarkup
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
      #expect(outcome.messages.contains("warning: the model was trained on windows of 6 values; 3 are given"))
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

  /// Ninety rows of a wave with dates, written by a rule of their own.
  private func file(_ folder: String, _ header: String, _ row: (String, Double, Int) -> String) throws -> [String] {
    let path = folder + "/f.csv"
    let rows = (0..<90).map { index -> String in
      let day = 1 + index % 28
      return row("2020-\(1 + index / 28)-\(day)", 50 + (100 * sin(Double(index) * 0.3)).rounded() / 10, index)
    }
    try (header + rows.joined(separator: "\n")).write(toFile: path, atomically: true, encoding: .utf8)
    return ["forecast", "train", path, "--steps", "2", "--window", "4", "--hidden", "2"]
  }

  @Test func filesOfOtherDialectsAreRead() throws {
    try withTemporaryFolder { folder in
      let comma = { (value: Double) in "\(value)".replacingOccurrences(of: ".", with: ",") }
      var train =
        try file(folder, "date;value\n") { date, value, _ in "\(date);\(comma(value))" } + ["--target", "value"]
      #expect(ebb(train).output.contains("value: 72 rows to train on, 18 held out"))
      train = try file(folder, "") { date, value, _ in "\(date)|\(value)".replacingOccurrences(of: "|", with: "\t") }
      #expect(ebb(train + ["--target", "2"]).output.contains("72 rows to train on"))
      #expect(ebb(train + ["--target", "2", "--header"]).output.contains("71 rows to train on"))
      #expect(ebb(train + ["--header", "--no-header"]).messages.contains("exclude each other"))
      #expect(ebb(train + ["--target", "1", "--separator", "comma"]).messages.contains("is no number"))
      train = try file(folder, "v\n") { _, value, _ in comma(value) }
      #expect(ebb(train).output.contains("v: 72 rows to train on"))
      #expect(ebb(train + ["--decimal", "point"]).status != 0)
    }
  }

  @Test func datesAreToldPutRightAndNoPartOfAModel() throws {
    try withTemporaryFolder { folder in
      let train =
        try file(folder, "date,value\n") { date, value, index in
          index == 40 ? "\(date),\(value)\n\(date),\(value)" : index == 50 ? "2020-2-24," : "\(date),\(value)"
        } + ["--target", "value", "--save", folder + "/m"]
      let plain = ebb(train)
      #expect(
        plain.status != 0 && plain.messages.contains("f.csv:53, column value: the field is empty"), "\(plain.messages)")
      let told = ebb(train + ["--fill"]).messages
      #expect(told.contains("each once: --sort and --repeated see to that"), "\(told)")
      let put = ebb(train + ["--fill", "--repeated", "first", "--json", folder + "/j"])
      #expect(put.status == 0 && put.messages.contains("rows were added where dates are missing"), "\(put.messages)")
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/j", encoding: .utf8))
      #expect(json["remarks"]?.array?.first?.string?.contains("rows were added") == true)
      #expect(json["methods"]?.array?[1]["stepsAhead"]?.array?[0]["p"]?.double.map { (0...1).contains($0) } == true)
      #expect(ebb("forecast", "predict", folder + "/m", folder + "/f.csv").status != 0)
      #expect(ebb("forecast", "predict", folder + "/m", folder + "/f.csv", "--fill", "--repeated", "last").status == 0)
    }
  }

  /// What has no meaning is left out and told, in words, on the page and as null.
  @Test func errorsWithoutAMeaningAreTold() throws {
    try withTemporaryFolder { folder in
      let train = try file(folder, "date,value\n") { "\($0),\($2 < 60 ? $1 : 0.1)" }
      let outcome = ebb(train + ["--target", "value", "--json", folder + "/j", "--report", folder + "/p.html"])
      #expect(outcome.status == 0, "\(outcome.messages)")
      for wrong in ["inf", "nan", "NaN", "∞"] { #expect(!outcome.output.contains(wrong), "\(outcome.output)") }
      #expect(outcome.output.contains("persistence is ahead: it has an error of 0, lstm"))
      #expect(outcome.output.contains("how clearly cannot be told"))
      #expect(outcome.output.contains("note: all held-out values are 0.1: R² has no meaning"))
      let json = try JSONValue(parsing: String(contentsOfFile: folder + "/j", encoding: .utf8))
      #expect(json["methods"]?.array?[0]["all"]?["R2"] == .null)
      #expect(try String(contentsOfFile: folder + "/p.html", encoding: .utf8).contains("R² has no meaning"))
    }
  }

  @Test func aColumnThatChangesOnlyLaterIsNamed() throws {
    try withTemporaryFolder { folder in
      let train = try file(folder, "date,value,flag\n") { "\($0),\($1),\($2 < 80 ? 0.1 : 0.2)" }
      let message = ebb(train + ["--columns", "value,flag"]).messages
      #expect(message.contains("column flag: the 72 values to train on are all alike"), "\(message)")
      #expect(message.contains("the first other one comes in line 82, which is held out"), "\(message)")
    }
  }
}
