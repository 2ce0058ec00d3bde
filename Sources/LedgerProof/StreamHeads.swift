import LedgerCrypto

/// Where each stream stands: its last entry and how many it has.
///
/// An open-addressed table: a stream's id is a hash already, and a dictionary would hash it again.
struct StreamHeads {
    struct Head {
        var count: Int64
        var hash: Digest
    }

    private var streams: [(id: Digest, head: Head)] = []
    // By the id, the number of the stream in `streams`, or -1; at most half of them are taken.
    private var slots = [Int32](repeating: -1, count: 1024)

    var count: Int { streams.count }

    /// The stream's number; a stream that is new begins with no entries.
    mutating func number(of id: Digest) -> Int {
        let slot = slot(of: id)
        if slots[slot] >= 0 { return Int(slots[slot]) }
        slots[slot] = Int32(streams.count)
        streams.append((id, Head(count: 0, hash: .zero)))
        if streams.count * 2 > slots.count { grow() }
        return streams.count - 1
    }

    subscript(number: Int) -> Head {
        get { streams[number].head }
        set { streams[number].head = newValue }
    }

    // Where the stream is, or else the free slot for it.
    private func slot(of id: Digest) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: id.shortKey) & mask
        while slots[slot] >= 0, streams[Int(slots[slot])].id != id { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 4)
        for (number, stream) in streams.enumerated() {
            slots[slot(of: stream.id)] = Int32(number)
        }
    }
}
