internal import EbbExecution
internal import EbbDiagnostics
public import EbbMarkup

extension StudyResult {
  /// Every number of the study, for files and other programs.
  public var json: JSONValue {
    [
      "settings": settings.json, "seconds": .number(seconds),
      "cells": .array(cells.map(\.json)),
      "exploding": ["unclipped": exploding.unclipped.json, "clipped": exploding.clipped.json],
    ]
  }
}

extension StudyResult.CellResult {
  var json: JSONValue {
    [
      "name": .string(name), "facts": facts.json, "initial": initial.json, "portrait": cellReport.json,
      "training": training.json,
    ]
  }
}

extension CellFacts {
  /// Every number, for files and other programs.
  public var json: JSONValue {
    [
      "gates": .integer(gates), "states": .strings(states), "parameterCount": .integer(parameterCount),
      "operationsPerStep": .integer(operationsPerStep), "memory": .integer(memory),
      "parameters": .array(
        parameters.map { parameter in
          [
            "name": .string(parameter.name), "shape": .array(parameter.shape.map(JSONValue.integer)),
            "initializer": .string(parameter.initializer),
          ]
        }),
    ]
  }
}

extension StudyResult.TrainingResult {
  var json: JSONValue {
    [
      "end": .string(end.rawValue), "steps": .integer(losses.count), "heldOutError": .number(heldOutError),
      "isSolved": .bool(isSolved), "stepsPerSecond": .number(stepsPerSecond), "seconds": .number(seconds),
      "clippedSteps": .integer(clippedSteps), "losses": .numbers(losses), "gradientNorms": .numbers(gradientNorms),
      "snapshots": .array(
        measurements.map { measurement in
          [
            "step": .integer(measurement.step), "heldOutError": .number(measurement.heldOutError),
            "states": .array(
              measurement.states.map { state in
                ["name": .string(state.name), "norms": .numbers(state.total.means)]
              }),
          ]
        }),
      "gates": .array(gates.map(\.json)), "dynamics": dynamics?.json ?? .null,
    ]
  }
}

extension StudySettings {
  var json: JSONValue {
    [
      "units": .integer(units), "length": .integer(length), "batch": .integer(batch),
      "taskLength": .integer(taskLength), "trainingBatch": .integer(trainingBatch), "steps": .integer(steps),
      "secondsPerCell": secondsPerCell.map(JSONValue.number) ?? .null, "targetLoss": .number(targetLoss),
      "learningRate": .number(learningRate), "gradientClip": .number(gradientClip), "snapshots": .integer(measurements),
      "solvedError": .number(solvedError), "explodingGain": .number(explodingGain),
      "explodingClip": .number(explodingClip),
      "seed": Int(exactly: seed).map(JSONValue.integer) ?? .string("\(seed)"),
      "threads": .integer(execution.threads),
    ]
  }
}
