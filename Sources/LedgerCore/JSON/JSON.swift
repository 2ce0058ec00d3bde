/// A JSON value as the ledger knows it: no null, no fractions, no duplicate or empty names.
public enum JSON: Sendable, Equatable {
    case string(String)
    /// Within ±(2⁵³−1), the range that every JSON implementation keeps exact (RFC 8785 §3.2.2.3).
    case integer(Int64)
    case bool(Bool)
    case array([JSON])
    case object(JSONObject)

    public static let integerBounds: ClosedRange<Int64> =
        -9_007_199_254_740_991...9_007_199_254_740_991
    /// The deepest nesting of arrays and objects that is read.
    public static let depthLimit = 16

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var array: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    public var object: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// What the value is, as an error message names it.
    public var kindName: String {
        switch self {
        case .string: "a string"
        case .integer: "a number"
        case .bool: "true or false"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// Equal bytes, not equal characters: `String ==` would take é and e + ◌́ for the same.
    public static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left.hasSameBytes(as: right)
        case (.integer(let left), .integer(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

/// Members in canonical order: by the UTF-16 code units of their names (RFC 8785 §3.2.3).
public struct JSONObject: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public let name: String
        public var value: JSON

        public static func == (left: Member, right: Member) -> Bool {
            left.name.hasSameBytes(as: right.name) && left.value == right.value
        }
    }

    public private(set) var members: [Member] = []

    public init() {}

    public init(_ members: KeyValuePairs<String, JSON?>) {
        for (name, value) in members { self[name] = value }
    }

    /// The first name that stands twice among `unsorted`, or the object of them all.
    init(sorting unsorted: [Member]) throws(DuplicateName) {
        members = unsorted
        if members.count <= 24 { sortFew() } else { sortMany() }
        for index in members.indices.dropFirst()
        where members[index - 1].name.hasSameBytes(as: members[index].name) {
            throw DuplicateName(name: members[index].name)
        }
    }

    private mutating func sortMany() {
        members.sort { CanonicalOrder.compare($0.name, $1.name) < 0 }
    }

    // By insertion, on keys that decide most comparisons: few members are the rule.
    private mutating func sortFew() {
        members.withUnsafeMutableBufferPointer { members in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: members.count) { keys in
                for place in members.indices {
                    keys.initializeElement(
                        at: place, to: CanonicalOrder.key(of: members[place].name))
                    var place = place
                    while place > 0, keys[place] <= keys[place - 1] {
                        if keys[place] == keys[place - 1],
                            CanonicalOrder.compare(members[place - 1].name, members[place].name)
                                <= 0
                        {
                            break
                        }
                        keys.swapAt(place, place - 1)
                        members.swapAt(place, place - 1)
                        place -= 1
                    }
                }
            }
        }
    }

    /// The object of members that are in canonical order already.
    init(sorted members: [Member]) {
        self.members = members
    }

    struct DuplicateName: Error {
        let name: String
    }

    public var isEmpty: Bool { members.isEmpty }

    public subscript(name: String) -> JSON? {
        get {
            for index in members.indices where members[index].name.hasSameBytes(as: name) {
                return members[index].value
            }
            return nil
        }
        set {
            let place =
                members.firstIndex { CanonicalOrder.compare($0.name, name) >= 0 }
                ?? members.endIndex
            let isThere = place < members.endIndex && members[place].name.hasSameBytes(as: name)
            switch (newValue, isThere) {
            case (let value?, true): members[place].value = value
            case (let value?, false): members.insert(Member(name: name, value: value), at: place)
            case (nil, true): members.remove(at: place)
            case (nil, false): break
            }
        }
    }

    /// The value at the end of a path of names, such as `["change", "id"]`.
    public subscript(path: [String]) -> JSON? {
        guard let last = path.last else { return nil }
        var object = self
        for name in path.dropLast() {
            guard case .object(let inner)? = object[name] else { return nil }
            object = inner
        }
        return object[last]
    }

    /// Sets the value at the end of a path of names, with objects made on the way; nil leaves
    /// everything as it is.
    public mutating func set(_ value: JSON?, at path: String...) {
        guard let value else { return }
        set(value, path: path[...])
    }

    public mutating func set(_ value: JSON, path: ArraySlice<String>) {
        guard let first = path.first else { return }
        guard path.count > 1 else {
            self[first] = value
            return
        }
        var inner = self[first]?.object ?? JSONObject()
        inner.set(value, path: path.dropFirst())
        self[first] = .object(inner)
    }

    /// As `set(_:at:)` for a string.
    public mutating func set(_ text: String?, at path: String...) {
        guard let text, !path.isEmpty else { return }
        set(.string(text), path: path[...])
    }

    /// This object with the members of `other` put over its own, objects within objects too.
    public func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for member in other.members {
            if case .object(let theirs) = member.value, case .object(let ours)? = self[member.name]
            {
                merged[member.name] = .object(ours.merging(theirs))
            } else {
                merged[member.name] = member.value
            }
        }
        return merged
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
}
