import LedgerCore

/// What a person says of a session by hand after its end.
public struct RunAnswers: Sendable, Equatable {
    public private(set) var reason: String?
    public private(set) var strategy: RollbackStrategy?
    /// The script that undoes it.
    public private(set) var undo: [UInt8]?

    public init() {}

    public mutating func setReason(_ text: String) {
        reason = GitText.text(text, limit: 65_536)
    }

    /// Takes what was answered to how it can be undone: a strategy's name, `@FILE`, or SQL.
    ///
    /// - Throws: if the file can't be read, or is too large.
    public mutating func setRollback(_ text: String) throws(LedgerError) {
        if let named = RollbackStrategy(rawValue: text), named != .reversible {
            strategy = named
            return
        }
        let script =
            text.hasPrefix("@")
            ? try RunScript.file(String(text.dropFirst()))
            : RunScript(inline: SecretFreeText.text(of: text) + "\n")
        guard let bytes = script.bytes else {
            throw LedgerError(
                .usage, "\(text) has more than \(EventSchema.attachmentByteLimit) bytes")
        }
        (strategy, undo) = (.reversible, bytes)
    }

    /// As members of an event.
    var members: JSONObject {
        var members = JSONObject()
        members.set(reason, at: "reason")
        members.set(strategy?.rawValue, at: "rollback", "strategy")
        return members
    }
}
