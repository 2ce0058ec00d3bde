/// One token of a script: what it is, and where its bytes are.
public struct SQLToken: Sendable, Equatable {
    public enum Kind: Sendable {
        /// A keyword, a name, a variable, a number.
        case word
        /// A name in `"…"`, `` `…` `` or `[…]`.
        case quotedName
        /// `'…'`, `E'…'` and the like, `$tag$…$tag$`.
        case string
        /// One of `( ) [ ] , .`, or a run of operators.
        case symbol
        /// Ends a statement: `;`, `GO` on a line of its own, what `DELIMITER` made of it.
        case terminator
        /// What is for the client or is no SQL: a line of `psql` that begins with a backslash, one
        /// of `mysql` that begins with `DELIMITER` or `#`, the rows after `COPY … FROM stdin`.
        case client
    }

    public let kind: Kind
    /// Bytes of the script.
    public let range: Range<Int>
}
