import LedgerCrypto

/// A script's statements, and what is derived from them.
public struct SQLScript: Sendable {
    public let bytes: [UInt8]
    /// The tokens of each statement, without what ended it; none is empty.
    public let statements: [[SQLToken]]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var tokenizer = SQLTokenizer(bytes)
        var tokens: [SQLToken] = []
        while let token = tokenizer.next() { tokens.append(token) }
        func isBatchEnd(_ token: SQLToken) -> Bool {
            token.kind == .terminator && SQLTokenizer.matches(bytes[token.range], "GO")
        }
        let hasBatches = tokens.contains(where: isBatchEnd)
        var statements: [[SQLToken]] = []
        var statement: [SQLToken] = []
        var body = RoutineBody(endsWithBatch: hasBatches)
        func end() {
            if !statement.isEmpty { statements.append(statement) }
            statement = []
            body = RoutineBody(endsWithBatch: hasBatches)
        }
        for token in tokens {
            body.pass(token, in: bytes, isFirst: statement.isEmpty)
            switch token.kind {
            case .terminator where isBatchEnd(token) || !body.isOpen: end()
            case .client where !body.isOpen:
                end()
                statements.append([token])
            default: statement.append(token)
            }
        }
        end()
        self.statements = statements
    }

    public func text(of token: SQLToken) -> String {
        String(decoding: bytes[token.range], as: UTF8.self)
    }

    /// `lsd1`: SHA-256 over the tokens, one blank between two of them, and `;` between statements.
    /// So comments, white space outside literals, and how statements are ended make no difference,
    /// and everything else does, upper and lower case too.
    public func textDigest(_ hasher: SHA256 = SHA256()) -> Digest {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (number, statement) in statements.enumerated() {
            if number > 0 { text.append(UInt8(ascii: ";")) }
            for (place, token) in statement.enumerated() {
                if place > 0 { text.append(0x20) }
                let end = token.kind == .client ? trimmedEnd(token.range) : token.range.upperBound
                text.append(contentsOf: bytes[token.range.lowerBound..<end])
            }
        }
        return hasher.hash(text)
    }

    // Lines of Windows end in a carriage return.
    private func trimmedEnd(_ range: Range<Int>) -> Int {
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] <= 0x20 { end -= 1 }
        return end
    }
}

/// The body of a routine or trigger: what ends a statement in it does not end the one that creates
/// the routine.
private struct RoutineBody {
    /// SQL Server: a routine takes up its batch, to `GO`.
    let endsWithBatch: Bool
    private var isCreation = false
    private var makesRoutine = false
    private var depth = 0
    private var wordCount = 0
    private enum Before { case begin, end, other }
    private var before = Before.other

    init(endsWithBatch: Bool) {
        self.endsWithBatch = endsWithBatch
    }

    var isOpen: Bool { makesRoutine && (endsWithBatch || depth > 0) }

    mutating func pass(_ token: SQLToken, in bytes: [UInt8], isFirst: Bool) {
        guard token.kind == .word else {
            before = .other
            return
        }
        let word = bytes[token.range]
        func isOne(of keywords: StaticString...) -> Bool {
            keywords.contains { SQLTokenizer.matches(word, $0) }
        }
        if isFirst { isCreation = isOne(of: "CREATE", "ALTER") }
        guard isCreation else { return }
        wordCount += 1
        if wordCount <= 12, isOne(of: "TRIGGER", "PROCEDURE", "PROC", "FUNCTION", "EVENT") {
            makesRoutine = true
        }
        guard makesRoutine else { return }
        let last = before
        before = .other
        if isOne(of: "BEGIN") {
            depth += 1
            before = .begin
        } else if last == .begin, isOne(of: "TRAN", "TRANSACTION") {
            depth -= 1
        } else if last == .end, isOne(of: "IF", "WHILE", "LOOP", "REPEAT", "FOR") {
            // END IF closes what no BEGIN opened.
            depth += 1
        } else if depth > 0, last != .end, isOne(of: "CASE") {
            depth += 1
        } else if depth > 0, isOne(of: "END") {
            depth -= 1
            before = .end
        }
    }
}
