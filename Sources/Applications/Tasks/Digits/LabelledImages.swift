public import EbbFiles

/// Greyscale pictures and their classes.
public struct LabelledImages: Hashable, Sendable {
  /// The rows of a picture.
  public let height: Int
  /// The columns of a picture.
  public let width: Int
  /// Grey values from 0 to 255, by picture, row and column.
  public let pixels: [UInt8]
  /// For each picture its class, from 0.
  public let labels: [UInt8]

  /// How many pictures there are.
  public var count: Int { labels.count }
  /// The pixels of a picture.
  public var pixelCount: Int { height * width }

  /// Reads pictures of the dimensions [count, height, width] and labels of [count], both in the IDX format.
  ///
  /// - Throws: `FileError` if a file cannot be read, or if the two do not belong together.
  public init(images: String, labels: String) throws(FileError) {
    try self.init(
      images: try IDXFile(contentsOf: images), labels: try IDXFile(contentsOf: labels), source: images,
      labelSource: labels)
  }

  init(images: IDXFile, labels: IDXFile, source: String, labelSource: String) throws(FileError) {
    guard images.dimensions.count == 3 else {
      throw FileError(
        source, "has the dimensions \(images.dimensions); pictures have three: their number, height and width")
    }
    guard labels.dimensions.count == 1 else {
      throw FileError(labelSource, "has the dimensions \(labels.dimensions); labels have one: their number")
    }
    let (count, height, width) = (images.dimensions[0], images.dimensions[1], images.dimensions[2])
    guard count >= 1, height >= 1, width >= 1 else {
      throw FileError(source, "has the dimensions \(images.dimensions), and so no pictures")
    }
    guard labels.dimensions[0] == count else {
      throw FileError(labelSource, "has \(labels.dimensions[0]) labels for the \(count) pictures of \(source)")
    }
    (self.height, self.width) = (height, width)
    pixels = images.bytes
    self.labels = labels.bytes
  }
}
