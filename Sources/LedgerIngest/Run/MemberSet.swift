import LedgerCore

/// Members of an event, gathered one by one from values that nobody checked.
///
/// A bad value must not cost the whole event: it is left out, told of once, and kept as a label, so
/// that a correction can find it. Only a target's members are different: without a tenant the event
/// would speak of another target, so a bad one stays, and the event is refused as a whole.
struct MemberSet {
    private(set) var object = JSONObject()
    private(set) var notes: [String] = []

    /// Sets a member.
    ///
    /// - Parameter flag: where a person gave the value; nil for a default, of which a bad one is
    ///   left out in silence.
    mutating func set(_ path: String..., to value: JSON?, flag: String? = nil) {
        guard let value else { return }
        let addition = Self.object(path[...], value)
        if let error = Self.problem(with: addition), !EventSchema.targetMembers.contains(path[0]) {
            guard let flag else { return }
            notes.append("--\(flag) is not recorded: \(error.message)")
            let label = Self.object(["labels", "invalid-\(flag)"], value)
            if Self.problem(with: label) == nil { object = object.merging(label) }
            return
        }
        object = object.merging(addition)
    }

    /// Sets a member to a whole number; anything else is a bad value.
    mutating func set(_ path: String..., toNumber text: String?, flag: String? = nil) {
        guard let text else { return }
        let value = Int64(text).map { JSON.integer($0) } ?? .string(text)
        switch path.count {
        case 1: set(path[0], to: value, flag: flag)
        default: set(path[0], path[1], to: value, flag: flag)
        }
    }

    private static func object(_ path: ArraySlice<String>, _ value: JSON) -> JSONObject {
        var object = JSONObject()
        guard let name = path.first else { return object }
        let rest = path.dropFirst()
        object[name] = rest.isEmpty ? value : .object(Self.object(rest, value))
        return object
    }

    /// What is wrong with a member, seen for itself in an event that needs nothing else.
    private static func problem(with member: JSONObject) -> LedgerError? {
        let note: JSONObject = JSONObject(["type": "note", "message": "-"]).merging(member)
        do throws(LedgerError) {
            _ = try EventReader.event(from: note)
            return nil
        } catch {
            return error
        }
    }
}
