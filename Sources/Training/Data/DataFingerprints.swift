internal import EbbTensors

// What a checkpoint says of the data that it was made with: how many there are, and a sum over them.

extension TextFile {
  public var fingerprint: String {
    var sum = Fingerprint()
    sum.add(text)
    return "\(text.utf8.count) bytes (\(sum.text))"
  }
}

extension LabelledTexts {
  public var fingerprint: String {
    var sum = Fingerprint()
    for (text, label) in zip(texts, labels) {
      sum.add(text)
      sum.add(UInt64(bitPattern: Int64(label)))
    }
    return "\(count) texts (\(sum.text))"
  }
}

extension ForecastTable {
  public var fingerprint: String {
    var sum = Fingerprint()
    for (name, column) in zip(names, columns) {
      sum.add(name)
      for value in column { sum.add(value.bitPattern) }
    }
    return "\(count) rows (\(sum.text))"
  }
}

extension SequentialDigits {
  public var fingerprint: String {
    var sum = Fingerprint()
    for part in [training, heldOut] {
      for bytes in [part.pixels, part.labels] {
        sum.add(UInt64(bytes.count))
        for byte in bytes { sum.add(UInt64(byte)) }
      }
    }
    return "\(training.count + heldOut.count) pictures (\(sum.text))"
  }
}
