extension Sequence {
  /// The elements with equal keys, in the order in which the keys first occur; an element without a key is left out.
  func grouped<Key: Hashable>(by key: (Element) -> Key?) -> [(key: Key, members: [Element])] {
    var places: [Key: Int] = [:]
    var groups: [(key: Key, members: [Element])] = []
    for element in self {
      guard let key = key(element) else { continue }
      let place = places[key] ?? groups.count
      if place == groups.count {
        places[key] = place
        groups.append((key, []))
      }
      groups[place].members.append(element)
    }
    return groups
  }
}
