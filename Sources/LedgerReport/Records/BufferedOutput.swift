/// Collects bytes and hands them on in blocks, so that memory stays the same whatever is written.
public final class BufferedOutput {
    private let blockSize: Int
    private let sink: ([UInt8]) throws -> Void
    // At most `blockSize` bytes and what was appended last.
    private var buffer: [UInt8] = []

    /// `sink` is called with one block after the other; what it throws, the writer's caller gets.
    public init(blockSize: Int = 65_536, sink: @escaping ([UInt8]) throws -> Void) {
        self.blockSize = blockSize
        self.sink = sink
        buffer.reserveCapacity(blockSize + 4096)
    }

    public func append(_ body: (inout [UInt8]) -> Void) throws {
        body(&buffer)
        if buffer.count >= blockSize { try flush() }
    }

    public func write(_ text: String) throws {
        try append { $0.append(contentsOf: text.utf8) }
    }

    /// Hands on what is there. Whoever made the output calls this at the end.
    public func flush() throws {
        if buffer.isEmpty { return }
        defer { buffer.removeAll(keepingCapacity: true) }
        try sink(buffer)
    }
}
