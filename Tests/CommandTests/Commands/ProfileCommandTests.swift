import EbbCommand
import EbbMarkup
import Foundation
import Testing

@Suite struct ProfileCommandTests {
  @Test func tablesNameStagesAndInstructions() {
    let outcome = ebb("profile", "--cell", "lstm", "--shape", "4,2,3,5", "--runs", "1")
    #expect(outcome.status == 0, "\(outcome.messages)")
    for text in ["lstm, T = 4, B = 2, I = 3, H = 5", "1 forward", "3 backward", "waiting", "GFLOP/s"] {
      #expect(outcome.output.contains(text), "\(text)")
    }
    #expect(outcome.output.contains("product 5 × 20 + addend"))
  }

  @Test func sizesComeOneAfterTheOther() {
    let outcome = ebb("profile", "--cell", "rnn", "--sizes", "XS,S", "--runs", "1")
    #expect(outcome.status == 0, "\(outcome.messages)")
    for text in ["rnn, T = 200, B = 1", "rnn, T = 100, B = 32"] { #expect(outcome.output.contains(text), "\(text)") }
  }

  @Test(arguments: ["1", "2"]) func everyJobHasAStageAndAWorker(threads: String) throws {
    let outcome = ebb("profile", "--shape", "20,33,8,32", "--runs", "3", "--threads", threads, "--json", "-")
    let json = try outcome.json()
    let stages = try #require(json["stages"]?.array)
    let jobs = try #require(json["jobs"]?.array)
    let duration = try #require(json["ms"]?.double) * 1e6
    #expect(!stages.isEmpty && jobs.count >= stages.count)
    var busy = 0.0
    for job in jobs {
      let (begin, end) = (try #require(job["begin_ns"]?.double), try #require(job["end_ns"]?.double))
      #expect(0 <= begin && begin <= end && end <= duration + 1e3)
      #expect(stages.indices.contains(try #require(job["stage"]?.integer)))
      #expect((0..<Int(threads)!).contains(try #require(job["worker"]?.integer)))
      busy += end - begin
    }
    // The work of the stages and the waiting are all the time there is.
    let work = stages.reduce(0) { $0 + 1e6 * ($1["work_ms"]?.double ?? .nan) }
    #expect(abs(work - busy) < 1e3 * Double(stages.count))
    let waiting = try #require(json["waiting_ms"]?.double) * 1e6
    #expect(abs(work + waiting - duration * Double(threads)!) < 1e4)
    // The counts of 4 gates: 2 G T B H (2 (I + H) + H).
    let products = stages.flatMap { $0["instructions"]?.array ?? [] }.reduce(0) { sum, instruction in
      sum + (instruction["product_flop"]?.integer ?? 0)
    }
    #expect(products == 2 * 4 * 20 * 33 * 32 * (2 * (8 + 32) + 32))
  }

  @Test func aTraceHasATrackForEachWorkerAndASliceForEachJob() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/trace.json"
      let outcome = ebb("profile", "--shape", "20,33,8,32", "--runs", "1", "--trace", path, "--json", "-")
      #expect(outcome.status == 0, "\(outcome.messages)")
      let jobs = try #require(try outcome.json()["jobs"]?.array)
      let trace = try JSONValue(parsing: String(contentsOfFile: path, encoding: .utf8))
      let events = try #require(trace["traceEvents"]?.array)
      let slices = events.filter { $0["ph"] == "X" }
      #expect(slices.count == jobs.count)
      for (slice, job) in zip(slices, jobs) {
        #expect(slice["tid"]?.integer == (job["worker"]?.integer).map { $0 + 1 } && slice["name"] == job["label"])
        #expect(abs((slice["ts"]?.double ?? .nan) * 1e3 - (job["begin_ns"]?.double ?? .nan)) < 1)
      }
      let tracks = Set(slices.compactMap { $0["tid"]?.integer })
      let named = events.filter { $0["name"] == "thread_name" }.compactMap { $0["tid"]?.integer }
      #expect(Set(named) == tracks && named.count == tracks.count)
      for track in tracks {
        // A worker does one job at a time.
        let times = slices.filter { $0["tid"]?.integer == track }
          .map { ($0["ts"]?.double ?? .nan, $0["dur"]?.double ?? .nan) }.sorted { $0.0 < $1.0 }
        for (one, next) in zip(times, times.dropFirst()) { #expect(one.0 + one.1 <= next.0 + 1e-3) }
      }
    }
  }

  @Test func argumentsThatHaveNoMeaning() {
    #expect(ebb("profile", "--sizes", "HUGE").status == 2)
    #expect(ebb("profile", "--sizes", "S,M", "--json", "-").messages.contains("--json takes one size"))
    #expect(ebb("profile", "--shape", "1,2,3").status == 2)
    #expect(ebb("profile", "--runs", "0").status == 2)
    #expect(ebb("profile", "--shape", "2,1,1,1", "--trace", "/no/such/folder/trace").status == 1)
  }
}
