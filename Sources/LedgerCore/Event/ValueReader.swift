/// Checks one value against its shape and gives back the form in which it is stored.
enum ValueReader {
    static func value(
        _ value: JSON, as shape: EventMember.Shape, at place: @autoclosure () -> String
    ) throws(LedgerError) -> JSON {
        if case .either(let first, let second) = shape {
            if case .array = value { return try self.value(value, as: second, at: place()) }
            return try self.value(value, as: first, at: place())
        }
        switch value {
        case .string(let text): return try string(text, as: shape, at: place())
        case .integer(let number):
            guard case .integer(let bounds) = shape else { break }
            if bounds.contains(number) { return value }
            throw invalid(
                place(), "must be from \(bounds.lowerBound) to \(bounds.upperBound), not \(number)")
        case .bool:
            if case .boolean = shape { return value }
        case .array(let values):
            guard case .list(let shape, let limit) = shape else { break }
            return try list(values, shape, limit, at: place())
        case .object(let object):
            switch shape {
            case .person:
                let person = try self.object(object, EventSchema.person, at: place())
                if person["id"] == nil { throw invalid(place(), "needs an id") }
                return .object(person)
            case .members(let members):
                return .object(try self.object(object, members, at: place()))
            case .map(let shape): return .object(try map(object, shape, at: place()))
            default: break
            }
        }
        throw mismatch(shape, value, at: place())
    }

    private static func mismatch(
        _ shape: EventMember.Shape, _ value: JSON, at place: String
    ) -> LedgerError {
        invalid(place, "must be \(shape.kindName), not \(value.kindName)")
    }

    private static func string(
        _ text: String, as shape: EventMember.Shape, at place: @autoclosure () -> String
    ) throws(LedgerError) -> JSON {
        switch shape {
        case .name:
            try checkIdentifier(text, limit: 200, at: place())
            if text.utf8.contains(UInt8(ascii: "/")) {
                throw invalid(place(), "must not contain /, which separates a target's parts")
            }
        case .identifier(let limit):
            try checkIdentifier(text, limit: limit, at: place())
            return .string(SecretFreeURL.text(in: text))
        case .line(let limit):
            try checkLine(text, limit: limit, at: place())
            return .string(SecretFreeURL.text(in: text))
        case .text(let limit):
            try checkLength(text, limit, at: place())
            // JSON from outside has none, but text from flags or from a command's output may.
            if text.utf8.contains(0) {
                throw invalid(place(), "must not contain the character U+0000")
            }
            return .string(SecretFreeURL.text(in: text))
        case .url:
            try checkLine(text, limit: 4096, at: place())
            return .string(SecretFreeURL.text(of: text))
        case .oneOf(let words):
            if words.contains(where: { $0.hasSameBytes(as: text) }) { break }
            throw LedgerError(
                .invalidEvent, "\(place()) is \"\(VisibleName.of(text))\"",
                advice: Suggestion.advice(for: text, among: words))
        case .time: return try time(text, at: place())
        case .digest:
            if !isDigest(text) {
                throw invalid(place(), "must be sha256: and 64 lower-case hexadecimal digits")
            }
        case .objectID:
            let count = text.utf8.count
            if count != 40 && count != 64 || !text.withBytes(isHexadecimal) {
                throw invalid(
                    place(), "must be a whole Git object id of 40 or 64 lower-case digits")
            }
        case .person:
            try checkLine(text, limit: 320, at: place())
            return ["id": .string(SecretFreeURL.text(in: text))]
        default: throw mismatch(shape, .string(text), at: place())
        }
        return .string(text)
    }

    private static func list(
        _ values: [JSON], _ shape: EventMember.Shape, _ limit: Int, at place: String
    ) throws(LedgerError) -> JSON {
        guard 1...limit ~= values.count else {
            throw invalid(place, "must have 1 to \(limit) values, not \(values.count)")
        }
        var read: [JSON] = []
        for (index, value) in values.enumerated() {
            read.append(try self.value(value, as: shape, at: "\(place)[\(index)]"))
        }
        return .array(read)
    }

    private static func object(
        _ object: JSONObject, _ members: [EventMember], at place: String
    ) throws(LedgerError) -> JSONObject {
        var walk = SchemaWalk(members)
        var read: [JSONObject.Member] = []
        read.reserveCapacity(object.members.count)
        if object.isEmpty { throw invalid(place, "is empty: leave it out") }
        for member in object.members {
            guard let found = walk.place(of: member.name) else {
                throw EventReader.unknown(member.name, in: place, known: members)
            }
            let value = try value(
                member.value, as: members[found].shape, at: "\(place).\(member.name)")
            read.append(.init(name: member.name, value: value))
        }
        return JSONObject(sorted: read)
    }

    private static func map(
        _ object: JSONObject, _ shape: EventMember.Shape, at place: String
    ) throws(LedgerError) -> JSONObject {
        if object.isEmpty { throw invalid(place, "is empty: leave it out") }
        if object.members.count > 64 { throw invalid(place, "has more than 64 members") }
        var read: [JSONObject.Member] = []
        for member in object.members {
            try checkLine(member.name, limit: 200, at: "a name in \(place)")
            let inner = "\(place).\(VisibleName.of(member.name))"
            let value = try value(member.value, as: shape, at: inner)
            read.append(.init(name: member.name, value: value))
        }
        return JSONObject(sorted: read)
    }

    private static func checkIdentifier(
        _ text: String, limit: Int, at place: @autoclosure () -> String
    ) throws(LedgerError) {
        try checkLine(text, limit: limit, at: place())
        let (isASCII, isBlank) = text.withBytes { bytes in
            var (union, isBlank): (UInt8, Bool) = (0, true)
            for byte in bytes {
                union |= byte
                isBlank = isBlank && byte == 0x20
            }
            return (union < 0x80, isBlank)
        }
        if isASCII, !isBlank { return }
        let scalars = text.unicodeScalars
        if let bad = scalars.first(where: EventMember.isInvisible) {
            let code = String(bad.value, radix: 16, uppercase: true)
            let number = String(repeating: "0", count: max(0, 4 - code.utf8.count)) + code
            throw invalid(place(), "must not contain U+\(number), which nobody sees")
        }
        if scalars.allSatisfy({ $0.properties.generalCategory == .spaceSeparator }) {
            throw invalid(place(), "must not consist of blanks alone")
        }
    }

    private static func time(
        _ text: String, at place: @autoclosure () -> String
    ) throws(LedgerError) -> JSON {
        guard let time = Timestamp(rfc3339: text) else {
            throw LedgerError(
                .invalidEvent,
                "\(place()) is \"\(VisibleName.of(text))\", which is no time with an offset",
                advice: "write it as 2026-11-01T03:10:00Z or 2026-11-01T04:10:00+01:00 (RFC 3339)")
        }
        return .string(time.utc)
    }

    private static func checkLine(
        _ text: String, limit: Int, at place: @autoclosure () -> String
    ) throws(LedgerError) {
        try checkLength(text, limit, at: place())
        let hasControl = text.withBytes { bytes in
            for byte in bytes where byte < 0x20 || byte == 0x7F { return true }
            return false
        }
        if hasControl { throw invalid(place(), "must be one line without control characters") }
    }

    private static func checkLength(
        _ text: String, _ limit: Int, at place: @autoclosure () -> String
    ) throws(LedgerError) {
        let count = text.utf8.count
        if count == 0 { throw invalid(place(), "is empty: leave it out") }
        if count > limit {
            throw invalid(place(), "must be at most \(limit) bytes long, and has \(count)")
        }
    }

    private static func isDigest(_ text: String) -> Bool {
        text.withBytes { bytes in
            bytes.count == 71 && bytes.starts(with: "sha256:".utf8)
                && isHexadecimal(UnsafeBufferPointer(rebasing: bytes[7...]))
        }
    }

    private static func isHexadecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }
    }

    private static func invalid(_ place: String, _ what: String) -> LedgerError {
        LedgerError(.invalidEvent, "\(place) \(what)")
    }
}

extension EventMember.Shape {
    /// What the value must be, as an error message names it.
    var kindName: String {
        switch self {
        case .name, .identifier, .line, .text, .url, .oneOf, .time, .digest, .objectID: "a string"
        case .integer: "a whole number"
        case .boolean: "true or false"
        case .person: "an object with an id, or a string"
        case .members, .map: "an object"
        case .list: "a list"
        case .either(let first, let second): "\(first.kindName) or \(second.kindName)"
        }
    }
}
