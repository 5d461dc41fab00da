import EbbExecution
import EbbGraph
import EbbTensors
import Testing

@testable import EbbPlanning

/// The plan of a language model's training step, in pieces.
private struct ModelPieces {
  let plan: Plan
  let axis: Axis

  init() throws {
    let plan = Plan(try LanguageModelTests.model(.float32, ragged: false).graph)
    let time = plan.axes.firstIndex { $0.kind == .time }
    self.plan = plan
    axis = Axis(try #require(time))
  }

  /// Instructions that fit a description, each a piece.
  func pieces(_ kind: TimeOrder.Piece.Kind, _ fits: (Instruction) -> Bool) -> [TimeOrder.Piece] {
    plan.stages.enumerated().flatMap { index, stage in
      (stage.prologue + stage.instructions).filter(fits)
        .map { TimeOrder.Piece(kind: kind, stage: index, instructions: [$0]) }
    }
  }

  func places(_ piece: TimeOrder.Piece, writes: Bool) -> Set<Access.Memory> {
    Set(piece.instructions.flatMap { plan.accesses(of: $0) }.filter { $0.isWrite == writes }.map(\.memory))
  }

  func isInOrder(_ pieces: (TimeOrder.Piece, OrderCheck.Moment)...) -> Bool {
    var check = OrderCheck(plan, axis)
    for (piece, moment) in pieces { check.add(piece, at: moment) }
    return check.isInOrder
  }

  func isGiven(_ place: Access.Memory) -> Bool {
    guard case .value(let value) = place else { return false }
    return plan.inputs.contains { $0.view.value == value }
  }
}

/// The check of an order finds what is touched too early, rule by rule.
@Suite struct OrderCheckTests {
  /// A sum over all steps is complete when its phase has ended.
  @Test func aSumIsReadAfterItsPhase() throws {
    let model = try ModelPieces()
    let sum = try #require(model.pieces(.cut) { $0.isSum }.first { !model.places($0, writes: true).isEmpty })
    let readers = model.pieces(.cut) { !$0.isSum }
    let reader = try #require(
      readers.first { !model.places($0, writes: false).isDisjoint(with: model.places(sum, writes: true)) })
    #expect(model.isInOrder((sum, .parts(1)), (reader, .before(2))))
    #expect(!model.isInOrder((sum, .parts(1)), (reader, .parts(1))))
    #expect(!model.isInOrder((sum, .parts(1)), (reader, .before(1))))
  }

  /// What takes all steps at once does not follow their parts.
  @Test func allStepsAreTakenAfterTheirPhase() throws {
    let model = try ModelPieces()
    let taking = try #require(
      model.pieces(.cut) { instruction in
        model.plan.accesses(of: instruction).contains {
          !$0.isWrite && $0.everywhere.contains(model.axis) && !model.isGiven($0.memory)
        }
      }.first)
    let writer = try #require(
      model.pieces(.cut) { model.plan.outermostAxis($0) == model.axis }
        .first { !model.places($0, writes: true).isDisjoint(with: model.places(taking, writes: false)) })
    #expect(model.isInOrder((writer, .parts(1)), (taking, .before(2))))
    #expect(!model.isInOrder((writer, .parts(1)), (taking, .parts(1))))
  }

  /// The initial state lies before the first step, which reads it.
  @Test func anEdgeComesBeforeTheSteps() throws {
    let model = try ModelPieces()
    let edges = model.pieces(.edge) { instruction in
      guard case .boundary(let equation) = instruction.kernel else { return false }
      return equation.operation.shift?.isAdvance == false
    }
    let edge = try #require(edges.first)
    let reader = try #require(
      model.pieces(.steps) { instruction in
        model.plan.accesses(of: instruction).contains { !$0.isWrite && $0.shift < 0 }
      }.first { !model.places($0, writes: false).isDisjoint(with: model.places(edge, writes: true)) })
    #expect(model.isInOrder((edge, .parts(0)), (reader, .parts(0))))
    #expect(!model.isInOrder((reader, .parts(0)), (edge, .parts(0))))
  }

  /// A value is read at the step before when time runs forward, not when it runs back.
  @Test func stepsBeforeAreThereWhenTimeRunsForward() throws {
    let model = try ModelPieces()
    let reader = try #require(
      model.pieces(.cut) { instruction in
        model.plan.accesses(of: instruction).contains { !$0.isWrite && $0.shift < 0 }
      }.first)
    let shifted = Set(
      reader.instructions.flatMap { model.plan.accesses(of: $0) }.filter { $0.shift < 0 }.map(\.memory))
    let writer = try #require(
      model.pieces(.steps) { instruction in
        model.plan.accesses(of: instruction).contains { $0.isWrite && $0.shift == 0 && shifted.contains($0.memory) }
      }.first)
    #expect(model.isInOrder((writer, .parts(0)), (reader, .parts(0))))
    #expect(!model.isInOrder((writer, .parts(1)), (reader, .parts(1))))
  }
}
