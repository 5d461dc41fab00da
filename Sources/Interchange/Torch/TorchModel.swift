/// The model of a checkpoint: which of its dicts is the state of a module, so that its tensors can have their own names.
struct TorchModel {
  /// What each name of its tensors begins with, and no name of the module does: `model_state_dict.` or
  /// `state_dict.module.`; empty if the names are the module's own.
  private(set) var prefix = ""
  /// How it was chosen, for the reader; nil if there was nothing to choose.
  private(set) var note: String?

  /// The words under which programs save a model.
  private static let words = [
    "state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "weights", "params",
  ]
  /// What wrappers put before each name: of data-parallel training, and of torch.compile.
  private static let wrappers = ["module.", "_orig_mod."]

  /// A model is obvious if one dict alone holds nothing but tensors, or if one alone of those that do has a usual name.
  /// Beside tensors in the root it must have one.
  ///
  /// - Parameters:
  ///   - states: The ways of the dicts that hold tensors alone; empty for the root.
  ///   - isMixed: Whether the root has tensors and other things.
  ///   - names: The names of all tensors.
  init(states: [String], isMixed: Bool, names: [String]) {
    if states.contains("") { unwrap(names) } else { choose(states, isMixed, names) }
  }

  private mutating func choose(_ states: [String], _ isMixed: Bool, _ names: [String]) {
    var chosen = states
    if chosen.count > 1 || isMixed {
      let usual = states.filter { state in
        state.split(separator: ".").last.map { Self.words.contains(String($0)) } ?? false
      }
      // The first of the usual words, where several are there.
      let best = Self.words.lazy.map { word in usual.filter { $0 == word } }.first { !$0.isEmpty }
      chosen = usual.count == 1 ? usual : best ?? (isMixed ? [] : states)
    }
    guard let state = chosen.first else { return }
    guard chosen.count == 1 else {
      let list = states.prefix(8).joined(separator: ", ") + (states.count > 8 ? ", … (\(states.count))" : "")
      note = "several models: \(list); their names are the whole ways to their tensors"
      return
    }
    prefix = state + "."
    unwrap(names)
    let own = Set(names.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) })
    if names.contains(where: { !$0.hasPrefix(prefix) && own.contains($0[...]) }) {
      note = "\(prefix.dropLast()) would be the model, but its names are also there without it"
      prefix = ""
      return
    }
    let count = own.count
    note = "\(prefix.dropLast()) is taken for the model: its \(count) tensors have the names that they have in it"
  }

  private mutating func unwrap(_ names: [String]) {
    let own = names.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
    for wrapper in Self.wrappers where !own.isEmpty && own.allSatisfy({ $0.hasPrefix(wrapper) }) {
      prefix += wrapper
      note = "\(prefix.dropLast()) is a wrapper, and left out of the names"
      return
    }
  }

  /// A tensor's name.
  func name(of way: String) -> String { way.hasPrefix(prefix) ? String(way.dropFirst(prefix.count)) : way }
}
