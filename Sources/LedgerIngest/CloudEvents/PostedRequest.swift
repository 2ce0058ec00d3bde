/// What somebody posts to be recorded, as it came over HTTP. The size of the body was bounded by
/// whoever read it.
public struct PostedRequest: Sendable {
    /// The field `Content-Type`; nil if there is none.
    public var contentType: String?
    /// All fields in order; names may be in any case.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    public init(
        contentType: String?, headers: [(name: String, value: String)] = [], body: [UInt8]
    ) {
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }
}
