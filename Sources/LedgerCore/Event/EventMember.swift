/// A member that an event may have, and what its value must look like.
public struct EventMember: Sendable {
    public let name: String
    public let shape: Shape
    /// Kept apart with its own salt, so that it can be erased.
    public let isPrivate: Bool
    /// One line for the reference.
    public let meaning: String

    public indirect enum Shape: Sendable {
        /// One line of at most 200 bytes without `/`: part of a target's written form.
        case name
        /// One line of at most so many bytes.
        case line(Int)
        /// Text of at most so many bytes; line breaks and tabs may stand in it.
        case text(Int)
        /// An absolute URL, or Git's `host:path`. User names, passwords and secret parameters are
        /// taken out.
        case url
        case oneOf([String])
        case integer(ClosedRange<Int64>)
        case boolean
        /// RFC 3339 with an offset; stored in UTC with milliseconds.
        case time
        /// `sha256:` and 64 lower-case hexadecimal digits.
        case digest
        /// A Git object id: 40 or 64 lower-case hexadecimal digits.
        case objectID
        /// A person or service: an object, or a string that stands for its `id`.
        case person
        case members([EventMember])
        /// Between one and so many values.
        case list(Shape, Int)
        case either(Shape, Shape)
        /// Free names, each with a value of one shape; at most 64.
        case map(Shape)
    }

    // Finds the member fast among others: see CanonicalOrder.
    let key: UInt64

    public init(
        _ name: String, _ shape: Shape, _ meaning: String = "", isPrivate: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.isPrivate = isPrivate
        self.meaning = meaning
        key = CanonicalOrder.key(of: name)
    }

    /// Members in canonical order, the order in which `EventReader` walks them.
    static func sorted(_ members: [EventMember]) -> [EventMember] {
        members.sorted { CanonicalOrder.compare($0.name, $1.name) < 0 }
    }

    static func members(_ members: EventMember...) -> Shape {
        .members(sorted(members))
    }
}
