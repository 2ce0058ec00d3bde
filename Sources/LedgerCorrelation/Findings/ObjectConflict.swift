import LedgerCore
import LedgerSQL

/// Two scripts that touch one object in such a way that it matters which of them comes first.
///
///     drop, rename             against anything
///     alter                    against alter, update, delete, merge, truncate
///     update, delete, merge,
///     truncate                 against each other, and insert
///     grant                    against revoke
///     create                   against create
///
/// Rows that both only add don't meet. What needs an object that the other makes fails where it
/// comes first, and misleads nobody.
struct ObjectConflict {
    let earlier: TouchedObject
    let later: TouchedObject

    /// - Parameters: what each of them does to objects of one kind and name.
    init?(_ earlier: [TouchedObject], _ later: [TouchedObject]) {
        let pairs = earlier.flatMap { one in later.map { (one, $0) } }.filter { one, other in
            one.mayBeSame(as: other)
        }
        if pairs.isEmpty { return nil }
        let isMadeByOne =
            Self.makes(earlier) && !Self.remakes(later)
            || Self.makes(later) && !Self.remakes(earlier)
        // The gravest first, so that the same is always told.
        let sorted = pairs.filter { Self.matters($0.0, $0.1) }.sorted {
            (Self.rank($0.0), Self.rank($0.1)) < (Self.rank($1.0), Self.rank($1.1))
        }
        guard !isMadeByOne, let first = sorted.first else { return nil }
        self.earlier = first.0
        self.later = first.1
    }

    private static let order: [TouchedObject.Action] = [
        .drop, .rename, .alter, .truncate, .delete, .update, .merge, .insert, .create, .revoke,
        .grant,
    ]

    private static func rank(_ object: TouchedObject) -> Int {
        order.firstIndex(of: object.action) ?? order.count
    }

    /// Whether an object is there only since this script.
    private static func makes(_ objects: [TouchedObject]) -> Bool {
        let actions = Set(objects.map(\.action))
        return actions.contains(.create) && actions.isDisjoint(with: [.drop, .rename])
    }

    private static func remakes(_ objects: [TouchedObject]) -> Bool {
        !Set(objects.map(\.action)).isDisjoint(with: [.create, .drop, .rename])
    }

    private static func matters(_ one: TouchedObject, _ other: TouchedObject) -> Bool {
        let writes: Set<TouchedObject.Action> = [.update, .delete, .merge, .truncate]
        switch (one.action, other.action) {
        case (.drop, _), (.rename, _), (_, .drop), (_, .rename), (.alter, .alter): return true
        case (.alter, let action), (let action, .alter): return writes.contains(action)
        case (.insert, let action), (let action, .insert): return writes.contains(action)
        case (.grant, .revoke), (.revoke, .grant): return true
        // IF NOT EXISTS is how such are made.
        case (.create, .create):
            return ![.schema, .database, .extension, .role].contains(one.kind)
        default: return writes.contains(one.action) && writes.contains(other.action)
        }
    }

    /// `V42__a alters table orders, which this one drops`.
    func words(_ name: String) -> String {
        let object = "\(earlier.kind.rawValue) \(earlier.qualifiedName)"
        let what = "\(name) \(Self.verb(earlier.action)) \(object)"
        return earlier.action == later.action
            ? "\(what), and so does this one"
            : "\(what), which this one \(Self.verb(later.action))"
    }

    private static func verb(_ action: TouchedObject.Action) -> String {
        switch action {
        case .alter: "alters"
        case .create: "creates"
        case .delete: "deletes from"
        case .drop: "drops"
        case .grant: "grants on"
        case .insert: "inserts into"
        case .merge: "merges into"
        case .rename: "renames"
        case .revoke: "revokes on"
        case .truncate: "truncates"
        case .update: "updates"
        }
    }
}

extension TouchedObject {
    struct Name: Hashable, Comparable {
        let kind: String
        let name: ExactText

        static func < (left: Name, right: Name) -> Bool {
            (left.name, left.kind) < (right.name, right.kind)
        }
    }

    var unqualified: Name { Name(kind: kind.rawValue, name: ExactText(name.lowercased())) }

    /// Whether both are one object, as far as their schemas say.
    fileprivate func mayBeSame(as other: TouchedObject) -> Bool {
        guard let schema, let theirs = other.schema else { return true }
        return schema.lowercased().hasSameBytes(as: theirs.lowercased())
    }
}
