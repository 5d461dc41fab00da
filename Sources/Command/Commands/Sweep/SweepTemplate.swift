/// An experiment with every field explained. It can be run as it is.
enum SweepTemplate {
  static let text = """
    {
      "// what this is": "An experiment for ebb sweep FILE. Fields that begin with // are remarks.",

      "// command": "study, flow, train, text train, sentiment train or forecast train; ebb COMMAND --help lists options.",
      "command": "train",

      "// input": "What the command reads, as the FILE of text train; null if there is none.",
      "input": null,

      "// options": "Options that all tasks have, without dashes; true for one without a value.",
      "options": {"task": "copy", "length": 10, "hidden": 16, "steps": 300},

      "// grid": "Every combination of these is a setting: lists, or ranges with so many values (scale linear or log).",
      "grid": {
        "cell": ["rnn", "gru"],
        "rate": {"from": 0.001, "to": 0.1, "count": 3, "scale": "log"}
      },

      "// draw": "Settings drawn at random, each combined with every one of the grid; method random or latin-hypercube.",
      "// draw, an example": {
        "count": 20, "method": "latin-hypercube", "seed": 1,
        "options": {
          "rate": {"from": 0.001, "to": 0.1, "scale": "log"},
          "hidden": {"from": 8, "to": 64, "whole": true},
          "cell": ["lstm", "gru"]
        }
      },
      "draw": null,

      "// seeds": "How many, which are then 1, 2, …; or a list. Tests between settings need at least 6.",
      "seeds": 3,

      "// report": "Which numbers are reported: names, or places in the JSON that the command writes, as evaluations.-1.loss. Null for the usual ones.",
      "report": null,

      "// best": "Which of them decides, and whether the smallest or the largest is best. Null for the first.",
      "best": {"metric": "loss", "is": "smallest"},

      "// halving": "Ends hopeless settings early: all make the first number of steps, the best 1/factor of them go on to the next. It replaces the option steps. If asynchronous, settings go on before all others are there, and a few more do (ASHA).",
      "// halving, an example": {"steps": [100, 300, 900], "factor": 3, "asynchronous": false},
      "halving": null,

      "// threads": "Threads of a task. One is best if there are more tasks than cores.",
      "threads": 1
    }

    """
}
