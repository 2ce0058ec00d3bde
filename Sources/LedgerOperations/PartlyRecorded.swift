/// The cause of an error after which some events of a series are recorded, and stay.
public struct PartlyRecorded: Error {
    public let count: Int

    public init(count: Int) {
        self.count = count
    }
}
