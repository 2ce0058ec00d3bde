/// What somebody may do, and which private members they see.
public enum Role: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Records events, and reads what recording needs.
    case writer
    /// Reads; of private members sees who, and titles and messages.
    case reader
    /// Reads everything.
    case auditor
    /// Everything, tokens too.
    case admin

    public var description: String { rawValue }

    public var mayWrite: Bool { self == .writer || self == .admin }
    public var mayRead: Bool { self != .writer }
    public var seesEverything: Bool { self == .auditor || self == .admin }

    private static let readerMembers: Set<String> = [
        "actor", "author", "person", "alias", "title", "message", EventSchema.principalName,
    ]

    public func sees(_ privateMember: String) -> Bool {
        seesEverything || Self.readerMembers.contains(privateMember)
    }

    public func seen(_ row: HistoryRow) -> HistoryRow {
        if seesEverything { return row }
        var seen = row
        for member in row.privateMembers.members where !sees(member.name) {
            seen.privateMembers[member.name] = nil
        }
        return seen
    }

    public func split(_ disclosures: [Disclosure]) -> (visible: [Disclosure], hidden: [Disclosure])
    {
        if seesEverything { return (disclosures, []) }
        return (
            disclosures.filter { sees($0.name) }, disclosures.filter { !sees($0.name) }
        )
    }
}
