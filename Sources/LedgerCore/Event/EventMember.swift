/// A member that an event may have, and what its value must look like.
public struct EventMember: Sendable {
    public let name: String
    public let shape: Shape
    /// Kept apart with its own salt, so that it can be erased.
    public let isPrivate: Bool
    /// One line for the reference.
    public let meaning: String

    public indirect enum Shape: Sendable {
        /// An identifier of at most 200 bytes without `/`: part of a target's written form.
        case name
        /// One line of at most so many bytes by which people tell things apart: no characters that
        /// nobody sees, and not blanks alone.
        ///
        /// Names are bytes. Any normal form of Unicode is taken, and é in another one is another
        /// name, as every other spelling is: to refuse one form would refuse what a file system or
        /// a tool gives, and still leave the Cyrillic а.
        case identifier(Int)
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

    /// A character that makes two names look the same, or one name look like another: controls,
    /// soft hyphen, marks and overrides of direction, spaces without width, separators of lines.
    public static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
            0xFEFF:
            true
        default: false
        }
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
